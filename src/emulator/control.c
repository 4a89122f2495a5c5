/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A tile's control port: control packets that write and read its registers, the answers to them,
 * and the tokens that tell of finished tasks. On a shim also the place where tokens arrive for the
 * controller.
 *
 * src: aie2-facts 69 to 71 [documented]. A control packet begins with the stream's header, which
 * switches do not drop before a control port: src: Xilinx/mlir-aie: lib/Dialect/AIEX/Transforms,
 * AIEGenerateColumnControlOverlay, keep_pkt_header [code].
 */
#include "array_int.h"

enum {
    WAIT_STREAM_HEADER,
    WAIT_HEADER,
    WAIT_DATA,
    WAIT_LAST
};
enum {
    N_ANSWERS = 64,
    TOKEN_TYPE = 6,
    READ = 1,
    MOST_WORDS = 4
};

/* Numbers of channels in tokens. src: Xilinx/mlir-aie: lib/Targets/AIENpuToCert.cpp, chan2actor_*
 * [code]; 7 for the second MM2S channel of a compute tile, which has none there [inferred] */
static const uint8_t actors[TS_NPU_N_KINDS][2][ARR_CHANNELS] = {
    [TS_NPU_SHIM] = {{0, 2}, {6, 7}},
    [TS_NPU_MEMORY] = {{1, 2, 3, 4, 5, 6}, {16, 17, 18, 19, 20, 22}},
    [TS_NPU_COMPUTE] = {{0, 1}, {6, 7}},
};

/* ---- tokens -----------------------------------------------------------------------------------
 */

static void keep_token(ts_array *a, const arr_tile *tile, arr_token token) {
    if (a->n_tokens == ARR_TOKENS) {
        arr_find(a, TS_FINDING_TOKEN, tile, TS_FINDING_NO_PC, 1,
                 "%d tokens are waiting, one more is lost", ARR_TOKENS);
        return;
    }
    a->tokens[a->n_tokens++] = token;
}

bool arr_controller_take(ts_array *a, arr_token token) {
    for (unsigned i = 0; i < a->n_tokens; i++) {
        const arr_token *t = &a->tokens[i];
        if (t->column != token.column || t->row != token.row || t->is_mm2s != token.is_mm2s ||
            t->channel != token.channel)
            continue;
        memmove(a->tokens + i, a->tokens + i + 1, sizeof *t * (--a->n_tokens - i));
        return true;
    }
    return false;
}

/* The channel of a kind of tile that has this number in tokens. */
static bool find_channel(const ts_npu_tile *kind, uint32_t actor, arr_token *out) {
    for (unsigned is_mm2s = 0; is_mm2s < 2; is_mm2s++)
        for (unsigned channel = 0; channel < kind->n_channels; channel++)
            if (actors[kind->kind][is_mm2s][channel] == actor) {
                out->is_mm2s = is_mm2s;
                out->channel = (uint8_t)channel;
                return true;
            }
    return false;
}

/* A word that arrived at a shim's South 0: a token, or nothing that is understood. */
static void take_token(ts_array *a, arr_tile *shim, uint32_t word) {
    uint32_t column = word >> 21 & 0x7f, row = word >> 16 & 0x1f;
    const arr_tile *tile = arr_tile_at(a, column, row);
    arr_token token = {.column = (uint8_t)column, .row = (uint8_t)row};
    if (tile && find_channel(tile->kind, word >> 8 & 0x1f, &token))
        keep_token(a, shim, token);
    else
        arr_find(a, TS_FINDING_TOKEN, shim, TS_FINDING_NO_PC, word,
                 "the controller gets 0x%08x, which is no token", (unsigned)word);
}

static bool answer(ts_array *a, arr_control *control, uint32_t word, bool is_last) {
    if (control->n_answers == N_ANSWERS) return false;
    unsigned at = (control->first + control->n_answers++) % N_ANSWERS;
    control->answers[at] = word;
    control->answer_last[at] = is_last;
    arr_wake(a, control->actor);
    return true;
}

void arr_issue_token(ts_array *a, arr_channel *c) {
    arr_tile *tile = c->tile;
    unsigned actor = actors[tile->kind->kind][c->is_mm2s][c->number];
    uint32_t word = arr_odd_parity((c->controller & 0x1f) | actor << 8 | TOKEN_TYPE << 12 |
                                   (uint32_t)tile->row << 16 | (uint32_t)tile->column << 21);
    arr_tell(a, TS_ARRAY_EVENT_TOKEN, tile, c, c->task.bd, 0);
    if (tile->control.out && tile->control.out->end != ARR_END_OPEN) {
        if (!answer(a, &tile->control, word, true))
            arr_find(a, TS_FINDING_TOKEN, tile, TS_FINDING_NO_PC, c->number,
                     "dma %s %u: its token is lost, the control port is stuck",
                     c->is_mm2s ? "MM2S" : "S2MM", c->number);
        return;
    }
    arr_find(a, TS_FINDING_TOKEN, tile, TS_FINDING_NO_PC, c->number,
             "dma %s %u: no route from the control port to the controller; the token is handed "
             "over all the same",
             c->is_mm2s ? "MM2S" : "S2MM", c->number);
    arr_token token = {tile->column, tile->row, c->number, c->is_mm2s};
    keep_token(a, tile, token);
}

