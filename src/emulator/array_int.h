/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The array from the inside.
 *
 * Whatever does something in a cycle is an actor: a DMA channel, a junction of streams, a tile's
 * control port, a core. Actors that have something to do are bits of a set; the others cost
 * nothing and are woken by what they wait for: a lock of a tile, a word in a link, room in a link,
 * or a time. What is woken in a cycle acts from the next cycle on, so the order of actors within a
 * cycle is of little consequence.
 *
 * Words travel in links. A link is a whole path of stream switch ports without a branch, taken
 * together: as deep as all its FIFOs, as slow as all its switches. It begins at a local source or
 * behind a junction, and ends at a local sink or before a junction. Links are made anew from the
 * switch registers when one of those was written (routes.c).
 */
#ifndef TESSERA_ARRAY_INT_H
#define TESSERA_ARRAY_INT_H

#include "emulator_int.h"

enum {
    ARR_RING = 256,     /* words that a link can hold at most */
    ARR_PORTS = 32,     /* of a switch, in one direction */
    ARR_ARBITERS = 8,   /* of a switch */
    ARR_CHANNELS = 6,   /* of a DMA, in one direction */
    ARR_LOCKS = 64,     /* of a tile */
    ARR_BDS = 48,       /* of a tile */
    ARR_QUEUE = 4,      /* src: aie2-facts 65 [documented] */
    ARR_BUFFERS = 256,  /* of the host */
    ARR_ARGUMENTS = 64, /* of a kernel */
    ARR_SETS = 32,      /* words of a set of actors */
    ARR_ACTOR_BITS = 12,
    ARR_MAX_ACTORS = ARR_SETS * 64,
    ARR_TOKENS = 256, /* kept for the controller */
    ARR_TRACE_SLOTS = 8,
    ARR_TRACE_BYTES = 1792, /* that wait for the trace port: 64 packets */
    ARR_NOBODY = 0xffff,
    /* Words that an S2MM channel takes ahead of its memory, once it has a task.
     * src: aie2-facts 62, 64 [observed: Phoenix] */
    ARR_S2MM_DEPTH = 15,
};

typedef struct arr_tile arr_tile;
typedef struct arr_link arr_link;
typedef struct arr_channel arr_channel;
typedef struct arr_junction arr_junction;
typedef struct arr_regmap arr_regmap;

typedef struct arr_set {
    uint64_t bits[ARR_SETS];
} arr_set;

/* One step of an actor in the present cycle; false: it has nothing to do until it is woken. */
typedef bool arr_step(ts_array *array, void *self);

typedef struct arr_actor {
    arr_step *step;
    void *self;
    uint64_t alarm; /* cycle to wake at; UINT64_MAX: none */
} arr_actor;

/* ---- streams ----------------------------------------------------------------------------------
 */

typedef struct arr_word {
    uint64_t time; /* from when on it can be taken */
    uint32_t word;
    bool is_last;
} arr_word;

typedef enum arr_end {
    ARR_END_OPEN,     /* a port that is off, or that nobody listens to */
    ARR_END_OUTSIDE,  /* beyond the array */
    ARR_END_JUNCTION, /* several masters, or packets */
    ARR_END_DMA,      /* S2MM */
    ARR_END_CORE,
    ARR_END_CONTROL,    /* the tile's control port */
    ARR_END_CONTROLLER, /* the shim's way to the controller: tokens */
} arr_end;

struct arr_link {
    arr_word
        *ring; /* ARR_RING, of which as many are used as it may hold: that is kinder to caches */
    uint16_t head, count, capacity, latency, mask;
    uint16_t source, sink; /* actors */
    bool is_used, source_waits, is_told;
    uint8_t end; /* arr_end */
    arr_tile *end_tile;
    uint8_t end_port; /* slave of a junction, else master */
};

