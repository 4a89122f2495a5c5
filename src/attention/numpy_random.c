/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The draws of NumPy's RandomState: MT19937, 8-bit integers from its words, a byte at a time, and
 * normal numbers by the polar method.
 *
 * src: numpy/numpy: numpy/random/src/mt19937/mt19937.c, mt19937_seed, mt19937_gen [code]
 * src: numpy/numpy: numpy/random/src/distributions/distributions.c, random_bounded_uint8_fill,
 * buffered_bounded_masked_uint8 [code]
 * src: numpy/numpy: numpy/random/src/legacy/legacy-distributions.c, legacy_gauss [code]
 */
#include "tessera/attention.h"

#include <math.h>

enum {
    N = TS_NUMPY_STATE_WORDS,
    M = 397,
};

void ts_numpy_seed(ts_numpy_random *random, uint32_t seed) {
    for (uint32_t i = 0; i < N; i++) {
        random->state[i] = seed;
        seed = UINT32_C(1812433253) * (seed ^ seed >> 30) + i + 1;
    }
    random->next = N;
    random->has_normal = false;
}

static uint32_t twist(uint32_t high, uint32_t low) {
    uint32_t y = (high & UINT32_C(0x80000000)) | (low & UINT32_C(0x7fffffff));
    return y >> 1 ^ (y & 1 ? UINT32_C(0x9908b0df) : 0);
}

static void make_words(ts_numpy_random *random) {
    uint32_t *state = random->state;
    for (unsigned i = 0; i < N; i++)
        state[i] = state[(i + M) % N] ^ twist(state[i], state[(i + 1) % N]);
    random->next = 0;
}

uint32_t ts_numpy_next32(ts_numpy_random *random) {
    if (random->next >= N) make_words(random);
    uint32_t y = random->state[random->next++];
    y ^= y >> 11;
    y ^= y << 7 & UINT32_C(0x9d2c5680);
    y ^= y << 15 & UINT32_C(0xefc60000);
    return y ^ y >> 18;
}

/* The smallest mask of ones that holds `most`. */
static uint8_t mask_of(uint8_t most) {
    uint8_t mask = most;
    mask |= mask >> 1;
    mask |= mask >> 2;
    mask |= mask >> 4;
    return mask;
}

ts_status ts_numpy_randint8(ts_numpy_random *random, int low, int high, int8_t *out, size_t n,
                            ts_diag *diag) {
    if (low < INT8_MIN || high > INT8_MAX + 1 || low >= high)
        return ts_fail(diag, TS_RANGE, NULL, "no int8 is from %d to below %d", low, high);
    uint8_t most = (uint8_t)(high - 1 - low), mask = mask_of(most);
    uint32_t word = 0;
    unsigned n_left = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t value = 0;
        if (most == 0) { /* without a draw */
            out[i] = (int8_t)low;
            continue;
        }
        do {
            word = n_left ? word >> 8 : ts_numpy_next32(random);
            n_left = n_left ? n_left - 1 : 3;
            value = (uint8_t)word & mask;
        } while (value > most);
        out[i] = (int8_t)(low + value);
    }
    return TS_OK;
}

/* 53 bits of two words. */
double ts_numpy_double(ts_numpy_random *random) {
    uint32_t high = ts_numpy_next32(random) >> 5, low = ts_numpy_next32(random) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

/* Marsaglia's polar method: a point in the unit circle gives two numbers, the second one first. */
double ts_numpy_normal(ts_numpy_random *random) {
    double x, y, square;
    if (random->has_normal) {
        random->has_normal = false;
        return random->normal;
    }
    do {
        x = 2 * ts_numpy_double(random) - 1;
        y = 2 * ts_numpy_double(random) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square <= 0);
    double factor = sqrt(-2 * log(square) / square);
    random->has_normal = true;
    random->normal = factor * x;
    return factor * y;
}
