/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Assembly of a function whose registers are given. Each block is a scheduled region, so here the
 * instructions just stand one behind the other.
 *
 * r28 to r30, p5, x10 and x11 are for operands that lie in the frame, r31 for sums, r27 for sel, m0
 * to m7 and dj0 to dj7 in turn for offsets.
 */
#include "code_int.h"

#include <inttypes.h>
#include <string.h>

enum {
    FRAME_ALIGN = 32,
    MAX_REGION_OPS = 2000,
    SCRATCH = 28,
    SCRATCH_OF_RESULT = 30,
    SCRATCH_OF_SUM = 31,
    SCRATCH_POINTER = CODE_P0 + 5,
    SCRATCH_VECTOR = CODE_X0 + 10, /* and the next */
    N_SAVED = 10,
    /* A place: a register, or a word of the frame, or one of arguments, or what is neither, or what
     * is no place. */
    IN_FRAME = 64,
    IN_OUTGOING = 1 << 20, /* numbers of such words count from there */
    IN_INCOMING = 1 << 21,
    NOWHERE = -1,
    CONSTANT = 1 << 29,
    SLOT_GROUP = 255, /* memory that only this file knows */
};

/* src: llvm-aie: llvm/lib/Target/AIE/AIE2CallingConv.td, CSR_AIE2 [code] */
static const uint8_t saved[N_SAVED] = {16, 17, 18, 19, 20, 21, 22, 23, 38, 39};

typedef struct emitter {
    coder *k;
    code_function *f;
    ts_buf *out;
    uint32_t n_ops; /* of the region that is open; 0: none is */
    uint32_t turn;  /* of the offset registers */
    uint8_t group;  /* of memory, that the region has been told last */
    uint32_t lr_slot, saved_slot;
    size_t region_at; /* where the text of the region begins */
    bool has_streams, has_locks;
} emitter;

/* ---- text ------------------------------------------------------------------------------------ */

static bool is_plain(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return *name && (*name < '0' || *name > '9') && strspn(name, letters) == strlen(name);
}

static void put_name(ts_buf *out, const char *name) {
    if (is_plain(name)) {
        ts_buf_text(out, name);
        return;
    }
    ts_buf_u8(out, '"');
    for (const char *p = name; *p; p++) {
        if (*p == '"' || *p == '\\') ts_buf_u8(out, '\\');
        ts_buf_u8(out, (uint8_t)*p);
    }
    ts_buf_u8(out, '"');
}

static void begin_region(emitter *e) {
    ts_buf_text(e->out, "        .schedule");
    e->region_at = e->out->size;
    ts_buf_u8(e->out, '\n');
    e->has_locks = false;
}

/* Behind a lock, a stream would have to wait for longer than what there is: see
 * docs/scheduling.md. */
static void say_no_streams(emitter *e) {
    static const char word[] = " no_streams";
    const size_t length = sizeof word - 1, at = e->region_at;
    ts_buf_text(e->out, word);
    if (e->out->failed) return;
    memmove(e->out->data + at + length, e->out->data + at, e->out->size - length - at);
    memcpy(e->out->data + at, word, length);
}

/* What follows is of this function. */
static void end_region(emitter *e) {
    if (e->n_ops && e->has_locks && !e->has_streams) say_no_streams(e);
    if (e->n_ops) ts_buf_text(e->out, "        .endschedule\n");
    e->n_ops = 0;
}

/* What follows is another function's. */
static void leave_region(emitter *e) {
    e->has_locks = false;
    end_region(e);
}

/* An instruction of a region. */
static void line(emitter *e, const char *format, ...) TS_PRINTF(2, 3);
static void line(emitter *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (e->n_ops == MAX_REGION_OPS) end_region(e);
    if (!e->n_ops++) {
        begin_region(e);
        e->group = 0;
    }
    ts_buf_text(e->out, "        ");
    ts_buf_vprintf(e->out, format, args);
    ts_buf_u8(e->out, '\n');
    va_end(args);
}

typedef struct reg_name {
    char text[8];
} reg_name;

