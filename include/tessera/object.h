/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * object: AIE object files. Relocatable objects and core programs (ELF32, little endian), and the
 * `ar` archives that hold objects. docs/object.md says what is kept and what is refused.
 *
 * The model has what a program means: sections, symbols, relocations, segments. The tables that an
 * ELF file needs to say so (symbol and string tables, relocation and group sections) are taken
 * apart by reading and made anew by writing. Two laws hold: reading what was written gives the same
 * model, and writing that gives the same bytes.
 */
#ifndef TESSERA_OBJECT_H
#define TESSERA_OBJECT_H

#include "tessera/aie2.h"
#include "tessera/base.h"

/* ---- numbers of the format ------------------------------------------------------------------- */

/* The spelling is that of the ELF specification, behind "TS_".
 * src: gABI: chapter 4, "ELF Header" to "Relocation" [documented] */
enum {
    /* src: llvm-aie: llvm/include/llvm/BinaryFormat/ELF.h, EM_AIE, EF_AIE_AIE2 [code] */
    TS_EM_AIE = 0x108,
    TS_EF_AIE_AIE1 = 1,
    TS_EF_AIE_AIE2 = 2,
    TS_ET_REL = 1,
    TS_ET_EXEC = 2,
};

/* X(constant, value): section types. */
#define TS_SHT_LIST(X)                                                                             \
    X(NULL, 0)                                                                                     \
    X(PROGBITS, 1)                                                                                 \
    X(SYMTAB, 2)                                                                                   \
    X(STRTAB, 3)                                                                                   \
    X(RELA, 4)                                                                                     \
    X(HASH, 5)                                                                                     \
    X(DYNAMIC, 6)                                                                                  \
    X(NOTE, 7)                                                                                     \
    X(NOBITS, 8)                                                                                   \
    X(REL, 9)                                                                                      \
    X(DYNSYM, 11)                                                                                  \
    X(INIT_ARRAY, 14)                                                                              \
    X(FINI_ARRAY, 15)                                                                              \
    X(PREINIT_ARRAY, 16)                                                                           \
    X(GROUP, 17)                                                                                   \
    X(SYMTAB_SHNDX, 18)

enum {
#define X(constant, value) TS_SHT_##constant = (value),
    TS_SHT_LIST(X)
#undef X
    /* Section flags. */
    TS_SHF_WRITE = 0x1,
    TS_SHF_ALLOC = 0x2,
    TS_SHF_EXECINSTR = 0x4,
    TS_SHF_MERGE = 0x10,
    TS_SHF_STRINGS = 0x20,
    TS_SHF_INFO_LINK = 0x40,
    TS_SHF_LINK_ORDER = 0x80,
    TS_SHF_GROUP = 0x200,
    /* Section groups. */
    TS_GRP_COMDAT = 1,
    /* Symbol bindings ... */
    TS_STB_LOCAL = 0,
    TS_STB_GLOBAL = 1,
    TS_STB_WEAK = 2,
    TS_STB_GNU_UNIQUE = 10,
    /* ... and types. */
    TS_STT_NOTYPE = 0,
    TS_STT_OBJECT = 1,
    TS_STT_FUNC = 2,
    TS_STT_SECTION = 3,
    TS_STT_FILE = 4,
    TS_STT_COMMON = 5,
    TS_STT_TLS = 6,
    TS_STT_GNU_IFUNC = 10,
    /* The low two bits of `other`. */
    TS_STV_DEFAULT = 0,
    TS_STV_INTERNAL = 1,
    TS_STV_HIDDEN = 2,
    TS_STV_PROTECTED = 3,
    /* Segment types and flags. */
    TS_PT_NULL = 0,
    TS_PT_LOAD = 1,
    TS_PT_GNU_STACK = 0x6474e551,
    TS_PF_X = 1,
    TS_PF_W = 2,
    TS_PF_R = 4,
};

