/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Program bytes to ops. All that can be known before running is worked out here, once a bundle:
 * the places of operands in the register file, the stages of reads and writes, the meaning.
 */
#include "emulator_int.h"

#include <stdio.h>

static bool is_word(const ts_aie2_register_info *info) {
    return info->bits <= 32 && info->n_units == 1;
}

static uint16_t word_named(const emu_layout *layout, const char *name) {
    ts_aie2_register r = ts_aie2_register_named(name, strlen(name));
    return (uint16_t)(layout->at[ts_aie2_registers[r].units[0]] / 4);
}

/* Bits of a control register that keep what is written.
 * src: aie2-facts 24: crSat has 2, crRnd has 4 [observed: Phoenix, 2026-03] */
static uint32_t mask_of(const ts_aie2_register_info *info) {
    if (!strcmp(info->name, "crSat")) return 3;
    if (!strcmp(info->name, "crRnd")) return 15;
    return info->bits >= 32 ? UINT32_MAX : (UINT32_C(1) << info->bits) - 1;
}

/* Words first, then vectors, both in the order of the table, so that what is one register is one
 * stretch of bytes. */
void emu_lay_out(emu_layout *layout) {
    uint16_t at = 0;
    for (unsigned words = 1; words < 2; words--) {
        at = (uint16_t)((at + 31) & ~31);
        for (unsigned unit = 0; unit < ts_aie2_n_units; unit++) {
            const ts_aie2_register_info *info = &ts_aie2_registers[ts_aie2_unit_registers[unit]];
            if (is_word(info) != (words == 1)) continue;
            layout->at[unit] = at;
            layout->size[unit] = (uint16_t)(words ? 4 : info->bits / 8);
            if (words) layout->mask[at / 4] = mask_of(info);
            at = (uint16_t)(at + layout->size[unit]);
        }
    }
    const struct {
        const char *name;
        uint16_t *word;
    } known[] = {
        {"LS", &layout->ls},
        {"LE", &layout->le},
        {"LC", &layout->lc},
        {"SP", &layout->sp},
        {"lr", &layout->lr},
        {"DP", &layout->dp},
        {"srCarry", &layout->carry},
        {"r26", &layout->r26},
        {"r27", &layout->r27},
        {"r31", &layout->r31},
        {"cntr", &layout->cntr},
        {"CORE_ID", &layout->core_id},
        {"crSat", &layout->sat},
        {"crRnd", &layout->rnd},
        {"srMS0", &layout->ms0},
        {"srSS0", &layout->ss0},
        {"srFPFlags", &layout->fp_flags},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        *known[i].word = word_named(layout, known[i].name);
}

/* ---- one op -----------------------------------------------------------------------------------
 */

typedef struct builder {
    const ts_core *core;
    const ts_aie2_instruction *in;
    const ts_aie2_op *from;
    const ts_aie2_timing *timing;
    emu_op *op;
    unsigned n_in, n_out, n_constants;
    uint16_t data; /* bytes of data in use; the first 16 stay 0, for what is absent */
    bool overflows;
} builder;

static uint16_t take(builder *b, unsigned size) {
    uint16_t at = b->data;
    b->data = (uint16_t)(b->data + ((size + 15) & ~15u));
    if (b->data > EMU_DATA) b->overflows = true;
    return at;
}

/* The register's bytes as spans: neighbors in the file become one. */
static void add_spans(builder *b, ts_aie2_register reg, uint16_t data, unsigned stage,
                      unsigned bypass, bool is_write) {
    const emu_layout *layout = &b->core->layout;
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    emu_span *last = NULL;
    for (unsigned i = 0; i < info->n_units; i++) {
        uint16_t at = layout->at[info->units[i]], size = layout->size[info->units[i]];
        if (last && last->at + last->size == at && last->size + size <= 255) {
            last->size = (uint8_t)(last->size + size);
            data = (uint16_t)(data + size);
            continue;
        }
        if (b->op->n_spans == EMU_SPANS) {
            b->overflows = true;
            return;
        }
        last = &b->op->spans[b->op->n_spans++];
        *last = (emu_span){.at = at,
                           .data = data,
                           .size = (uint8_t)size,
                           .stage = (uint8_t)stage,
                           .bypass = (uint8_t)bypass,
                           .is_write = is_write,
                           .is_narrow = size == 4 && layout->mask[at / 4] != UINT32_MAX};
        data = (uint16_t)(data + size);
    }
}

static unsigned register_bytes(ts_aie2_register reg) {
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    return info->bits <= 32 ? 4 : info->bits / 8;
}

static void add_in(builder *b, ts_aie2_register reg, unsigned stage, unsigned bypass) {
    if (b->n_in == EMU_ITEMS) {
        b->overflows = true;
        return;
    }
    unsigned size = register_bytes(reg);
    uint16_t data = take(b, size);
    b->op->in[b->n_in] = data;
    b->op->in_size[b->n_in++] = (uint16_t)size;
    add_spans(b, reg, data, stage, bypass, false);
}

static void add_out(builder *b, ts_aie2_register reg, unsigned stage, unsigned bypass) {
    if (b->n_out == 2) {
        b->overflows = true;
        return;
    }
    unsigned size = register_bytes(reg);
    uint16_t data = take(b, size);
    b->op->out[b->n_out] = data;
    b->op->out_size[b->n_out++] = (uint16_t)size;
    add_spans(b, reg, data, stage, bypass, true);
}

static uint16_t word_of(const ts_core *core, ts_aie2_register reg) {
    return (uint16_t)(core->layout.at[ts_aie2_registers[reg].units[0]] / 4);
}

/* m, dn, dj, dc of a dimension register, and of its second half for three dimensions. */
static void set_modifier(builder *b, ts_aie2_register reg) {
    const ts_aie2_register_info *info = &ts_aie2_registers[reg];
    const uint16_t *at = b->core->layout.at;
    emu_op *op = b->op;
    op->has_modifier = true;
    op->m = (uint16_t)(at[info->units[0]] / 4);
    op->addressing = EMU_POST;
    if (info->n_units >= 4) {
        op->addressing = EMU_POST_2D;
        op->dn = (uint16_t)(at[info->units[1]] / 4);
        op->dj = (uint16_t)(at[info->units[2]] / 4);
        op->dc = (uint16_t)(at[info->units[3]] / 4);
    }
    if (info->n_units == 8) {
        op->addressing = EMU_POST_3D;
        op->dn2 = (uint16_t)(at[info->units[5]] / 4);
        op->dj2 = (uint16_t)(at[info->units[6]] / 4);
        op->dc2 = (uint16_t)(at[info->units[7]] / 4);
    }
}

static bool is_bank(ts_aie2_register reg, unsigned bank) {
    return ts_aie2_registers[reg].bank == bank;
}

/* Whether operand `k` belongs to the address; then it is taken in. */
static bool take_address(builder *b, unsigned k) {
    const ts_aie2_operand *o = &b->in->operands[k];
    emu_op *op = b->op;
    if (!strchr(b->in->text, '[')) return false;
    ts_aie2_register reg = o->is_register ? (ts_aie2_register)b->from->values[k] : 0;
    if (!strcmp(o->name, "ptr")) {
        op->p = word_of(b->core, reg);
        if (op->addressing == EMU_NO_ADDRESS)
            op->addressing = o->write_cycle ? EMU_POST : EMU_INDEXED;
    } else if (!strcmp(o->name, "dj")) {
        op->has_modifier = true;
        op->m = word_of(b->core, reg);
    } else if (!strcmp(o->name, "mod") && o->is_register &&
               (is_bank(reg, TS_AIE2_BANK_m) || is_bank(reg, TS_AIE2_BANK_d) ||
                is_bank(reg, TS_AIE2_BANK_d_3d))) {
        set_modifier(b, reg);
    } else if (!strcmp(o->name, "imm")) {
        op->offset = b->from->values[k];
    } else {
        return false;
    }
    return true;
}

static void add_operands(builder *b) {
    for (unsigned k = 0; k < b->in->n_operands; k++) {
        const ts_aie2_operand *o = &b->in->operands[k];
        if (!o->is_register && b->n_constants < EMU_ITEMS)
            b->op->constants[b->n_constants++] = b->from->values[k];
        if (take_address(b, k)) continue;
        if (!o->is_register) {
            b->op->has_imm = true;
            continue;
        }
        ts_aie2_register reg = (ts_aie2_register)b->from->values[k];
        if (o->read_cycle) add_in(b, reg, o->read_cycle, b->timing->read_bypass[k]);
        if (o->write_cycle) add_out(b, reg, o->write_cycle, b->timing->write_bypass[k]);
    }
}

static void add_control(builder *b, const ts_aie2_implicit *i, uint16_t *in) {
    *in = take(b, 4);
    add_spans(b, i->reg, *in, i->read_cycle, 0, false);
}

/* Registers that the text does not name. Status bits of rounding and saturation are not modeled. */
static void add_implicit(builder *b) {
    const emu_layout *layout = &b->core->layout;
    emu_op *op = b->op;
    for (unsigned k = 0; k < b->in->n_implicit; k++) {
        const ts_aie2_implicit *i = &b->in->implicit[k];
        const char *name = ts_aie2_registers[i->reg].name;
        uint16_t word = word_of(b->core, i->reg);
        if (word == layout->sp && strstr(b->in->text, "[sp")) {
            op->p = word;
            op->addressing = i->write_cycle ? EMU_POST : EMU_INDEXED;
        } else if (word == layout->sat && i->read_cycle) {
            add_control(b, i, &op->in_sat);
        } else if (word == layout->rnd && i->read_cycle) {
            add_control(b, i, &op->in_rnd);
        } else if (strstr(name, "Sign") && i->read_cycle) {
            add_control(b, i, &op->in_sign);
        } else if ((word == layout->r26 || strstr(name, "CDEn")) && i->read_cycle) {
            add_in(b, i->reg, i->read_cycle, 0);
        } else if ((word == layout->lr || word == layout->ms0 || word == layout->ss0) &&
                   i->write_cycle) {
            add_out(b, i->reg, i->write_cycle, 0);
        }
    }
}

/* ---- actions ----------------------------------------------------------------------------------
 */

static unsigned span_phase(const emu_span *s) {
    static const uint8_t reads[] = {EMU_READ, EMU_READ_MOVE, EMU_READ_VECTOR};
    static const uint8_t writes[] = {EMU_COMMIT, EMU_COMMIT_MOVE, EMU_COMMIT_VECTOR};
    return s->is_write ? writes[s->bypass] : reads[s->bypass];
}

/* By stage, then by phase: spans of one action stand together, those of now first. */
static void sort_spans(emu_op *op) {
    for (unsigned i = 1; i < op->n_spans; i++) {
        emu_span s = op->spans[i];
        unsigned key = s.stage * EMU_N_PHASES + span_phase(&s), k = i;
        while (k && op->spans[k - 1].stage * EMU_N_PHASES + span_phase(&op->spans[k - 1]) > key) {
            op->spans[k] = op->spans[k - 1];
            k--;
        }
        op->spans[k] = s;
    }
}

static void add_action(builder *b, unsigned stage, unsigned phase, unsigned first, unsigned n) {
    emu_op *op = b->op;
    if (op->n_actions == EMU_ACTIONS) {
        b->overflows = true;
        return;
    }
    op->actions[op->n_actions++] = (emu_action){
        .stage = (uint8_t)stage, .phase = (uint8_t)phase, .first = (uint8_t)first, .n = (uint8_t)n};
}

/* Stages at which ops that may wait do so. Chosen such that a release comes after the stores before
 * it (memory: stage 5) and an acquire before the loads behind it.
 * src: llvm-aie: AIE2Schedule.td, SEMAPHORE and DONE ports [code]; the very stage is [inferred] */
static unsigned wait_stage(unsigned wait) {
    if (wait == EMU_WAIT_CASCADE_IN) return 6;
    return wait == EMU_WAIT_STREAM_OUT ? 3 : 5;
}

enum {
    END_STAGE = 6
};

static void plan(builder *b, bool executes) {
    emu_op *op = b->op;
    sort_spans(op);
    unsigned runs_at = 1;
    bool all_now = true;
    for (unsigned i = 0; i < op->n_spans; i++) {
        const emu_span *s = &op->spans[i];
        if (s->is_write) continue;
        bool now = s->stage == 1 && !s->bypass;
        op->n_reads_now = (uint8_t)(op->n_reads_now + now);
        all_now = all_now && now;
        if (s->stage > runs_at) runs_at = s->stage;
    }
    unsigned load_stage = b->in->n_memory_cycles ? b->in->memory_cycles[0] : 5;
    if (op->flags & EMU_LOADS) {
        add_action(b, load_stage, EMU_LOAD, 0, 0);
        if (load_stage > runs_at) runs_at = load_stage;
        all_now = false;
    }
    if (op->wait) {
        add_action(b, wait_stage(op->wait), EMU_WAIT, 0, 0);
        if (wait_stage(op->wait) > runs_at) runs_at = wait_stage(op->wait);
        all_now = false;
    }
    op->runs_now = all_now;
    if (!all_now && executes) add_action(b, runs_at, EMU_EXECUTE, 0, 0);
    if (op->flags & EMU_STORES) {
        op->store_stage = b->in->memory_cycles[b->in->n_memory_cycles - 1];
        add_action(b, op->store_stage, EMU_STORE, 0, 0);
        if (b->in->n_memory_cycles > 1) add_action(b, b->in->memory_cycles[0], EMU_LOAD, 0, 0);
    }
    if (op->flags & EMU_ENDS) add_action(b, END_STAGE, EMU_END, 0, 0);
    for (unsigned i = op->n_reads_now, n; i < op->n_spans; i += n) {
        unsigned phase = span_phase(&op->spans[i]);
        for (n = 1; i + n < op->n_spans && op->spans[i + n].stage == op->spans[i].stage &&
                    span_phase(&op->spans[i + n]) == phase;)
            n++;
        add_action(b, op->spans[i].stage, phase, i, n);
    }
}

/* ---- quick ops --------------------------------------------------------------------------------
 */

static void set_quick(builder *b) {
    emu_op *op = b->op;
    unsigned n_read = 0;
    for (unsigned k = 0; k < b->in->n_operands; k++) {
        const ts_aie2_operand *o = &b->in->operands[k];
        if (take_address(b, k)) continue;
        if (!o->is_register) {
            op->imm = (uint32_t)b->from->values[k];
            op->has_imm = true;
            continue;
        }
        uint16_t word = word_of(b->core, (ts_aie2_register)b->from->values[k]);
        if (o->write_cycle) op->d = word;
        if (o->read_cycle) *(n_read++ ? &op->b : &op->a) = word;
    }
    if (b->in->flags & TS_AIE2_RETURNS) op->a = b->core->layout.lr;
}

static bool build(const ts_core *core, const ts_aie2_op *from, emu_op *op) {
    const emu_semantics *row = core->meanings[from->instruction];
    builder b = {.core = core,
                 .in = &ts_aie2_instructions[from->instruction],
                 .from = from,
                 .timing = ts_aie2_timing_of(from),
                 .op = op,
                 .data = 16};
    memset(op, 0, sizeof *op);
    op->row = row;
    op->instruction = from->instruction;
    op->flags = row->flags;
    op->quick = row->quick;
    op->wait = row->wait;
    op->n_bytes = row->bytes;
    if (op->quick) set_quick(&b);
    if (!op->quick) add_operands(&b);
    add_implicit(&b);
    if (op->quick && !(op->flags & EMU_LINKS)) {
        op->n_spans = 0;
        return !b.overflows;
    }
    op->memory = take(&b, 64);
    /* What is loaded as it is goes to its place at once; there is nothing to execute. */
    bool is_plain =
        row->body == emu_copy && op->flags & EMU_LOADS && op->n_bytes == op->out_size[0];
    if (is_plain) op->memory = op->out[0];
    plan(&b, !is_plain && row->body);
    return !b.overflows;
}

/* ---- bundles ----------------------------------------------------------------------------------
 */

static const emu_bundle *stop(ts_core *core, ts_core_state state, uint32_t pc, const char *what) {
    core->state = state;
    snprintf(core->stop_text, sizeof core->stop_text, "0x%05x: %s", (unsigned)pc, what);
    return NULL;
}

static bool is_nop(const ts_core *core, const ts_aie2_op *op) {
    const emu_semantics *row = core->meanings[op->instruction];
    return row && row->quick == EMU_Q_NOP;
}

static const emu_bundle *decode(ts_core *core, uint32_t pc) {
    ts_aie2_bundle bundle;
    ts_aie2_reject why;
    char text[160];
    if (!ts_aie2_decode(core->program + pc, TS_AIE2_PROGRAM_BYTES - pc, &bundle, &why)) {
        ts_aie2_reject_text(&why, text, sizeof text);
        return stop(core, TS_CORE_NO_CODE, pc, text);
    }
    if (core->n_ops + TS_AIE2_MAX_OPS > EMU_OPS || core->n_bundles == EMU_BUNDLES)
        return stop(core, TS_CORE_NO_CODE, pc, "more bundles than program memory can hold");
    emu_bundle *out = &core->bundles[core->n_bundles];
    *out = (emu_bundle){
        .first_op = (uint16_t)core->n_ops,
        .size = (uint8_t)ts_aie2_bundle_size(core->program + pc, TS_AIE2_PROGRAM_BYTES - pc)};
    /* In the order of the slots, whatever that of the format: results may not depend on it. */
    for (unsigned slot = 0; slot < TS_AIE2_N_SLOTS; slot++)
        for (unsigned i = 0; i < bundle.n_ops; i++) {
            const ts_aie2_op *from = &bundle.ops[i];
            const ts_aie2_instruction *in = &ts_aie2_instructions[from->instruction];
            if (in->slot != slot || is_nop(core, from)) continue;
            emu_op *op = &core->ops[out->first_op + out->n_ops];
            if (!core->meanings[from->instruction] || !build(core, from, op)) {
                snprintf(text, sizeof text, "%s has no meaning here", in->name);
                return stop(core, TS_CORE_NOT_MODELED, pc, text);
            }
            out->has_part_word_store |= op->store_stage == 11;
            out->n_ops++;
        }
    core->n_ops += out->n_ops;
    core->by_pc[pc / 2] = (uint16_t)++core->n_bundles;
    return out;
}

const emu_bundle *emu_fetch(ts_core *core, uint32_t pc) {
    if (pc >= TS_AIE2_PROGRAM_BYTES || pc % 2)
        return stop(core, TS_CORE_NO_CODE, pc, "no address of a bundle in program memory");
    unsigned known = core->by_pc[pc / 2];
    return known ? &core->bundles[known - 1] : decode(core, pc);
}
