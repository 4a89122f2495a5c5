/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Floats as bits: f64, f32, f16, bf16.
 */
#include "print_int.h"

#include <string.h>

/* Sign, exponent and fraction of a float of `width` bits, rounded to even.
 * src: IEEE 754-2008: 3.4 and 4.3.1 [documented]; bf16 has 8 bits of exponent. */
static uint64_t encode_float(double value, unsigned exponent_bits, unsigned fraction_bits) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t sign = bits >> 63, fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff);
    const int bias = (1 << (exponent_bits - 1)) - 1, top = (1 << exponent_bits) - 1;
    uint64_t head = sign << (exponent_bits + fraction_bits);
    if (exponent == 0x7ff)
        return head | (uint64_t)top << fraction_bits |
               (fraction ? UINT64_C(1) << (fraction_bits - 1) : 0);
    if (exponent == 0) return head; /* far below the least of any smaller kind */
    exponent += bias - 1023;
    unsigned drop = 52 - fraction_bits;
    uint64_t whole = fraction | UINT64_C(1) << 52;
    if (exponent <= 0) {
        if (exponent < -(int)fraction_bits - 1) return head;
        drop += (unsigned)(1 - exponent);
        exponent = 0;
    }
    uint64_t kept = whole >> drop, rest = whole & ((UINT64_C(1) << drop) - 1);
    uint64_t half = UINT64_C(1) << (drop - 1);
    if (rest > half || (rest == half && (kept & 1))) kept++;
    /* With its leading one the fraction carries into the exponent by itself. */
    uint64_t result = exponent ? kept + ((uint64_t)(exponent - 1) << fraction_bits) : kept;
    uint64_t infinite = (uint64_t)top << fraction_bits;
    return head | (result > infinite ? infinite : result);
}

bool print_float_bits(const ts_type *type, double value, uint64_t *out) {
    if (type->width == 64) {
        memcpy(out, &value, sizeof *out);
    } else if (type->width == 32) {
        *out = encode_float(value, 8, 23);
    } else if (strcmp(type->name, "bf16") == 0) {
        *out = encode_float(value, 8, 7);
    } else if (strcmp(type->name, "f16") == 0) {
        *out = encode_float(value, 5, 10);
    } else {
        return false;
    }
    return true;
}

double print_float_value(const ts_type *type, uint64_t bits) {
    bool is_half = strcmp(type->name, "f16") == 0;
    unsigned fraction_bits = type->width == 64 ? 52 : type->width == 32 ? 23 : is_half ? 10 : 7;
    unsigned exponent_bits = type->width - 1 - fraction_bits;
    uint64_t fraction = bits & ((UINT64_C(1) << fraction_bits) - 1);
    int exponent = (int)(bits >> fraction_bits & ((1u << exponent_bits) - 1));
    int bias = (1 << (exponent_bits - 1)) - 1;
    uint64_t sign = bits >> (type->width - 1) & 1, wide;
    double value;
    if (exponent == (1 << exponent_bits) - 1) {
        wide = UINT64_C(0x7ff) << 52 | (fraction ? UINT64_C(1) << 51 : 0);
        memcpy(&value, &wide, sizeof value);
    } else {
        value = (double)(exponent ? fraction | UINT64_C(1) << fraction_bits : fraction);
        int shift = (exponent ? exponent : 1) - bias - (int)fraction_bits;
        for (; shift > 0; shift--)
            value *= 2;
        for (; shift < 0; shift++)
            value /= 2;
    }
    return sign ? -value : value;
}