static reg_name name_of(uint32_t reg) {
    reg_name name;
    unsigned number = reg < CODE_P0 ? reg : reg < CODE_X0 ? reg - CODE_P0 : reg - CODE_X0;
    size_t n = 0;
    name.text[n++] = reg < CODE_P0 ? 'r' : reg < CODE_X0 ? 'p' : 'x';
    if (number >= 10) name.text[n++] = (char)('0' + number / 10);
    name.text[n++] = (char)('0' + number % 10);
    name.text[n] = 0;
    return name;
}

#define NAME(reg) (name_of(reg).text)

/* ---- places ---------------------------------------------------------------------------------- */

static int32_t frame_offset(const emitter *e, uint32_t slot) {
    if (slot >= CODE_IN_ROOM) return 4 * (int32_t)(slot - CODE_IN_ROOM) - (int32_t)e->f->frame;
    if (slot >= IN_INCOMING) return -4 * (int32_t)(slot - IN_INCOMING + 1) - (int32_t)e->f->frame;
    if (slot >= IN_OUTGOING) return -4 * (int32_t)(slot - IN_OUTGOING + 1);
    return (int32_t)(e->f->room + 4 * slot) - (int32_t)e->f->frame;
}

static int32_t place_of(const emitter *e, code_operand o) {
    if (o.kind == CODE_FIXED) return (int32_t)o.reg;
    if (o.kind == CODE_OUTGOING) return IN_FRAME + IN_OUTGOING + o.value;
    if (o.kind == CODE_INCOMING) return IN_FRAME + IN_INCOMING + o.value;
    if (code_is_constant(&o)) return CONSTANT;
    if (o.kind != CODE_VIRTUAL) return NOWHERE;
    const code_virtual *v = &e->f->virtuals[o.reg];
    if (v->fixed >= 0) return v->fixed;
    return v->constant.kind == CODE_NONE ? IN_FRAME + (int32_t)v->slot : CONSTANT;
}

/* What an operand is whose place is CONSTANT. */
static code_operand constant_of(const emitter *e, code_operand o) {
    return o.kind == CODE_VIRTUAL ? e->f->virtuals[o.reg].constant : o;
}

/* The memory that the next instruction touches. */
static void tell_group(emitter *e, uint8_t group) {
    if (e->n_ops == MAX_REGION_OPS) end_region(e);
    if (!e->n_ops) e->group = 0;
    if (e->group == group) return;
    if (!e->n_ops++) begin_region(e);
    ts_buf_printf(e->out, "        .noalias %u\n", (unsigned)group);
    e->group = group;
}

/* A half of a vector: "wl3", "wh3". */
static reg_name half_of(uint32_t reg, unsigned half) {
    reg_name whole = name_of(reg), name = {{'w', half ? 'h' : 'l'}};
    memcpy(name.text + 2, whole.text + 1, 3);
    return name;
}

static void load_slot(emitter *e, uint32_t reg, uint32_t slot) {
    tell_group(e, SLOT_GROUP);
    for (unsigned i = 0; i < 2 && reg >= CODE_X0; i++)
        line(e, "vlda %s, [sp, #%" PRId32 "]", half_of(reg, i).text,
             frame_offset(e, slot) + 32 * (int32_t)i);
    if (reg >= CODE_X0) return;
    line(e, "lda %s, [sp, #%" PRId32 "]", NAME(reg), frame_offset(e, slot));
}

static void store_slot(emitter *e, uint32_t reg, uint32_t slot) {
    tell_group(e, SLOT_GROUP);
    for (unsigned i = 0; i < 2 && reg >= CODE_X0; i++)
        line(e, "vst %s, [sp, #%" PRId32 "]", half_of(reg, i).text,
             frame_offset(e, slot) + 32 * (int32_t)i);
    if (reg >= CODE_X0) return;
    line(e, "st %s, [sp, #%" PRId32 "]", NAME(reg), frame_offset(e, slot));
}

/* The register for an operand that lies in the frame; `index`: which of them. */
static uint32_t scratch(const emitter *e, code_operand o, unsigned index) {
    code_class class = o.kind == CODE_VIRTUAL ? e->f->virtuals[o.reg].class : CODE_GENERAL;
    return class == CODE_POINTER  ? SCRATCH_POINTER
           : class == CODE_VECTOR ? SCRATCH_VECTOR + index % 2
                                  : SCRATCH + index;
}

