/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The clock of the benchmarks, and the machine's own integer speed to hold figures against.
 */
#ifndef BENCH_SPEED_H
#define BENCH_SPEED_H

#include <stdint.h>
#include <time.h>

/* Seconds. */
static inline double speed_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* xorshift steps a second, each of which waits for the one before. */
static inline double speed_yardstick(void) {
    enum {
        STEPS = 200000000
    };
    uint64_t x = 88172645463325252u;
    double from = speed_now();
    for (unsigned i = 0; i < STEPS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    volatile uint64_t kept = x;
    (void)kept;
    return STEPS / (speed_now() - from);
}

#endif