struct arr_junction {
    arr_tile *tile;
    uint16_t actor;
    uint8_t slave;
    bool is_packet;
    arr_link *in;
    unsigned n_outs;
    arr_link *outs[ARR_PORTS]; /* of packets: of the present one */
    uint32_t drops;            /* bit per out: the header is not for it */
    bool in_packet, is_first, is_told;
    uint8_t arbiter;
};

typedef struct arr_arbiter {
    bool owner;
    uint8_t last; /* slave that had it last */
    uint32_t waiters;
} arr_arbiter;

/* ---- DMA --------------------------------------------------------------------------------------
 */

/* Where a descriptor's next word is. */
typedef struct arr_walk {
    uint64_t at;   /* byte address */
    uint32_t run;  /* words to go before an outer dimension steps; 0: none at all */
    uint32_t left; /* words to go behind those */
    int64_t delta[TS_NPU_BD_MAX_DIMS];  /* bytes, when that dimension steps */
    uint32_t count[TS_NPU_BD_MAX_DIMS]; /* but for the innermost */
    uint32_t total[TS_NPU_BD_MAX_DIMS]; /* steps of a dimension; 0: no end */
    uint32_t run_length;                /* of the present run */
    uint32_t length;                    /* of all */
    bool is_padded;
    uint64_t base;
} arr_walk;

typedef enum arr_channel_state {
    ARR_CHANNEL_IDLE,
    ARR_CHANNEL_START,   /* a delay before the first descriptor */
    ARR_CHANNEL_ACQUIRE, /* for the descriptor's lock */
    ARR_CHANNEL_HEADER,  /* out of order: for the packet that says which descriptor */
    ARR_CHANNEL_MOVE,
    ARR_CHANNEL_END, /* a delay behind the last descriptor */
    ARR_CHANNEL_HALT /* after an error, until it is reset */
} arr_channel_state;

typedef struct arr_task {
    uint8_t bd;
    uint16_t repeats; /* more times than once */
    bool has_token;
} arr_task;

struct arr_channel {
    arr_tile *tile;
    uint16_t actor;
    uint8_t number;
    bool is_mm2s;
    uint8_t state;
    arr_task queue[ARR_QUEUE], task;
    uint8_t n_queued;
    bool has_overflow, is_reset, is_paused;
    uint8_t bd;
    bool has_acquired, sends_header, waits_lock, waits_stream;
    arr_link *link;
    arr_walk walk;
    const ts_npu_bd *d; /* `held`, or NULL before the first one */
    ts_npu_bd held;
    uint64_t until;        /* of delays */
    uint64_t since, begun; /* of a wait, of the task */
    uint32_t bubble;       /* words since the last one, shim */
    uint32_t controller;   /* Controller_ID */
    bool out_of_order;
    uint8_t finish_on_last; /* FoT_Mode */
    uint32_t host_buffer;   /* the one used last */
    ts_dma_stats stats;     /* words but for those of the present walk */
};

/* ---- tiles ------------------------------------------------------------------------------------
 */

typedef struct arr_symbol {
    uint32_t address, size;
    const char *name;
} arr_symbol;

typedef struct arr_symbols {
    arr_symbol *functions, *buffers; /* by address */
    size_t n_functions, n_buffers;
    bool has_stack;
    uint32_t stack_base, stack_end;
    uint64_t *named; /* bit per byte of the four windows: stack, buffers, data; NULL: not known */
} arr_symbols;

typedef struct arr_cascade {
    uint8_t data[2][TS_CORE_CASCADE_BYTES];
    uint8_t head, count;
} arr_cascade;

/* The trace unit of a core: events of each cycle to frames, frames to packets. */
typedef struct arr_trace {
    uint16_t actor;
    arr_link *out;
    uint8_t mode, start_event, stop_event, slots[ARR_TRACE_SLOTS];
    bool is_running, is_dense;  /* dense: no cycles between the last two frames */
    uint64_t start_at, stop_at; /* by an event under way; UINT64_MAX: none */
    uint64_t last, at;          /* cycle of the last frame, and the one that is collected */
    uint32_t last_mask, mask;   /* slots in those */
    uint32_t held;              /* slots whose event lasts */
    uint8_t bytes[ARR_TRACE_BYTES];
    uint16_t first_byte, n_bytes;
    uint8_t n_sent; /* words of the packet */
} arr_trace;