static void set_constant(emitter *e, uint32_t to, code_operand from);

/* The register that an operand is in, or is brought to. */
static uint32_t read(emitter *e, code_operand o, unsigned index) {
    int32_t place = place_of(e, o);
    if (place < IN_FRAME) return (uint32_t)place;
    uint32_t reg = scratch(e, o, index);
    if (place == CONSTANT)
        set_constant(e, reg, constant_of(e, o));
    else
        load_slot(e, reg, (uint32_t)place - IN_FRAME);
    return reg;
}

/* The register that a result is put into; store_result() brings it to its place. */
static uint32_t result(const emitter *e, code_operand o) {
    int32_t place = place_of(e, o);
    if (place < IN_FRAME) return (uint32_t)place;
    return scratch(e, o, SCRATCH_OF_RESULT - SCRATCH);
}

static void store_result(emitter *e, code_operand o, uint32_t reg) {
    int32_t place = place_of(e, o);
    if (place >= IN_FRAME && place != CONSTANT) store_slot(e, reg, (uint32_t)place - IN_FRAME);
}

static void move(emitter *e, uint32_t to, uint32_t from) {
    reg_name a = name_of(to), b = name_of(from);
    if (to != from) line(e, "%s %s, %s", to >= CODE_X0 ? "vmov" : "mov", a.text, b.text);
}