/* A section flag that no int can be. */
#define TS_SHF_EXCLUDE 0x80000000u

/* Ceilings. Those on sections and symbols are the format's own: numbers from 0xff00 mean something
 * else where a section is told, and a relocation has 24 bits for its symbol. */
enum {
    TS_OBJECT_MAX_SECTIONS = 0xfeff,
    TS_OBJECT_MAX_SYMBOLS = 1 << 24,
    TS_OBJECT_MAX_SEGMENTS = 64,
    TS_OBJECT_MAX_NAME_BYTES = 0xffff,
    TS_OBJECT_MAX_NAMES_BYTES = 1 << 26, /* of all names together */
    TS_ARCHIVE_MAX_MEMBERS = 0x10000,
    TS_ARCHIVE_MAX_NAME_BYTES = 1024,
    /* The relocation types of AIE2 are R_AIE_0 to this one.
     * src: llvm-aie: lld/ELF/Arch/AIE.cpp, relocateAIE2 [code] */
    TS_OBJECT_LAST_AIE2_RELOC = 53,
};

/* ---- the model ------------------------------------------------------------------------------- */

/* Entry 0 of sections, symbols and groups is reserved and all zeros, so that 0 can mean "none". */

typedef struct ts_object_reloc {
    uint32_t offset; /* of the place: in its section; in a program, its address */
    uint32_t symbol; /* in ts_object.symbols; 0: none */
    uint8_t type;    /* R_AIE_... */
    bool in_place;   /* of a REL section: the addend is what the place holds, and `addend` is 0 */
    int32_t addend;
} ts_object_reloc;

/* As ts_object_section.link: the symbol table, which is no section of the model. */
#define TS_OBJECT_LINK_SYMBOLS UINT32_MAX

typedef struct ts_object_section {
    const char *name;
    uint32_t type, flags; /* TS_SHT_..., TS_SHF_... */
    uint32_t addr;
    uint32_t align; /* 0 or a power of 2 */
    uint32_t entry_size;
    ts_span bytes;        /* not of a NOBITS section */
    uint32_t nobits_size; /* of a NOBITS section only */
    uint32_t link;        /* a section, or TS_OBJECT_LINK_SYMBOLS */
    uint32_t info;        /* with TS_SHF_INFO_LINK a section, else a number */
    uint32_t group;       /* in ts_object.groups */
    bool in_segment;      /* its bytes are those of the segment at its address, see there */
    uint32_t offset;      /* where the file had it */
    ts_object_reloc *relocs;
    size_t n_relocs, reloc_capacity;
} ts_object_section;

typedef enum ts_object_place {
    TS_OBJECT_UNDEFINED,
    TS_OBJECT_DEFINED, /* in `section` */
    TS_OBJECT_ABSOLUTE,
    TS_OBJECT_COMMON, /* `value` is the alignment */
} ts_object_place;

typedef struct ts_object_symbol {
    const char *name;
    ts_object_place place;
    uint32_t section; /* of a defined one */
    uint32_t value;   /* offset in the section; in a program, the address */
    uint32_t size;
    uint8_t binding, type, other; /* TS_STB_..., TS_STT_..., TS_STV_... and more */
} ts_object_symbol;

typedef struct ts_object_group {
    uint32_t symbol; /* the signature: of COMDAT groups with the same one, one is kept */
    uint32_t flags;  /* TS_GRP_... */
} ts_object_group;

/* What is loaded. A section with `in_segment` lies in the first TS_PT_LOAD segment whose bytes
 * cover its addresses; writing puts its bytes there. */
typedef struct ts_object_segment {
    uint32_t type, flags; /* TS_PT_..., TS_PF_... */
    uint32_t vaddr, paddr;
    uint32_t file_size; /* bytes in the file, at most mem_size; zeros follow in memory */
    uint32_t mem_size;
    uint32_t align;  /* 0 or a power of 2 */
    ts_span bytes;   /* file_size bytes; or none, for zeros outside of the sections */
    uint32_t offset; /* where the file had it */
} ts_object_segment;

