/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Events that reach other tiles, timers that they reset, and a core's trace, byte by byte.
 */
#include "array_setup.h"

#include <string.h>

enum {
    COMPUTE = 2 << 20, /* tile (0,2) */
    TIMER_CONTROL = 0x34000,
    EVENT_GENERATE = 0x34008,
    EVENT_BROADCAST = 0x34010,
    TRACE_CONTROL0 = 0x340d0,
    TRACE_CONTROL1 = 0x340d4,
    TRACE_EVENT0 = 0x340e0,
    TRACE_EVENT1 = 0x340e4,
    TIMER_LOW = 0x340f8,
    USER = 127,
    USER_OTHER = 126,
    BROADCAST_0 = 107, /* of a core */
    WORDS = 64
};

static uint32_t out[WORDS];

static const char program[] = "  .globl main\n"
                              "main:\n"
                              "  event #0\n  nop\n  nop\n  nop\n  event #1\n  acq #48, r16\n"
                              "  nop\n  nop\n  nop\n  nop\n  event #0\n  event #1\n  done\n"
                              "  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n  nop\n";

/* From the trace port of tile (0,2) to the host. */
static void begin(setup *s) {
    setup_begin(s, "npu1_1col");
    setup_shim(s, 0, 0);
    setup_packet_slave(s, 0, 2, "Trace 0", 0, 5, 31, 0, 0);
    setup_packet_master(s, 0, 2, "South 0", 0, 1, false);
    setup_connect(s, 0, 1, "North 0", "South 0");
    setup_connect(s, 0, 0, "North 0", "South 2");
    memset(out, 0, sizeof out);
    ts_npu_bd bd = setup_linear(s, 0, 0, setup_buffer(s, "out", out, sizeof out), WORDS);
    setup_bd(s, 0, 0, 0, &bd);
    setup_task(s, 0, 0, SETUP_S2MM, 0, 0, 1, false);
    setup_program(s, 0, 2, program, NULL, 0);
    uint32_t minus_one = UINT32_MAX;
    ts_core_set(ts_array_core(s->array, 0, 2), ts_aie2_register_named("r16", 3), &minus_one, 4);
    /* From a user's event of the shim by broadcast 0, until another by broadcast 1. */
    ts_array_write(s->array, EVENT_BROADCAST, USER);
    ts_array_write(s->array, EVENT_BROADCAST + 4, USER_OTHER);
    ts_array_write(s->array, COMPUTE + TRACE_CONTROL1, 5);
    ts_array_write(s->array, COMPUTE + TRACE_EVENT0, 33 | 34 << 8 | 26 << 16 | 44 << 24);
    ts_array_write(s->array, COMPUTE + TRACE_CONTROL0,
                   BROADCAST_0 << 16 | (uint32_t)(BROADCAST_0 + 1) << 24);
    ts_array_write(s->array, COMPUTE + TIMER_CONTROL, BROADCAST_0 << 8);
}

/* In pieces of so many cycles. */
static void run_in_pieces(setup *s, uint64_t cycle, uint64_t piece) {
    while (ts_array_cycle(s->array) < cycle) {
        uint64_t left = cycle - ts_array_cycle(s->array);
        (void)ts_array_pass(s->array, left < piece ? left : piece);
    }
    assert_int_equal(ts_array_cycle(s->array), cycle);
}

static void run_to(setup *s, uint64_t cycle) {
    run_in_pieces(s, cycle, UINT64_MAX);
}

/* Cycle by cycle: the start arrives in 104; the core begins in 110 with 15 bundles of start-up
 * code; event 0 is in 125, event 1 in 129, the request for the lock and its stall in 134; the lock
 * is set in 400, so that the core goes on behind that; event 0 and 1 are in 402 and 403. */
static const uint8_t frames[] = {
    0xf0, 0,    0, 0, 0, 0, 0, 0, /* start, timer 0 */
    0x80, 20,                     /* slot 0, 20 cycles behind the next: 125 */
    0x13,                         /* slot 1: 129 */
    0xc0, 0xc4,                   /* slots 2 and 3: 134 */
    0x20,                         /* slot 2: 135 */
    0xd9, 0x09,                   /* and 265 more: 400 */
    0x01,                         /* slot 0: 402 */
    0x10,                         /* slot 1: 403 */
};