static void set_register(emitter *e, const char *reg, int32_t value) {
    bool is_short = value >= -1024 && value <= 1023;
    line(e, "%s %s, #%" PRId32, is_short ? "mova" : "movxm", reg, value);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static uint32_t next_turn(emitter *e) {
    return e->turn++ % 8;
}

static void add_to_pointer(emitter *e, uint32_t pointer, int32_t value) {
    char offset[4] = {'m', (char)('0' + next_turn(e) % 7), 0}; /* m7: see MODIFIER */
    if (!value) return;
    if (value % 4 == 0 && value >= -2048 && value <= 2044) {
        /* where there is a choice, not where loads are made */
        const char *how = value >= -1024 && value <= 1020 ? "paddb" : "padda";
        line(e, "%s [%s], #%" PRId32, how, NAME(pointer), value);
        return;
    }
    set_register(e, offset, value);
    line(e, "padda [%s], %s", NAME(pointer), offset);
}

/* "[p0, dj3]", with what goes before it. */
static void put_address(emitter *e, const code_inst *inst, ts_buf *out) {
    reg_name base = name_of(read(e, inst->from[0], 0));
    if (inst->step) {
        tell_group(e, inst->group);
        ts_buf_printf(out, "[%s], #%" PRId32, base.text, inst->step);
        return;
    }
    uint32_t turn = next_turn(e);
    char offset[5] = {'d', 'j', (char)('0' + turn), 0};
    if (inst->from[1].kind == CODE_NONE) {
        bool is_short =
            inst->bits == 32 && inst->value % 4 == 0 && inst->value >= -128 && inst->value <= 124;
        if (is_short || !inst->value) {
            tell_group(e, inst->group);
            ts_buf_printf(out, "[%s, #%" PRId32 "]", base.text, inst->value);
            return;
        }
        set_register(e, offset, inst->value);
    } else {
        reg_name index = name_of(read(e, inst->from[1], 1)), sum = name_of(SCRATCH_OF_SUM);
        if (inst->value >= -32 && inst->value <= 31 && inst->value) {
            line(e, "add.nc %s, %s, #%" PRId32, offset, index.text, inst->value);
        } else {
            if (inst->value) {
                set_register(e, sum.text, inst->value);
                line(e, "add %s, %s, %s", sum.text, sum.text, index.text);
                index = sum;
            }
            line(e, "mov %s, %s", offset, index.text);
        }
    }
    tell_group(e, inst->group);
    ts_buf_printf(out, "[%s, %s]", base.text, offset);
}

/* A pointer in the frame that has moved. */
static void store_step(emitter *e, const code_inst *inst) {
    if (inst->step) store_result(e, inst->from[0], SCRATCH_POINTER);
}

static ts_status emit_load(emitter *e, const code_inst *inst) {
    ts_buf address = ts_buf_in(e->k->c.arena);
    uint32_t to = result(e, inst->to);
    put_address(e, inst, &address);
    ts_buf_u8(&address, 0);
    if (address.failed) return ts_fail_nomem(e->k->c.diag);
    const char *form = inst->bits == 32  ? "lda"
                       : inst->bits == 8 ? inst->is_signed ? "lda.s8" : "lda.u8"
                       : inst->is_signed ? "lda.s16"
                                         : "lda.u16";
    tell_group(e, inst->group);
    line(e, "%s %s, %s", form, NAME(to), (const char *)address.data);
    store_step(e, inst);
    store_result(e, inst->to, to);
    return TS_OK;
}

static ts_status emit_store(emitter *e, const code_inst *inst) {
    ts_buf address = ts_buf_in(e->k->c.arena);
    put_address(e, inst, &address);
    ts_buf_u8(&address, 0);
    if (address.failed) return ts_fail_nomem(e->k->c.diag);
    uint32_t from = read(e, inst->from[2], 2);
    const char *form = inst->bits == 32 ? "st" : inst->bits == 8 ? "st.s8" : "st.s16";
    tell_group(e, inst->group);
    line(e, "%s %s, %s", form, NAME(from), (const char *)address.data);
    store_step(e, inst);
    return TS_OK;
}

static void emit_move_pointer(emitter *e, const code_inst *inst) {
    uint32_t to = result(e, inst->to);
    char offset[4] = {'m', (char)('0' + next_turn(e) % 7), 0};
    move(e, to, read(e, inst->from[0], 0));
    if (inst->from[1].kind != CODE_NONE) {
        line(e, "mov %s, %s", offset, NAME(read(e, inst->from[1], 1)));
        line(e, "padda [%s], %s", NAME(to), offset);
    }
    add_to_pointer(e, to, inst->value);
    store_result(e, inst->to, to);
}

/* Of two halves: [pointer, #n] reaches both, or the scratch pointer gets there. */
static void emit_vector(emitter *e, const code_inst *inst) {
    bool is_load = inst->op == CODE_VECTOR_LOAD;
    uint32_t pointer = read(e, inst->from[0], 0);
    int32_t at = inst->value;
    if (inst->from[1].kind != CODE_NONE || at < -1024 || at > 960) {
        code_inst sum = *inst;
        sum.to = code_fixed_operand(SCRATCH_POINTER);
        emit_move_pointer(e, &sum);
        pointer = SCRATCH_POINTER;
        at = 0;
    }
    uint32_t reg = is_load ? result(e, inst->to) : read(e, inst->from[2], 0);
    tell_group(e, inst->group);
    for (unsigned i = 0; i < 2; i++)
        line(e, "%s %s, [%s, #%" PRId32 "]", is_load ? "vlda" : "vst", half_of(reg, i).text,
             NAME(pointer), at + 32 * (int32_t)i);
    if (is_load) store_result(e, inst->to, reg);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void set_symbol(emitter *e, uint32_t to, code_operand from) {
    line(e, "movxm %s, #", NAME(to));
    e->out->size -= !e->out->failed; /* the name is of any length */
    put_name(e->out, from.symbol);
    if (from.value) ts_buf_printf(e->out, " + %" PRId32, from.value);
    ts_buf_u8(e->out, '\n');
}

static void set_constant(emitter *e, uint32_t to, code_operand from) {
    if (from.kind == CODE_IMMEDIATE) set_register(e, NAME(to), from.value);
    if (from.kind == CODE_SYMBOL) set_symbol(e, to, from);
    if (from.kind != CODE_FRAME) return;
    line(e, "mov %s, sp", NAME(to));
    add_to_pointer(e, to, from.value - (int32_t)e->f->frame);
}

static void emit_set(emitter *e, const code_inst *inst) {
    uint32_t to = result(e, inst->to);
    const code_operand from = inst->from[0];
    if (place_of(e, inst->to) == CONSTANT) return; /* made where it is read */
    if (place_of(e, from) == CONSTANT)
        set_constant(e, to, constant_of(e, from));
    else
        move(e, to, read(e, from, 0));
    store_result(e, inst->to, to);
}

static void emit_select(emitter *e, const code_inst *inst) {
    uint32_t to = result(e, inst->to);
    move(e, 27, read(e, inst->from[0], 0));
    reg_name d = name_of(to), a = name_of(read(e, inst->from[1], 1));
    reg_name b = name_of(read(e, inst->from[2], 2));
    line(e, "sel.nez %s, %s, %s, r27", d.text, a.text, b.text);
    store_result(e, inst->to, to);
}

/* By the text of the op. */
static ts_status emit_plain(emitter *e, const code_inst *inst) {
    static const char *const texts[] = {
#define X(constant, text) text,
        CODE_OP_LIST(X)
#undef X
    };
    ts_buf text = ts_buf_in(e->k->c.arena);
    uint32_t to = inst->to.kind == CODE_NONE ? 0 : result(e, inst->to);
    reg_name from[3] = {{{0}}};
    for (unsigned i = 0; i < 3; i++)
        if (inst->from[i].kind != CODE_NONE) from[i] = name_of(read(e, inst->from[i], i));
    for (const char *p = inst->op == CODE_TEXT ? inst->symbol : texts[inst->op]; *p; p++) {
        if (*p != '$')
            ts_buf_u8(&text, (uint8_t)*p);
        else if (*++p == 'd')
            ts_buf_text(&text, NAME(to));
        else if (*p == 'i')
            ts_buf_printf(&text, "%" PRId32, inst->value);
        else
            ts_buf_text(&text, from[*p - '0'].text);
    }
    ts_buf_u8(&text, 0);
    if (text.failed) return ts_fail_nomem(e->k->c.diag);
    line(e, "%s", (const char *)text.data);
    e->has_locks |= inst->op == CODE_ACQUIRE || inst->op == CODE_RELEASE;
    if (inst->to.kind != CODE_NONE) store_result(e, inst->to, to);
    return TS_OK;
}

/* ---- many copies at once --------------------------------------------------------------------- */

typedef struct transfer {
    int32_t to, from; /* places; `from` may be MODIFIER or CONSTANT */
    bool is_done;
    code_operand constant;
} transfer;

enum {
    MODIFIER = 1 << 30 /* m7, where one value of a circle waits */
};

static void transfer_constant(emitter *e, const transfer *t) {
    uint32_t reg = (uint32_t)t->to;
    if (t->to >= IN_FRAME)
        reg = t->constant.kind == CODE_IMMEDIATE ? SCRATCH : (uint32_t)SCRATCH_POINTER;
    set_constant(e, reg, t->constant);
    if (t->to >= IN_FRAME) store_slot(e, reg, (uint32_t)t->to - IN_FRAME);
}

static void transfer_now(emitter *e, const transfer *t) {
    if (t->from == CONSTANT) {
        transfer_constant(e, t);
        return;
    }
    bool to_slot = t->to >= IN_FRAME, from_slot = t->from >= IN_FRAME && t->from != MODIFIER;
    bool is_vector = to_slot && t->to - IN_FRAME >= CODE_IN_ROOM;
    uint32_t reg = is_vector ? SCRATCH_VECTOR : to_slot ? SCRATCH : (uint32_t)t->to;
    if (!to_slot && !from_slot && t->from != MODIFIER) {
        move(e, reg, (uint32_t)t->from);
        return;
    }
    if (to_slot && !from_slot && t->from != MODIFIER) reg = (uint32_t)t->from;
    if (t->from == MODIFIER) line(e, "mov %s, m7", NAME(reg));
    if (from_slot) load_slot(e, reg, (uint32_t)t->from - IN_FRAME);
    if (to_slot) store_slot(e, reg, (uint32_t)t->to - IN_FRAME);
}

static bool is_needed(const transfer *list, uint32_t n, uint32_t except) {
    for (uint32_t i = 0; i < n; i++)
        if (i != except && !list[i].is_done && list[i].from == list[except].to) return true;
    return false;
}

/* A circle of general registers needs all 32 bits, and waits in r28; pointers wait in m7. */
static void break_circle(emitter *e, transfer *list, uint32_t n, uint32_t at) {
    int32_t from = list[at].from, waits = SCRATCH + 1;
    if ((from >= CODE_X0 && from < CODE_N_FIXED) || from - IN_FRAME >= CODE_IN_ROOM)
        waits = SCRATCH_VECTOR + 1;
    if (from >= CODE_P0 && from < CODE_X0) {
        line(e, "mov m7, %s", NAME((uint32_t)from));
        waits = MODIFIER;
    } else if (from >= IN_FRAME) {
        load_slot(e, (uint32_t)waits, (uint32_t)from - IN_FRAME);
    } else {
        move(e, (uint32_t)waits, (uint32_t)from);
    }
    for (uint32_t i = 0; i < n; i++)
        if (!list[i].is_done && list[i].from == from) list[i].from = waits;
}

/* Constants that go to memory come first: an address is made in SCRATCH_POINTER, which may be the
 * register of an argument. */
static uint32_t store_constants(emitter *e, transfer *list, uint32_t n) {
    uint32_t n_done = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (list[i].from != CONSTANT || list[i].to < IN_FRAME || is_needed(list, n, i)) continue;
        transfer_constant(e, &list[i]);
        list[i].is_done = true;
        n_done++;
    }
    return n_done;
}

static void transfer_all(emitter *e, transfer *list, uint32_t n) {
    for (uint32_t left = n - store_constants(e, list, n); left;) {
        uint32_t before = left, open = n;
        for (uint32_t i = 0; i < n; i++) {
            if (list[i].is_done) continue;
            open = i;
            if (is_needed(list, n, i)) continue;
            transfer_now(e, &list[i]);
            list[i].is_done = true;
            left--;
        }
        if (left == before) break_circle(e, list, n, open);
    }
}

static ts_status emit_copies(emitter *e, const code_copy *copies, uint32_t n) {
    transfer *list = TS_ARENA_ARRAY(e->k->c.arena, transfer, n);
    uint32_t n_open = 0;
    if (!list) return ts_fail_nomem(e->k->c.diag);
    for (uint32_t i = 0; i < n; i++) {
        transfer t = {.to = place_of(e, copies[i].to), .from = place_of(e, copies[i].from)};
        if (t.from == CONSTANT) t.constant = constant_of(e, copies[i].from);
        if (t.to != t.from && t.to != CONSTANT) list[n_open++] = t;
    }
    transfer_all(e, list, n_open);
    return TS_OK;
}

static ts_status emit_call(emitter *e, const code_inst *inst) {
    ts_buf name = ts_buf_in(e->k->c.arena);
    TS_TRY(emit_copies(e, inst->copies, inst->n_copies));
    put_name(&name, inst->symbol);
    ts_buf_u8(&name, 0);
    if (name.failed) return ts_fail_nomem(e->k->c.diag);
    line(e, "jl #%s", (const char *)name.data);
    leave_region(e);
    return emit_copies(e, inst->results, inst->n_results);
}

static ts_status emit_text(emitter *e, const code_inst *inst) {
    TS_TRY(emit_copies(e, inst->copies, inst->n_copies));
    TS_TRY(emit_plain(e, inst));
    return emit_copies(e, inst->results, inst->n_results);
}

static ts_status emit_inst(emitter *e, const code_inst *inst) {
    switch (inst->op) {
    case CODE_SET: emit_set(e, inst); return TS_OK;
    case CODE_COPY: return emit_copies(e, inst->copies, inst->n_copies);
    case CODE_CALL: return emit_call(e, inst);
    case CODE_LOAD: return emit_load(e, inst);
    case CODE_STORE: return emit_store(e, inst);
    case CODE_SELECT: emit_select(e, inst); return TS_OK;
    case CODE_MOVE_POINTER: emit_move_pointer(e, inst); return TS_OK;
    case CODE_VECTOR_LOAD:
    case CODE_VECTOR_STORE: emit_vector(e, inst); return TS_OK;
    case CODE_TEXT: return emit_text(e, inst);
    default: return emit_plain(e, inst);
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void jump(emitter *e, const char *how, const char *test, const code_block *to) {
    line(e, "%s %s%s#.L%" PRIu32 "_%" PRIu32, how, test, *test ? ", " : "", e->k->n_emitted,
         to->number);
    end_region(e);
}

static void leave(emitter *e, const code_block *block, const code_block *following) {
    if (block->n_next == 2) {
        reg_name test = name_of(read(e, code_virtual_operand(block->condition), 0));
        bool is_reversed = block->next[0] == following;
        jump(e, is_reversed ? "jz" : "jnz", test.text, block->next[is_reversed]);
        if (!is_reversed && block->next[1] != following) jump(e, "j", "", block->next[1]);
    } else if (block->next[0] != following) {
        jump(e, "j", "", block->next[0]);
    }
}

static ts_status emit_return(emitter *e, const code_block *block) {
    const code_function *f = e->f;
    uint32_t slot = e->saved_slot;
    TS_TRY(emit_copies(e, block->results, block->n_results));
    for (size_t i = 0; i < N_SAVED; i++)
        if (f->used >> saved[i] & 1) load_slot(e, saved[i], slot++);
    if (f->has_calls) {
        tell_group(e, SLOT_GROUP);
        line(e, "lda lr, [sp, #%" PRId32 "]", frame_offset(e, e->lr_slot));
    }
    if (f->frame) line(e, "paddb [sp], #-%" PRIu32, f->frame);
    line(e, "ret lr");
    leave_region(e);
    return TS_OK;
}

/* Whether something jumps to a block, other than by running on into it. */
static void find_targets(code_function *f) {
    for (uint32_t i = 0; i < f->n_blocks; i++) {
        const code_block *block = f->blocks[i];
        const code_block *following = i + 1 < f->n_blocks ? f->blocks[i + 1] : NULL;
        for (uint32_t j = 0; j < block->n_next; j++)
            if (block->next[j] != following) block->next[j]->is_target = true;
    }
}

static ts_status emit_block(emitter *e, const code_block *block, const code_block *following) {
    if (block->is_target)
        ts_buf_printf(e->out, "        .p2align 4\n.L%" PRIu32 "_%" PRIu32 ":\n", e->k->n_emitted,
                      block->number);
    for (uint32_t i = 0; i < block->n_insts; i++)
        TS_TRY(emit_inst(e, &block->insts[i]));
    if (block->n_next)
        leave(e, block, following);
    else
        TS_TRY(emit_return(e, block));
    end_region(e);
    return TS_OK;
}

/* ---- functions ------------------------------------------------------------------------------- */

static ts_status lay_out_frame(emitter *e) {
    code_function *f = e->f;
    e->lr_slot = f->slots;
    f->slots += f->has_calls && f->returns;
    e->saved_slot = f->slots;
    for (size_t i = 0; i < N_SAVED; i++)
        f->slots += (uint32_t)(f->returns && f->used >> saved[i] & 1);
    uint32_t bytes = f->room + 4 * (f->slots + f->n_outgoing);
    f->frame = (bytes + FRAME_ALIGN - 1) / FRAME_ALIGN * FRAME_ALIGN;
    bytes += 4 * f->n_incoming; /* they lie in the caller's */
    if (bytes <= CODE_MAX_FRAME) return TS_OK;
    return ts_fail(e->k->c.diag, TS_RANGE, e->k->c.design->file,
                   "function %s needs a frame of %" PRIu32 " bytes; at most %d are supported",
                   f->name, bytes, CODE_MAX_FRAME);
}

static void emit_entry(emitter *e) {
    const code_function *f = e->f;
    uint32_t slot = e->saved_slot;
    if (f->frame) line(e, "paddb [sp], #%" PRIu32, f->frame);
    if (!f->returns) return; /* nobody misses what was there */
    if (f->has_calls) line(e, "st lr, [sp, #%" PRId32 "]", frame_offset(e, e->lr_slot));
    for (size_t i = 0; i < N_SAVED; i++)
        if (f->used >> saved[i] & 1) store_slot(e, saved[i], slot++);
}

/* "DIRECTIVE NAME rest" */
static void directive(emitter *e, const char *word, const char *rest) {
    ts_buf_printf(e->out, "        %s ", word);
    put_name(e->out, e->f->name);
    ts_buf_text(e->out, rest);
}

/* Or anything else that is not known here. */
static bool has_streams(const code_function *f) {
    for (uint32_t i = 0; i < f->n_blocks; i++)
        for (uint32_t j = 0; j < f->blocks[i]->n_insts; j++)
            switch (f->blocks[i]->insts[j].op) {
            case CODE_CALL:
            case CODE_COPY:
            case CODE_LOAD:
            case CODE_STORE:
            case CODE_ACQUIRE:
            case CODE_RELEASE: break;
            default:
                if (!code_is_pure(&f->blocks[i]->insts[j])) return true;
            }
    return false;
}

ts_status code_emit(coder *k, code_function *f) {
    emitter e = {.k = k, .f = f, .out = &k->text};
    for (uint32_t i = 0; i < f->n_blocks; i++)
        f->returns |= !f->blocks[i]->n_next;
    e.has_streams = has_streams(f);
    TS_TRY(lay_out_frame(&e));
    find_targets(f);
    ts_buf_text(e.out, "        .text\n        .p2align 4\n");
    directive(&e, ".globl", "\n");
    directive(&e, ".type", ", @function\n");
    put_name(e.out, f->name);
    ts_buf_text(e.out, ":\n");
    emit_entry(&e);
    for (uint32_t i = 0; i < f->n_blocks; i++)
        TS_TRY(emit_block(&e, f->blocks[i], i + 1 < f->n_blocks ? f->blocks[i + 1] : NULL));
    ts_buf_printf(e.out, ".Lend%" PRIu32 ":\n", k->n_emitted);
    directive(&e, ".size", "");
    ts_buf_printf(e.out, ", .Lend%" PRIu32 " - ", k->n_emitted);
    put_name(e.out, f->name);
    ts_buf_text(e.out, "\n        .section .stack_sizes,\"o\",@progbits,.text\n");
    directive(&e, ".long", "\n");
    ts_buf_printf(e.out, "        .uleb128 %" PRIu32 "\n\n", f->frame);
    k->n_emitted++;
    return TS_OK;
}

/* ---- globals --------------------------------------------------------------------------------- */

static void emit_bytes(ts_buf *out, ts_span data, uint64_t times) {
    for (uint64_t i = 0; i < times * data.size; i++)
        ts_buf_printf(out, "%s%u%s", i % 16 ? ", " : "        .byte ",
                      (unsigned)data.data[i % data.size],
                      i % 16 == 15 || i + 1 == times * data.size ? "\n" : "");
}

static ts_status emit_global(coder *k, const ts_op *op) {
    const ts_attr *type = ts_op_attr(op, "type"), *value = ts_op_attr(op, "initial_value");
    uint64_t bytes = type && type->type_value ? comp_memref_bytes(type->type_value) : 0;
    bool has_value = value && value->kind == TS_ATTR_DENSE;
    ts_buf *out = &k->text;
    if (!bytes || bytes > COMP_WINDOW_BYTES || (has_value && value->is_resource) ||
        (has_value && value->data.size != bytes &&
         (!value->is_splat || !value->data.size || bytes % value->data.size)))
        return CODE_FAIL(k, op, TS_UNSUPPORTED,
                         "this memref.global is not supported in the code "
                         "of a core");
    ts_buf_printf(out, "        .section %s\n        .p2align 5\n",
                  !has_value                   ? ".bss"
                  : ts_op_bool(op, "constant") ? ".rodata"
                                               : ".data");
    put_name(out, ts_op_text(op, "sym_name", ""));
    ts_buf_text(out, ":\n");
    if (!has_value)
        ts_buf_printf(out, "        .zero %" PRIu64 "\n", bytes);
    else if (value->is_splat)
        emit_bytes(out, value->data, bytes / value->data.size);
    else
        emit_bytes(out, value->data, 1);
    return TS_OK;
}

ts_status code_emit_globals(coder *k) {
    for (size_t i = 0; i < k->n_globals; i++)
        TS_TRY(emit_global(k, k->globals[i]));
    return TS_OK;
}