typedef struct arr_cpu {
    ts_core *core;
    uint16_t actor;
    uint32_t control; /* Core_Control */
    bool is_active, is_code_dirty;
    uint64_t offset; /* array cycle - core cycle */
    ts_core_state state;
    unsigned waits_for_lock;
    int32_t waits_for_value;
    uint32_t accumulator;   /* Accumulator_Control */
    uint32_t processor_bus; /* Core_Processor_Bus */
    arr_tile *windows[TS_CORE_N_WINDOWS];
    arr_link *in, *out;
    arr_cascade cascade[2]; /* from the north, from the west */
    ts_core_stats stats;
    arr_symbols symbols;
    const arr_symbol *function; /* as told last */
    uint64_t lost_stores;
    bool is_stack_told;
    arr_trace trace;
} arr_cpu;

/* The control port of a tile: takes control packets, sends answers and tokens. */
typedef struct arr_control {
    uint16_t actor;
    arr_link *in, *out;
    arr_link *tokens; /* of a shim: where those for the controller arrive */
    uint8_t state;
    uint32_t header, address;
    uint8_t left, operation;
    uint32_t answers[64]; /* words to send */
    bool answer_last[64];
    uint8_t first, n_answers;
} arr_control;

struct arr_tile {
    ts_array *array;
    const ts_npu_tile *kind;
    uint64_t timer_from; /* cycle that its timers count from */
    const arr_regmap *map;
    uint8_t column, row;
    uint8_t n_masters, n_slaves;
    uint8_t *data, *program;
    uint32_t data_size, program_size;
    uint8_t data_bits;             /* data_size is 2 to that */
    uint32_t own_from;             /* where the DMA has the first byte of the tile's own memory */
    uint64_t *known;               /* bit per byte of the data memory: somebody wrote it */
    uint32_t *writers;             /* by word: who wrote it last, in which epoch */
    uint32_t watch_from, watch_to; /* told writes, in bytes of the memory */
    uint32_t epoch;                /* counts the changes of the locks */
    uint32_t *registers;           /* words, by slot of the map */
    int16_t locks[ARR_LOCKS];
    uint64_t lock_overflow, lock_underflow;
    arr_set lock_waiters;
    arr_channel channels[2][ARR_CHANNELS]; /* [is_mm2s] */
    ts_npu_bd bds[ARR_BDS];
    bool is_bd_decoded[ARR_BDS], is_bd_odd[ARR_BDS];
    arr_link *from_slave, *from_master; /* n_slaves, n_masters */
    arr_junction *junctions;            /* n_slaves */
    arr_arbiter arbiters[ARR_ARBITERS];
    arr_control control;
    arr_cpu *cpu; /* NULL: none */
};

/* ---- the whole --------------------------------------------------------------------------------
 */

typedef struct arr_buffer {
    const char *name;
    uint8_t *data;
    uint64_t address, size;
} arr_buffer;

typedef struct arr_token {
    uint8_t column, row, channel;
    bool is_mm2s;
} arr_token;