static void trace_in_pieces(uint64_t piece) {
    setup s;
    begin(&s);
    run_in_pieces(&s, 100, piece);
    ts_array_write(s.array, EVENT_GENERATE, USER);
    run_in_pieces(&s, 110, piece);
    assert_int_equal(ts_array_read(s.array, COMPUTE + TIMER_LOW), 6);
    assert_int_equal(ts_array_read(s.array, TIMER_LOW), 110);
    setup_enable(&s, 0, 2);
    run_in_pieces(&s, 400, piece);
    setup_lock(&s, 0, 2, 0, 1);
    run_in_pieces(&s, 500, piece);
    assert_int_equal(out[0], 0); /* a packet is sent when it is full */
    ts_array_write(s.array, EVENT_GENERATE, USER_OTHER);
    run_to(&s, 1000);
    assert_int_equal(out[0], 5 | 2 << 16); /* odd as it is */
    for (unsigned i = 0; i < 28; i++) {
        unsigned byte = out[1 + i / 4] >> (24 - i % 4 * 8) & 0xff;
        unsigned want = i < sizeof frames ? frames[i] : 0xfe;
        if (byte != want) fail_msg("byte %u is 0x%02x, not 0x%02x", i, byte, want);
    }
    assert_int_equal(out[8], 0);
    setup_expect_findings(&s, 0);
    setup_end(&s);
}

static void a_trace_tells_what_happened_when(void **state) {
    (void)state;
    static const uint64_t pieces[] = {UINT64_MAX, 1, 3, 50};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        trace_in_pieces(pieces[i]);
}

/* What lasts is told in every cycle; what a full packet holds is sent at once. */
static void what_lasts_is_repeated(void **state) {
    (void)state;
    setup s;
    begin(&s);
    ts_array_write(s.array, COMPUTE + TRACE_EVENT0, 1);
    ts_array_write(s.array, COMPUTE + TRACE_CONTROL0, UINT32_C(1) << 16);
    run_to(&s, 100000);
    ts_array_write(s.array, COMPUTE + TRACE_CONTROL0,
                   UINT32_C(1) << 16 | (uint32_t)(BROADCAST_0 + 1) << 24);
    ts_array_write(s.array, EVENT_GENERATE, USER_OTHER);
    run_to(&s, 101000);
    /* Frames of 100,003 cycles: 97 times 1,023, and 771 behind the first. */
    assert_int_equal(out[1], 0xf0000000);
    assert_int_equal(out[2], 0x00000000);
    assert_int_equal(out[3], 0x00dbffdb);
    assert_int_equal(out[8], out[0]);
    uint64_t cycles = 1, n_bytes = 9;
    for (; n_bytes < 28 * 8; n_bytes += 2) {
        uint32_t at = (uint32_t)(n_bytes / 28 * 8 + 1) * 4 + (uint32_t)n_bytes % 28;
        uint32_t high = out[at / 4] >> (24 - at % 4 * 8) & 0xff;
        at = (uint32_t)((n_bytes + 1) / 28 * 8 + 1) * 4 + (uint32_t)(n_bytes + 1) % 28;
        uint32_t low = out[at / 4] >> (24 - at % 4 * 8) & 0xff;
        if (high >> 2 != 0xd8 >> 2) break;
        cycles += (high & 3) << 8 | low;
    }
    assert_int_equal(cycles, 100003);
    setup_end(&s);
}

static void what_a_trace_cannot_have_is_told(void **state) {
    (void)state;
    setup s;
    begin(&s);
    ts_array_write(s.array, COMPUTE + TRACE_EVENT1, 75);
    ts_array_write(s.array, EVENT_GENERATE, USER);
    run_to(&s, 50);
    const ts_finding *f = setup_finding(&s, TS_FINDING_NOT_MODELED);
    assert_non_null(strstr(f->text, "slot 4 of the core's trace asks for event 75"));
    ts_array_write(s.array, COMPUTE + TRACE_CONTROL0, 1);
    ts_array_write(s.array, 0x14 << 12 | COMPUTE | 0xd0, 1); /* the memory's */
    ts_array_write(s.array, TRACE_CONTROL0, 1);
    assert_int_equal(ts_array_n_findings(s.array), 4);
    setup_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_tells_what_happened_when),
        cmocka_unit_test(what_lasts_is_repeated),
        cmocka_unit_test(what_a_trace_cannot_have_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