typedef struct ts_object {
    const char *file; /* as errors name it: "kernel.o", "lib.a(kernel.o)" */
    uint16_t type;    /* TS_ET_REL or TS_ET_EXEC */
    uint8_t os_abi, abi_version;
    uint32_t flags; /* TS_EF_AIE_... */
    uint32_t entry;
    ts_object_section *sections;
    size_t n_sections, section_capacity;
    ts_object_symbol *symbols; /* of a file that was read: the local ones first */
    size_t n_symbols, symbol_capacity;
    ts_object_group *groups;
    size_t n_groups, group_capacity;
    ts_object_segment *segments;
    size_t n_segments, segment_capacity;
} ts_object;

/* ---- reading --------------------------------------------------------------------------------- */

/* Whether `bytes` begin as an ELF file does. */
bool ts_object_is_elf(ts_span bytes);
/* Read one ELF file; names and contents are borrowed from `bytes`. Sections that share bytes of the
 * file, numbers of sections or symbols that do not exist, names outside of their table and the like
 * are errors; relocation types and symbol values are not looked into.
 * Errors: SYNTAX (not an ELF file), UNSUPPORTED (not one for AIE, or of another kind), TRUNCATED,
 * RANGE, NOMEM. */
TS_NODISCARD ts_status ts_object_read(ts_arena *arena, ts_span bytes, const char *file,
                                      ts_object *out, ts_diag *diag);
/* Every object of a file: the file itself, or the members of an archive in their order. What the
 * file is, is told from its bytes. Errors: as ts_object_read() and ts_archive_read(). */
TS_NODISCARD ts_status ts_object_read_all(ts_arena *arena, ts_span bytes, const char *file,
                                          ts_object **out, size_t *n_out, ts_diag *diag);

/* ---- making and writing ---------------------------------------------------------------------- */

/* An empty relocatable object for AIE2, with the reserved entries. Errors: NOMEM. */
TS_NODISCARD ts_status ts_object_init(ts_arena *arena, ts_object *out, ts_diag *diag);
/* Append a copy; `arena` is that of the object. The number of the new entry; 0: NOMEM. */
uint32_t ts_object_add_section(ts_arena *arena, ts_object *object, ts_object_section section);
uint32_t ts_object_add_symbol(ts_arena *arena, ts_object *object, ts_object_symbol symbol);
uint32_t ts_object_add_group(ts_arena *arena, ts_object *object, ts_object_group group);
/* False: NOMEM. */
bool ts_object_add_segment(ts_arena *arena, ts_object *object, ts_object_segment segment);
bool ts_object_add_reloc(ts_arena *arena, ts_object_section *section, ts_object_reloc reloc);

/* Append the file: headers, segments, sections each followed by its relocations, then symbols and
 * strings. Local symbols come first, in their order, and what refers to symbols follows; `offset`
 * of sections and segments is not looked at. The same model gives the same bytes.
 * Errors: RANGE, CONFLICT (the model contradicts itself; the message names what), NOMEM. */
TS_NODISCARD ts_status ts_object_write(const ts_object *object, ts_buf *out, ts_diag *diag);

/* The relocatable object of what the assembler made; it borrows names and bytes. Errors: MISSING
 * (the section that one is about), NOMEM. */
TS_NODISCARD ts_status ts_object_from_assembly(ts_arena *arena, const ts_aie2_assembly *assembly,
                                               ts_object *out, ts_diag *diag);

/* ---- looking into one ------------------------------------------------------------------------ */

/* Bytes of a section in memory, NOBITS or not. */
uint32_t ts_object_section_size(const ts_object_section *section);
/* The number of the first section of that name; 0: there is none. */
uint32_t ts_object_find_section(const ts_object *object, const char *name);
/* The number of the symbol of that name; 0: there is none. One that is not local is preferred, and
 * one that is defined. */