struct ts_array {
    ts_arena *arena;
    const ts_npu_device *device;
    uint64_t now;
    uint64_t settles_until; /* before the first op behind a launch; 0: has settled */
    uint64_t stream_from;   /* cycle of that op */
    arr_tile *tiles;        /* by row of column: column * n_rows + row */
    unsigned n_tiles;
    arr_tile *western; /* of the memory tile of column 0: a memory, nothing else; NULL: none */
    arr_actor actors[ARR_MAX_ACTORS];
    unsigned n_actors, n_sets;
    arr_set active, next;
    uint64_t next_alarm;
    uint16_t n_alarms;
    uint64_t first_cpu; /* actors from here on are cores */
    bool are_routes_stale;
    arr_cpu *alone; /* the only active core, run for more than a cycle at once */
    uint64_t yield_at;
    bool has_break;
    arr_regmap *maps[TS_NPU_N_KINDS];
    arr_buffer buffers[ARR_BUFFERS];
    unsigned n_buffers;
    uint64_t next_address;
    uint64_t arguments[ARR_ARGUMENTS];
    unsigned n_arguments;
    arr_token tokens[ARR_TOKENS];
    unsigned n_tokens;
    ts_finding *findings;
    size_t n_findings, max_findings;
    uint64_t lost_findings, ignored;
    uint64_t load_cycles;
    void (*observer)(void *context, const ts_array_event *event);
    void *observer_context;
};

/* The cycle; that of the core, when one runs ahead alone. */
static inline uint64_t arr_now(const ts_array *a) {
    return a->alone ? a->alone->offset + ts_core_cycle(a->alone->core) : a->now;
}

static inline arr_tile *arr_tile_at(const ts_array *a, uint32_t column, uint32_t row) {
    if (column >= a->device->n_columns || row >= a->device->n_rows) return NULL;
    return &a->tiles[column * a->device->n_rows + row];
}

/* ---- schedule.c -------------------------------------------------------------------------------
 */

uint16_t arr_add_actor(ts_array *a, arr_step *step, void *self);
static inline void arr_wake(ts_array *a, uint16_t actor) {
    if (actor != ARR_NOBODY) a->next.bits[actor / 64] |= UINT64_C(1) << actor % 64;
}
/* Not before `cycle`; the actor has no other alarm. */
void arr_wake_at(ts_array *a, uint16_t actor, uint64_t cycle);
void arr_wake_set(ts_array *a, arr_set *set); /* and empty it */
static inline void arr_set_add(arr_set *set, uint16_t actor) {
    set->bits[actor / 64] |= UINT64_C(1) << actor % 64;
}
ts_array_state arr_run(ts_array *a, uint64_t n_cycles, bool (*is_done)(ts_array *, void *),
                       void *context);

/* ---- links ------------------------------------------------------------------------------------
 */

/* Where the next word goes. */
static inline arr_word *arr_link_end(const arr_link *link) {
    return &link->ring[(link->head + link->count) & link->mask];
}
static inline bool arr_has_room(const arr_link *link) {
    return link->count < link->capacity;
}
static inline bool arr_has_word(const ts_array *a, const arr_link *link) {
    return link->count && link->ring[link->head].time <= a->now;
}
static inline void arr_push(ts_array *a, arr_link *link, uint32_t word, bool is_last) {
    arr_word *w = arr_link_end(link);
    w->time = a->now + link->latency;
    w->word = word;
    w->is_last = is_last;
    if (!link->count++ && link->sink != ARR_NOBODY) arr_wake_at(a, link->sink, w->time);
}
static inline arr_word arr_pop(ts_array *a, arr_link *link) {
    arr_word w = link->ring[link->head];
    link->head = (uint16_t)((link->head + 1) & link->mask);
    link->count--;
    if (link->source_waits) {
        link->source_waits = false;
        arr_wake(a, link->source);
    }
    return w;
}
/* A source's push: false when there is no room (the source is woken when there is). Tells when
 * nobody is at the end. */
bool arr_send(ts_array *a, arr_link *link, uint32_t word, bool is_last);

/* ---- routes.c, switch.c -----------------------------------------------------------------------
 */

void arr_rebuild_routes(ts_array *a);
bool arr_make_streams(ts_array *a, arr_tile *tile);
arr_step arr_junction_step;
uint32_t arr_odd_parity(uint32_t word); /* the word with bit 31 such that ones are odd */

/* ---- registers.c ------------------------------------------------------------------------------
 */

