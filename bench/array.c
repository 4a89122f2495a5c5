/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Cycles of an emulated array a second, as JSON lines: one core alone; 16 cores that each take
 * buffers from their column's memory tile and give buffers back, once with work on every word and
 * once with none, so that the DMAs never rest. Checks are on. Beside them the machine's own integer
 * speed: xorshift steps a second. Last, the memory that all this took at most.
 */
#include "array_setup.h"
#include "speed.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    WORDS = 256,
    COLUMNS = 4,
    FIRST_ROW = 2,
    LAST_ROW = 5
};

static const char scalar[] = "  .globl main\nmain:\n"
                             "  .schedule\n  movxm p0, #0x70400\n  movxm r2, #1\n  .endschedule\n"
                             "again:\n  .nohazards\n"
                             "  st r2, [p0, #0]\n  st r2, [p0, #4]\n"
                             "  lda r0, [p0, #0]\n  lda r1, [p0, #4]\n  add r2, r2, #1\n"
                             "  mul r3, r2, r2\n  and r4, r2, r3\n  ltu r5, r4, r2\n"
                             "  add r7, r0, r1\n  xor r8, r7, r3\n  j #again\n"
                             "  add r9, r8, #3\n  st r7, [p0, #8]\n  sub r10, r9, r8\n"
                             "  st r8, [p0, #12]\n  lshl r11, r10, r2\n";

#define LOOP_BEGIN                                                                                 \
    "  .globl main\nmain:\n  .schedule\n  mov r16, #-1\n  mov r17, #1\n  .endschedule\n"           \
    "again:\n  .schedule\n  acq #49, r16\n  acq #50, r16\n  movxm p0, #0x70400\n"                  \
    "  movxm p1, #0x71000\n  movxm r18, #255\n  movxm p2, #word\n  .endschedule\n"
#define LOOP_END "  .schedule\n  rel #48, r17\n  rel #51, r17\n  j #again\n  .endschedule\n"

static const char on_each_word[] =
    LOOP_BEGIN "word:\n  .schedule\n  lda r0, [p0], #4\n  add r0, r0, #1\n  st r0, [p1], #4\n"
               "  jnzd r18, r18, p2\n  .endschedule\n" LOOP_END;
static const char on_none[] = LOOP_BEGIN "word:\n" LOOP_END;

/* A descriptor that is its own successor. */
static void loop_bd(setup *s, unsigned column, unsigned row, unsigned number, uint32_t base,
                    int direction, unsigned channel, unsigned acquire, unsigned release) {
    ts_npu_bd bd = setup_linear(s, column, row, base, WORDS);
    if (acquire != release) bd = setup_locks(bd, acquire, -1, release, 1);
    bd.use_next = true;
    bd.next = number;
    setup_bd(s, column, row, number, &bd);
    setup_task(s, column, row, direction, channel, number, 1, false);
}

/* Words of `channel` go from the memory tile up to `row` and from there down again. */
static void connect(setup *s, unsigned column, unsigned row, unsigned channel) {
    char up[16], down[16], dma[16];
    snprintf(dma, sizeof dma, "DMA %u", channel);
    snprintf(up, sizeof up, "North %u", channel);
    snprintf(down, sizeof down, "South %u", channel);
    setup_connect(s, column, 1, dma, up);
    setup_connect(s, column, 1, up, dma);
    for (unsigned r = FIRST_ROW; r < row; r++) {
        setup_connect(s, column, r, down, up);
        setup_connect(s, column, r, up, down);
    }
    setup_connect(s, column, row, down, "DMA 0");
    setup_connect(s, column, row, "DMA 0", down);
}

static void make_core(setup *s, unsigned column, unsigned row, const char *text) {
    unsigned k = row - FIRST_ROW, odd = k % 2 * 24;
    connect(s, column, row, k);
    loop_bd(s, column, 1, odd + 2 * k, 0x80000 + k * 0x8000, SETUP_MM2S, k, 0, 0);
    loop_bd(s, column, 1, odd + 2 * k + 1, 0x84000 + k * 0x8000, SETUP_S2MM, k, 0, 0);
    loop_bd(s, column, row, 0, 0x400, SETUP_S2MM, 0, 0, 1);
    loop_bd(s, column, row, 1, 0x1000, SETUP_MM2S, 0, 3, 2);
    setup_lock(s, column, row, 0, 1);
    setup_lock(s, column, row, 2, 1);
    setup_program(s, column, row, text, NULL, 0);
    setup_enable(s, column, row);
}

static void measure(setup *s, const char *name, uint64_t cycles, double steps) {
    double best = 0;
    ts_dma_stats before = {0}, after = {0};
    ts_core_stats core = {0};
    for (unsigned round = 0; round < 5; round++) {
        (void)ts_array_dma_stats(s->array, 0, 2, false, 0, &before);
        double from = speed_now();
        (void)ts_array_run(s->array, cycles);
        double rate = (double)cycles / (speed_now() - from);
        if (rate > best) best = rate;
        (void)ts_array_dma_stats(s->array, 0, 2, false, 0, &after);
    }
    (void)ts_array_core_stats(s->array, 0, 2, &core);
    printf("{\"bench\": \"array, %s\", \"cycles_per_second\": %.0f, \"bundles_per_cycle\": %.3f, "
           "\"words_per_cycle\": %.3f, \"host_steps_per_second\": %.0f, \"ratio\": %.5f}\n",
           name, best, (double)core.bundles / (double)core.cycles,
           (double)(after.words - before.words) / (double)cycles, steps, best / steps);
}

static void one(double steps) {
    setup s;
    setup_begin(&s, "npu1_1col");
    setup_program(&s, 0, 2, scalar, NULL, 0);
    setup_enable(&s, 0, 2);
    measure(&s, "one core alone", 20000000, steps);
    setup_end(&s);
}

static void sixteen(const char *name, const char *text, double steps) {
    setup s;
    setup_begin(&s, "npu1_4col");
    for (unsigned c = 0; c < COLUMNS; c++)
        for (unsigned r = FIRST_ROW; r <= LAST_ROW; r++)
            make_core(&s, c, r, text);
    measure(&s, name, 300000, steps);
    setup_end(&s);
}

int main(void) {
    double steps = speed_yardstick();
    one(steps);
    sixteen("16 cores at work on every word", on_each_word, steps);
    sixteen("16 cores that pass buffers on", on_none, steps);
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("{\"bench\": \"array, memory\", \"megabytes\": %.1f}\n",
               (double)usage.ru_maxrss / 1024);
    return 0;
}