uint32_t ts_object_find_symbol(const ts_object *object, const char *name);
/* The symbols defined in a section, by value and then in the object's order, as numbers: for labels
 * in a listing. Those that name a section or source file, or nothing, are left out. Errors: NOMEM.
 */
TS_NODISCARD ts_status ts_object_section_symbols(ts_arena *arena, const ts_object *object,
                                                 uint32_t section, uint32_t **out, size_t *n_out,
                                                 ts_diag *diag);
/* The bytes of a program at an address, from the first TS_PT_LOAD segment that has all of them in
 * the file; false when there is none. */
bool ts_object_bytes_at(const ts_object *object, uint32_t vaddr, uint32_t size, ts_span *out);

/* "PROGBITS"; NULL for a type that is not in the list. */
const char *ts_object_section_type_name(uint32_t type);
/* "R_AIE_12". Types are numbers, and have no other names.
 * src: llvm-aie: llvm/include/llvm/BinaryFormat/ELFRelocs/AIE.def [code] */
void ts_object_reloc_name(uint8_t type, char out[12]);

/* ---- relocations ----------------------------------------------------------------------------- */

/* The values that relocation `type` can put in place, both included. False: AIE2 has no such type.
 * A field narrower than an address holds what lld accepts and the instruction reads back unchanged.
 * src: llvm-aie: lld/ELF/Arch/AIE2_rela.inc and AIE.cpp, relocateAIE2 [code] */
bool ts_object_reloc_range(uint8_t type, int64_t *min, int64_t *max);

/* ---- the depth of the stack ------------------------------------------------------------------ */

/* X(constant, value, text): why a depth is only a lower bound. */
#define TS_STACK_OPEN_LIST(X)                                                                      \
    X(RECURSION, 1, "recursion")                                                                   \
    X(INDIRECT, 2, "call through a pointer")                                                       \
    X(VARIABLE, 4, "stack pointer moved by an unknown amount")                                     \
    X(ABSENT, 8, "call of a function that is not here")                                            \
    X(UNREADABLE, 16, "bytes that are no code")                                                    \
    X(UNBALANCED, 32, "stack pointer differs by path, or behind the call")                         \
    X(FLOW, 64, "jump that is not followed")

enum {
#define X(constant, value, text) TS_STACK_##constant = (value),
    TS_STACK_OPEN_LIST(X)
#undef X
};

typedef struct ts_stack_function {
    const char *name; /* "0x2c0" where nothing names it */
    const char *file; /* the object it is in, or NULL */
    uint32_t address; /* in an object, its place in the section */
    uint32_t size;    /* bytes of code; 0: not told */
    uint32_t frame;   /* bytes of its own, from the code or from .stack_sizes: the larger */
    bool is_stated;   /* .stack_sizes has it */
    uint32_t stated;
    uint32_t found;        /* by the code */
    uint32_t depth;        /* with whatever it calls */
    uint32_t callee;       /* the one that makes it so deep; 0: none */
    uint32_t at_call;      /* bytes of its own when that one is called; 0 for a jump at its end */
    uint8_t open;          /* TS_STACK_..., of itself */
    uint8_t open_below;    /* ... and of what it calls */
    uint32_t open_at;      /* where the first such thing is, as `address` counts */
    const char *open_name; /* the function that is called there, or NULL */
    bool is_called;
    bool is_reached; /* from the root; of objects, all are */
} ts_stack_function;

/* Functions from 1 on; 0 is none. */
typedef struct ts_stack {
    ts_stack_function *functions;
    size_t n_functions;
    uint32_t root;  /* where the deepest chain begins: a program's entry */
    uint32_t depth; /* of the root, in bytes */
    uint8_t open;   /* TS_STACK_..., of all that is reached: 0 when `depth` is a proven bound */
    bool has_start; /* the program itself sets the stack pointer */
    uint32_t start; /* to this address */
} ts_stack;