bool arr_make_maps(ts_array *a);
bool arr_make_registers(ts_array *a, arr_tile *tile);
void arr_write_words(ts_array *a, arr_tile *tile, uint32_t offset, const uint8_t *words, size_t n);
void arr_write_word(ts_array *a, arr_tile *tile, uint32_t offset, uint32_t value, uint32_t mask);
uint32_t arr_read_word(ts_array *a, arr_tile *tile, uint32_t offset);
/* The word of the register at `offset`, as written last; it must exist. */
uint32_t *arr_register(arr_tile *tile, uint32_t offset);

/* ---- tile.c: memories and locks ---------------------------------------------------------------
 */

/* Bits [at, at + n) of a set of `n_words` words; n at most 64. */
static inline bool arr_bits_are_set(const uint64_t *set, size_t n_words, uint32_t at, unsigned n) {
    uint64_t ones = n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
    unsigned in_word = at % 64;
    if ((set[at / 64] & ones << in_word) != ones << in_word) return false;
    if (in_word + n <= 64 || at / 64 + 1 >= n_words) return true;
    return (set[at / 64 + 1] & ones >> (64 - in_word)) == ones >> (64 - in_word);
}
static inline void arr_set_bits(uint64_t *set, size_t n_words, uint32_t at, unsigned n) {
    uint64_t ones = n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
    unsigned in_word = at % 64;
    set[at / 64] |= ones << in_word;
    if (in_word + n > 64 && at / 64 + 1 < n_words) set[at / 64 + 1] |= ones >> (64 - in_word);
}
static inline void arr_mark(arr_tile *tile, uint32_t offset, unsigned n_bytes) {
    arr_set_bits(tile->known, tile->data_size / 64, offset, n_bytes);
}
static inline bool arr_is_known(const arr_tile *tile, uint32_t offset, unsigned n_bytes) {
    return arr_bits_are_set(tile->known, tile->data_size / 64, offset, n_bytes);
}
void arr_mark_all(arr_tile *tile, uint32_t offset, size_t n_bytes);
/* An actor is about to write; told when another one did so since a lock of the tile last changed.
 */
void arr_note_write(arr_tile *tile, uint32_t offset, unsigned n_bytes, const uint8_t *bytes,
                    uint16_t actor, uint32_t pc);
static inline bool arr_is_watched(const arr_tile *tile, uint32_t offset, size_t n_bytes) {
    return offset < tile->watch_to && offset + n_bytes > tile->watch_from;
}
/* A word's last writer: who, and in which epoch of the locks. */
static inline uint32_t arr_writer(const arr_tile *tile, uint16_t actor) {
    return tile->epoch << ARR_ACTOR_BITS | (actor + 1U);
}
/* Whether arr_note_write() of an aligned word would do no more than to note the writer. */
static inline bool arr_is_write_plain(const arr_tile *tile, uint32_t offset, uint16_t actor) {
    uint32_t before = tile->writers[offset / 4], mine = arr_writer(tile, actor);
    bool is_plain = !before || before == mine || (before ^ mine) >> ARR_ACTOR_BITS;
    return is_plain && !arr_is_watched(tile, offset, 4);
}
/* Bytes of an aligned word. */
static inline bool arr_is_word_known(const arr_tile *tile, uint32_t offset) {
    return (tile->known[offset / 64] >> offset % 64 & 15) == 15;
}
static inline void arr_mark_word(arr_tile *tile, uint32_t offset) {
    tile->known[offset / 64] |= UINT64_C(15) << offset % 64;
}
/* value below 0: until greater or equal -value; else until equal. Takes that much off. */
bool arr_lock_acquire(arr_tile *tile, unsigned lock, int32_t value);
void arr_lock_release(arr_tile *tile, unsigned lock, int32_t value);
void arr_lock_set(arr_tile *tile, unsigned lock, int32_t value);
void arr_lock_wait(arr_tile *tile, uint16_t actor);

/* ---- dma.c, dma_address.c ---------------------------------------------------------------------
 */