/* ---- control packets --------------------------------------------------------------------------
 */

static void wrong(ts_array *a, arr_tile *tile, const char *what) {
    arr_find(a, TS_FINDING_CONTROL, tile, TS_FINDING_NO_PC, tile->control.address, "%s: 0x%08x",
             what, (unsigned)tile->control.header);
}

static void take_header(ts_array *a, arr_tile *tile, arr_word w) {
    arr_control *c = &tile->control;
    if (w.word != arr_odd_parity(w.word))
        arr_find(a, TS_FINDING_PARITY, tile, TS_FINDING_NO_PC, 0,
                 "a control header 0x%08x has the wrong parity", (unsigned)w.word);
    c->header = w.word;
    c->address = w.word & 0xfffff;
    c->left = (uint8_t)((w.word >> 20 & 3) + 1);
    c->operation = w.word >> 22 & 3;
    c->state = w.is_last ? WAIT_STREAM_HEADER : WAIT_LAST;
    if (c->operation == READ) {
        uint32_t id = w.word >> 24 & 0x1f;
        answer(a, c, arr_odd_parity(id | (uint32_t)tile->row << 16 | (uint32_t)tile->column << 21),
               false);
        for (unsigned i = 0; i < c->left; i++)
            answer(a, c, arr_read_word(a, tile, c->address + 4 * i), i + 1U == c->left);
        if (!w.is_last)
            wrong(a, tile, "a control packet that reads has more words than its header");
        return;
    }
    if (w.is_last) wrong(a, tile, "a control packet ends with its header");
    if (!w.is_last) c->state = WAIT_DATA;
}

static void take_data(ts_array *a, arr_tile *tile, arr_word w) {
    arr_control *c = &tile->control;
    arr_write_word(a, tile, c->address, w.word, UINT32_MAX);
    c->address += 4;
    c->left--;
    if (w.is_last && c->left) wrong(a, tile, "a control packet ends before its last word");
    if (!w.is_last && !c->left)
        wrong(a, tile, "a control packet has more words than its header says");
    if (w.is_last)
        c->state = WAIT_STREAM_HEADER;
    else if (!c->left)
        c->state = WAIT_LAST;
}

/* Whether the switch takes the stream's header off before the control port. */
static bool drops_header(arr_tile *tile) {
    enum {
        DROP = 0x80,
        PACKET = 1 << 30
    };
    uint32_t config =
        *arr_register(tile, ts_npu_port_offset(tile->kind, true, tile->control.in->end_port));
    return config & PACKET && config & DROP;
}

static bool take_word(ts_array *a, arr_tile *tile) {
    arr_control *c = &tile->control;
    if (!c->in || c->n_answers + MOST_WORDS + 1 > N_ANSWERS) return false;
    if (!arr_has_word(a, c->in)) {
        if (c->in->count) arr_wake_at(a, c->actor, c->in->ring[c->in->head].time);
        return false;
    }
    arr_word w = arr_pop(a, c->in);
    switch (c->state) {
    case WAIT_STREAM_HEADER:
        if (drops_header(tile)) {
            take_header(a, tile, w);
            break;
        }
        if (!w.is_last) c->state = WAIT_HEADER;
        break;
    case WAIT_HEADER: take_header(a, tile, w); break;
    case WAIT_DATA: take_data(a, tile, w); break;
    default:
        if (w.is_last) c->state = WAIT_STREAM_HEADER;
    }
    return true;
}

static bool send_answer(ts_array *a, arr_control *c) {
    if (!c->n_answers || !c->out) return false;
    if (!arr_send(a, c->out, c->answers[c->first], c->answer_last[c->first])) return false;
    c->first = (uint8_t)((c->first + 1) % N_ANSWERS);
    c->n_answers--;
    return true;
}

static bool take_tokens(ts_array *a, arr_tile *tile) {
    arr_link *link = tile->control.tokens;
    if (!link) return false;
    if (!arr_has_word(a, link)) {
        if (link->count) arr_wake_at(a, tile->control.actor, link->ring[link->head].time);
        return false;
    }
    take_token(a, tile, arr_pop(a, link).word);
    return true;
}

bool arr_control_step(ts_array *a, void *self) {
    arr_tile *tile = self;
    bool took = take_word(a, tile), sent = send_answer(a, &tile->control);
    bool heard = take_tokens(a, tile);
    return took || sent || heard;
}
