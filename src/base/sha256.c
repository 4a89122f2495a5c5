/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * SHA-256 of bytes in memory. The constants are the first 32 bits of the fractions of square roots
 * (of where it begins) and cube roots (of rounds) of the first primes.
 * src: FIPS 180-4: sections 4.1.2, 4.2.2, 5.1.1, 5.3.3, 6.2.2 [documented]
 */
#include "tessera/base.h"

#include <string.h>

enum {
    BLOCK = 64,
    N_ROUNDS = 64
};

/* clang-format off */
static const uint32_t round_constants[N_ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

static uint32_t rotate(uint32_t value, unsigned by) {
    return value >> by | value << (32 - by);
}

static void spread(const uint8_t *block, uint32_t w[N_ROUNDS]) {
    ts_cur cur = ts_cur_of(ts_span_of(block, BLOCK));
    for (unsigned t = 0; t < 16; t++)
        w[t] = ts_cur_u32be(&cur);
    for (unsigned t = 16; t < N_ROUNDS; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];
        uint32_t low = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
        uint32_t high = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
        w[t] = high + w[t - 7] + low + w[t - 16];
    }
}

/* s: a to h. */
static void mix(uint32_t s[8], const uint8_t *block) {
    uint32_t w[N_ROUNDS], v[8];
    spread(block, w);
    memcpy(v, s, sizeof v);
    for (unsigned t = 0; t < N_ROUNDS; t++) {
        uint32_t e = v[4], a = v[0];
        uint32_t choice = (e & v[5]) ^ (~e & v[6]);
        uint32_t majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice +
                      round_constants[t] + w[t];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
        memmove(&v[1], &v[0], 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        s[i] += v[i];
}

void ts_sha256(ts_span bytes, uint8_t out[TS_SHA256_BYTES]) {
    uint32_t s[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t last[2 * BLOCK] = {0};
    size_t whole = bytes.size / BLOCK * BLOCK, rest = bytes.size - whole;
    size_t n_last = rest + 9 > BLOCK ? 2 * BLOCK : BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK)
        mix(s, bytes.data + at);
    if (rest) memcpy(last, bytes.data + whole, rest);
    last[rest] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        last[n_last - 1 - i] = (uint8_t)((uint64_t)bytes.size * 8 >> 8 * i);
    for (size_t at = 0; at < n_last; at += BLOCK)
        mix(s, last + at);
    for (unsigned i = 0; i < TS_SHA256_BYTES; i++)
        out[i] = (uint8_t)(s[i / 4] >> 8 * (3 - i % 4));
}

void ts_sha256_text(ts_span bytes, char out[TS_SHA256_TEXT]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[TS_SHA256_BYTES];
    ts_sha256(bytes, hash);
    for (size_t i = 0; i < TS_SHA256_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[TS_SHA256_TEXT - 1] = 0;
}