arr_step arr_channel_step;
void arr_channel_push(ts_array *a, arr_channel *channel, uint32_t task);
void arr_channel_control(ts_array *a, arr_channel *channel, uint32_t control);
uint32_t arr_channel_status(const arr_channel *channel);
const ts_npu_bd *arr_bd_of(arr_tile *tile, unsigned bd);
void arr_walk_start(arr_walk *walk, const ts_npu_bd *bd, bool may_pad);
/* Whether the next word is one of memory (at walk->at) and not padding. */
bool arr_walk_is_data(arr_walk *walk, const ts_npu_bd *bd);
/* Behind the last word of a run: to the next one. */
void arr_walk_carry(arr_walk *walk);
static inline void arr_walk_step(arr_walk *walk) {
    if (--walk->run)
        walk->at += (uint64_t)walk->delta[0];
    else
        arr_walk_carry(walk);
}
static inline uint32_t arr_walk_left(const arr_walk *walk) {
    return walk->run + walk->left;
}
static inline uint32_t arr_walk_done(const arr_walk *walk) {
    return walk->length - arr_walk_left(walk);
}
/* The tile whose lock a descriptor names, with the lock's number there; NULL: none. */
arr_tile *arr_dma_lock(arr_tile *tile, uint32_t id, unsigned *lock);

/* ---- host.c -----------------------------------------------------------------------------------
 */

/* Memory of the host at [address, address + size), or NULL. `*hint` is a buffer to look at first.
 */
uint8_t *arr_host_at(ts_array *a, uint64_t address, uint64_t size, uint32_t *hint);

/* ---- control.c --------------------------------------------------------------------------------
 */

arr_step arr_control_step;
void arr_issue_token(ts_array *a, arr_channel *channel);
bool arr_controller_take(ts_array *a, arr_token token);

/* ---- cores.c ----------------------------------------------------------------------------------
 */

bool arr_make_core(ts_array *a, arr_tile *tile);
bool arr_connect_core(ts_array *a, arr_tile *tile);
arr_step arr_core_step;
void arr_core_control(ts_array *a, arr_tile *tile, uint32_t control);
uint32_t arr_core_status(const arr_tile *tile);
bool arr_core_until(ts_array *a, arr_tile *tile, uint64_t cycle);
void arr_start_cores(ts_array *a); /* those that are enabled leave reset */

/* ---- trace.c ----------------------------------------------------------------------------------
 */

arr_step arr_trace_step;
void arr_trace_control(ts_array *a, arr_tile *tile, uint32_t control);
void arr_generate_event(ts_array *a, arr_tile *tile, const ts_npu_register *reg, uint32_t event);
/* What a core does, at arr_now(). */
void arr_trace_event(ts_array *a, arr_tile *tile, unsigned event);
void arr_trace_instruction(ts_array *a, arr_tile *tile, unsigned number);
void arr_trace_lock(ts_array *a, arr_tile *tile, bool is_acquire);
void arr_trace_state(ts_array *a, arr_tile *tile, ts_core_state before, ts_core_state now);

/* ---- check.c, report.c, symbols.c -------------------------------------------------------------
 */

void arr_find(ts_array *a, ts_finding_kind kind, const arr_tile *tile, uint32_t pc,
              uint64_t address, const char *format, ...) TS_PRINTF(6, 7);
static inline bool arr_looks_for(const ts_array *a, ts_finding_kind kind) {
    return !(a->ignored >> kind & 1);
}
void arr_tell(ts_array *a, ts_array_event_kind kind, const arr_tile *tile,
              const arr_channel *channel, uint32_t value, uint32_t pc);
/* An actor, or ARR_NOBODY, is about to write into what is watched. */
void arr_tell_write(const arr_tile *tile, uint32_t offset, const uint8_t *bytes, size_t n_bytes,
                    uint16_t actor, uint32_t pc);
const arr_symbol *arr_symbol_find(const arr_symbol *symbols, size_t n, uint32_t address);
const char *arr_symbol_at(const arr_symbol *symbols, size_t n, uint32_t address);
void arr_report_deadlock(ts_array *a);

#endif