/* How deep the stack gets. A frame is what a function adds to its stack pointer, which grows up;
 * the call graph is read from the code, every path of it, with relocations where there are.
 * `objects` is one program, or relocatable objects that are taken together. Errors: CONFLICT,
 * RANGE, NOMEM. */
TS_NODISCARD ts_status ts_stack_of_objects(ts_arena *arena, const ts_object *objects, size_t n,
                                           ts_stack *out, ts_diag *diag);
/* The same of bare program memory: `bytes` from address 0, where it is entered. */
TS_NODISCARD ts_status ts_stack_of_memory(ts_arena *arena, ts_span bytes, ts_stack *out,
                                          ts_diag *diag);
/* The words for one TS_STACK_... of `open`, the lowest; NULL when there is none. */
const char *ts_stack_open_text(uint8_t open);
/* Whether .stack_sizes states another frame than the code shows: then one of both is of other code,
 * or the code does what its compiler did not count. */
bool ts_stack_disagrees(const ts_stack_function *function);
/* "__start > _main_init > core_0_2 (64) > softmax (2656)": the deepest chain from `function`. */
void ts_stack_chain(const ts_stack *stack, uint32_t function, ts_buf *out);

/* Something with a place in data memory. */
typedef struct ts_stack_neighbor {
    const char *name;
    uint32_t addr, size;
} ts_stack_neighbor;

/* What a stack that is too small reaches into. */
typedef struct ts_stack_fit {
    bool is_known;        /* `given` is */
    uint32_t addr, given; /* the stack's place */
    const char *next;     /* what begins behind it; NULL: not told, or the memory ends */
    uint32_t needed;
    ts_stack_neighbor *hit; /* by address; `size` is the number of bytes overwritten */
    size_t n_hit;
} ts_stack_fit;

/* What a stack that begins at `addr` reaches into, of the `n` neighbors, which are put in order.
 * `given`: its room, less where a neighbor lies in it; 0: up to the first neighbor, or the end of
 * the tile's memory. Errors: NOMEM.
 */
TS_NODISCARD ts_status ts_stack_fit_neighbors(ts_arena *arena, ts_stack_neighbor *list, size_t n,
                                              uint32_t addr, uint32_t given, uint32_t needed,
                                              ts_stack_fit *out, ts_diag *diag);
/* Whether the stack of a program fits between where it begins and the next symbol or section above,
 * as far as the program's symbols tell; at the latest, the memory ends. Errors: NOMEM. */
TS_NODISCARD ts_status ts_stack_fit_program(ts_arena *arena, const ts_object *program,
                                            const ts_stack *stack, ts_stack_fit *out,
                                            ts_diag *diag);

/* ---- linking --------------------------------------------------------------------------------- */

typedef struct ts_link_file {
    const char *name; /* as errors name it */
    ts_span bytes;
} ts_link_file;

/* Gives the file that a script names with INPUT(). */
typedef ts_status ts_link_find(void *context, const char *name, ts_link_file *out, ts_diag *diag);

typedef struct ts_link_buffer {
    const char *name;
    uint32_t addr, size;
} ts_link_buffer;

/* Where things go when there is no script: as mlir-aie's scripts have it. */
typedef struct ts_link_placement {
    const char *main; /* the function of the core: "core_0_2" */
    uint32_t stack_addr, stack_size;
    uint32_t data_addr, data_size; /* for sections with data */
    const ts_link_buffer *buffers;
    size_t n_buffers;
    const char *const *inputs; /* for INPUT() */
    size_t n_inputs;
    bool no_south, no_west, no_north; /* no tile with memory is there */
} ts_link_placement;

typedef struct ts_link_options {
    const char *output; /* the program, as errors name it */
    const ts_link_file *files;
    size_t n_files;
    const ts_link_file *script;         /* a linker script; NULL: go by `placement` */
    size_t script_after;                /* the script's files come behind so many of `files` */
    const ts_link_placement *placement; /* NULL, without a script too: all of data memory */
    ts_link_find *find;                 /* NULL: a script must not have INPUT() */
    void *find_context;
    const char *entry;         /* NULL: the script's, or __start */
    const char *const *needed; /* symbols to keep, and to get from archives */
    size_t n_needed;
    bool keep_unused;          /* sections that nothing refers to */
    bool no_runtime;           /* without Tessera's own start-up code and helpers */
    bool allow_stack_overflow; /* a stack that does not fit is a warning */
} ts_link_options;

/* A piece of a memory: an input section, common symbol or buffer. */
typedef struct ts_link_use {
    const char *memory; /* "program", "data" */
    const char *section;
    const char *name; /* the input section, or the symbol */
    const char *file;
    uint32_t addr, size;
} ts_link_use;

typedef struct ts_link_memory {
    const char *name;
    uint32_t addr, size, used;
} ts_link_memory;

typedef struct ts_link_result {
    ts_object program;
    ts_link_memory *memories;
    size_t n_memories;
    ts_link_use *uses; /* the largest first */
    size_t n_uses;
    const char **warnings;
    size_t n_warnings, warning_capacity;
    ts_stack stack;
    ts_stack_fit fit;
    bool has_stack; /* the two above are filled */
} ts_link_result;

/* Link a core program. `out` tells as much as is known also when linking fails: `uses` when a
 * memory is full, `stack` and `fit` when the stack does not fit. `program` borrows from the files.
 * Errors: those of reading; SYNTAX, UNSUPPORTED (scripts); MISSING (undefined symbols, files),
 * CONFLICT (defined twice, sections that overlap), RANGE (a relocation's value, a memory, the
 * stack), NOMEM. */
TS_NODISCARD ts_status ts_link(ts_arena *arena, const ts_link_options *options, ts_link_result *out,
                               ts_diag *diag);
/* Whether a placement can be: the stack and the room for data in the tile's own memory, each buffer
 * with a name of its own in one memory that is there. That they do not overlap is seen by
 * ts_link(), which checks this too. Errors: RANGE, CONFLICT. */
TS_NODISCARD ts_status ts_link_check_placement(const ts_link_placement *placement, ts_diag *diag);
/* The linker script for a placement. src: Xilinx/mlir-aie: lib/Targets/AIETargetLdScript.cpp [code]
 */
void ts_link_write_script(const ts_link_placement *placement, ts_buf *out);

enum {
    /* How deep parentheses of a script may nest, and how many operators one expression may have:
     * what reads and evaluates it is recursive in both. */
    TS_LINK_MAX_SCRIPT_DEPTH = 64,
    TS_LINK_MAX_SCRIPT_OPERATORS = 1000,
    TS_LINK_MAX_REGIONS = 256,  /* of one MEMORY command */
    TS_LINK_MAX_BUFFERS = 4096, /* of a placement */
};

/* ---- archives -------------------------------------------------------------------------------- */

typedef struct ts_archive_member {
    const char *name;
    ts_span bytes;
    uint64_t offset; /* of its header */
} ts_archive_member;

typedef struct ts_archive {
    ts_archive_member *members; /* without symbol index and table of long names */
    size_t n_members, member_capacity;
} ts_archive;

/* Whether `bytes` begin as an archive does, whatever the file is called. */
bool ts_archive_is(ts_span bytes);
/* Read an archive in the GNU, System V or BSD form; it borrows `bytes`.
 * Errors: SYNTAX, TRUNCATED, RANGE, UNSUPPORTED (a thin archive), NOMEM. */
TS_NODISCARD ts_status ts_archive_read(ts_arena *arena, ts_span bytes, const char *file,
                                       ts_archive *out, ts_diag *diag);

#endif
