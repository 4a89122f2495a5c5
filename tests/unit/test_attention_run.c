/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * attention: test inputs and results against those of a prototype in NumPy, and against the
 * definition worked out a second time, in double. */
#include "attention_cases.h"

#include <math.h>
#include <string.h>

static uint64_t hash_more(uint64_t hash, const int8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_of(const int8_t *bytes, size_t n) {
    return hash_more(UINT64_C(0xcbf29ce484222325), bytes, n);
}

static uint64_t hash_of_inputs(const ts_attention_inputs *in) {
    size_t n_q = (size_t)in->n_queries * in->d, n_k = (size_t)in->n_keys * in->d;
    return hash_more(hash_more(hash_of(in->q, n_q), in->k, n_k), in->v, n_k);
}

static void make_steps(ts_attention_job *job, double scale, double output_scale) {
    ts_diag diag = {0};
    if (ts_attention_steps_of(scale, output_scale, job->d, &job->steps, &diag) != TS_OK)
        fail_msg("%s", diag.message);
}

static int8_t *run(ts_arena *arena, const ts_attention_job *job) {
    ts_diag diag = {0};
    int8_t *out = ts_arena_array(arena, job->n_queries, job->d);
    if (ts_attention_run(TS_ATTENTION_PLAIN, job, out, arena, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return out;
}

/* ---- against the prototype ------------------------------------------------------------------- */

static void results_are(ts_arena *arena, const ts_attention_inputs *in, double output_scale,
                        uint64_t int32_hash, uint64_t int8_hash) {
    ts_attention_job job = ts_attention_job_of(in);
    make_steps(&job, in->scale, output_scale);
    for (int i = 0; i < 2; i++) {
        job.scores = i ? TS_ATTENTION_INT8 : TS_ATTENTION_INT32;
        uint64_t got = hash_of(run(arena, &job), (size_t)in->n_queries * in->d);
        uint64_t want = i ? int8_hash : int32_hash;
        if (got != want)
            fail_msg("int%d scores: the hash is %#llx; expected %#llx", i ? 8 : 32,
                     (unsigned long long)got, (unsigned long long)want);
    }
}

/* Hashes (FNV-1a) of inputs and results made once with NumPy 2.4.6, where the definition was tried
 * out in 64-bit integers. */
static void numpy_inputs_and_results_are_those_of_numpy(void **state) {
    (void)state;
    static const struct {
        uint32_t seed;
        uint64_t inputs, int32, int8;
    } cases[] = {
        {0, UINT64_C(0x7a66d7b8109c216b), UINT64_C(0xf7b96d197423fbba),
         UINT64_C(0x13357ae7b7c1bf08)},
        {42, UINT64_C(0x1bd6d99dfb6386c0), UINT64_C(0x8508f9b7539f4a44),
         UINT64_C(0x2cadc19805bbec08)},
        {4294967295u, UINT64_C(0xb2fc85a0d4b28fa7), UINT64_C(0xc8c5cba67ffd1e1b),
         UINT64_C(0xc541471ddb697a74)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_attention_inputs in = {.n_queries = 64, .n_keys = 64, .d = 64};
        ts_diag diag = {0};
        assert_int_equal(ts_attention_draw_numpy(cases[i].seed, &in, arena, &diag), TS_OK);
        assert_true(in.scale == 0.125);
        assert_true(hash_of_inputs(&in) == cases[i].inputs);
        results_are(arena, &in, 1, cases[i].int32, cases[i].int8);
        test_end(arena);
    }
}

static void gauss_inputs_and_results_are_those_of_numpy(void **state) {
    (void)state;
    static const struct {
        uint32_t seed;
        double temperature;
        uint32_t n_queries, n_keys, d;
        double output_scale;
        uint64_t inputs, int32, int8;
        double scale;
    } cases[] = {
        {1, 1, 64, 64, 64, 1, UINT64_C(0x4136921552fe4abe), UINT64_C(0x8df5cb95b875fd09),
         UINT64_C(0x89c590261a9d6e09), 0.00012354063733413368},
        {2, 0.3, 64, 64, 64, 1, UINT64_C(0x68aeb48e475247f6), UINT64_C(0x78b38050bdcebab1),
         UINT64_C(0xfd1ca239497797bc), 0.00038251972780690177},
        {3, 0.06, 64, 64, 64, 1, UINT64_C(0x910f343738ba6c31), UINT64_C(0xca23976406abe1ac),
         UINT64_C(0x45ae9c40194dd627), 0.0019817410353745201},
        {4, 1, 17, 501, 72, 2.5, UINT64_C(0x65d880b7521a6d6e), UINT64_C(0x950f2691521ed362),
         UINT64_C(0x960d8ba6a5fbebf0), 0.00010577387592623586},
        {5, 0.5, 33, 1, 8, 0.01, UINT64_C(0x3668148586a1cce7), UINT64_C(0xf051767977cd87aa),
         UINT64_C(0xf051767977cd87aa), 0.00015008815085904275},
        {6, 0.1, 3, 100, 128, 100, UINT64_C(0x3f1f2db0f2b63fb8), UINT64_C(0x9098add71325fccc),
         UINT64_C(0x748af9ea083f7db8), 0.00088537900436421975},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_arena *arena = test_begin();
        ts_attention_inputs in = {
            .n_queries = cases[i].n_queries, .n_keys = cases[i].n_keys, .d = cases[i].d};
        ts_diag diag = {0};
        assert_int_equal(
            ts_attention_draw_gauss(cases[i].seed, cases[i].temperature, &in, arena, &diag), TS_OK);
        assert_true(fabs(in.scale - cases[i].scale) <= 1e-15 * cases[i].scale);
        assert_true(hash_of_inputs(&in) == cases[i].inputs);
        results_are(arena, &in, cases[i].output_scale, cases[i].int32, cases[i].int8);
        test_end(arena);
    }
}

/* RandomState(7).randn(5), made once with NumPy 2.4.6. */
static void normal_numbers_are_those_of_numpy(void **state) {
    (void)state;
    static const double want[] = {1.690525703800356, -0.46593737054083278, 0.032820163678584403,
                                  0.40751628299650783, -0.7889230286257386};
    ts_numpy_random random;
    ts_numpy_seed(&random, 7);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(ts_numpy_normal(&random) - want[i]) <= 1e-15);
    ts_numpy_seed(&random, 7); /* forgets the number that was kept */
    assert_true(fabs(ts_numpy_normal(&random) - want[0]) <= 1e-15);
}

/* ---- against the definition, a second time --------------------------------------------------- */

/* All in double, which holds every number of the definition exactly. */
static double rounded(double x, int shift) {
    return nearbyint(ldexp(x, -shift));
}

static double clamped(double x, double top) {
    return fmin(fmax(x, -top - 1), top);
}

static double weight(double u, int bits) {
    double h = 15560 - rounded(u * 6073, 16);
    h = 22704 - rounded(u * h, 16);
    double z = rounded(u * h, 15) - 32768;
    for (int i = 0; i < 3; i++)
        z = rounded(-z * z, 15);
    return rounded(-z * z, 30 - bits);
}

static int bits_for(uint32_t n_keys) {
    int bits = 15;
    while (n_keys >= ldexp(1, 24 - bits))
        bits--;
    return bits;
}

static bool is_counted(const ts_attention_job *job, uint32_t j) {
    return j < job->key_length && (!job->mask || job->mask[j]);
}

static double score(const ts_attention_job *job, uint32_t row, uint32_t j) {
    const ts_attention_steps *s = &job->steps;
    double sum = 0;
    for (uint32_t i = 0; i < job->d; i++)
        sum += (double)job->q[row * job->d + i] * job->k[j * job->d + i];
    if (job->scores == TS_ATTENTION_INT32) return sum;
    return clamped(rounded(clamped(rounded(sum, s->score_shift), 32767) * s->score_multiplier,
                           s->score_multiplier_shift),
                   127);
}

/* Weights of one row, all negative or 0. */
static void weigh(const ts_attention_job *job, uint32_t row, double *z) {
    bool is_int8 = job->scores == TS_ATTENTION_INT8;
    double reference = -HUGE_VAL;
    for (uint32_t j = 0; j < job->n_keys; j++)
        if (is_counted(job, j)) reference = fmax(reference, score(job, row, j));
    for (uint32_t j = 0; j < job->n_keys; j++) {
        double x = reference - score(job, row, j), u;
        if (is_int8)
            u = rounded(x * 23637, 3);
        else
            u = rounded(clamped(rounded(x, job->steps.difference_shift), 32767) *
                            job->steps.multiplier,
                        job->steps.multiplier_shift);
        z[j] = is_counted(job, j) ? weight(fmin(u, 32767), bits_for(job->n_keys)) : 0;
    }
}

static void by_definition(const ts_attention_job *job, uint32_t row, double *z, int8_t *out) {
    double sum = 0;
    int e = 0;
    weigh(job, row, z);
    for (uint32_t j = 0; j < job->n_keys; j++)
        sum -= z[j];
    (void)frexp(sum, &e);
    e -= 16;
    double m = floor(ldexp(sum, -e));
    double r = floor((job->steps.numerator + floor(m / 2)) / m);
    assert_true(m >= 32768 && m < 65536 && r <= 32767);
    for (uint32_t i = 0; i < job->d; i++) {
        double a = 0;
        for (uint32_t j = 0; j < job->n_keys; j++)
            a += z[j] * job->v[j * job->d + i];
        assert_true(fabs(a) < ldexp(1, 31));
        double y = clamped(rounded(a, e + 8), 32767);
        out[i] = (int8_t)clamped(rounded(-y * r, job->steps.output_shift), 127);
    }
}

static void follows_the_definition(ts_arena *arena, const ts_attention_job *job) {
    double *z = TS_ARENA_ARRAY(arena, double, job->n_keys);
    int8_t want[TS_ATTENTION_MAX_D];
    const int8_t *got = run(arena, job);
    for (uint32_t row = 0; row < job->n_queries; row++) {
        by_definition(job, row, z, want);
        test_same_bytes(ts_span_of(got + row * job->d, job->d), ts_span_of(want, job->d));
    }
}

static void random_jobs_follow_the_definition(void **state) {
    (void)state;
    test_random random = {2024};
    for (int round = 0; round < 60; round++) {
        ts_arena *arena = test_begin();
        uint32_t n_queries = 1 + (uint32_t)(test_next(&random) % 5);
        uint32_t n_keys = 1 + (uint32_t)(test_next(&random) % (round % 10 ? 80 : 3000));
        uint32_t d = 8 + 8 * (uint32_t)(test_next(&random) % 16);
        ts_attention_job job =
            attention_random_case(arena, &random, n_queries, n_keys, d, true).job;
        follows_the_definition(arena, &job);
        test_end(arena);
    }
}

/* Steps that no scale makes clamp what is never clamped otherwise. */
static void any_steps_follow_the_definition(void **state) {
    (void)state;
    test_random random = {2025};
    for (int round = 0; round < 60; round++) {
        ts_arena *arena = test_begin();
        ts_attention_job job = attention_random_case(arena, &random, 2, 40, 128, true).job;
        uint64_t bits = test_next(&random);
        job.scores = round % 2 ? TS_ATTENTION_INT32 : TS_ATTENTION_INT8;
        job.steps.difference_shift = bits & 3;
        job.steps.score_shift = bits >> 2 & 3;
        job.steps.multiplier = (int16_t)(bits >> 4 & 32767);
        job.steps.score_multiplier = (int16_t)(bits >> 20 & 32767);
        job.steps.multiplier_shift = 8 + (bits >> 36 & 15);
        job.steps.score_multiplier_shift = 16 + (bits >> 40 & 15);
        follows_the_definition(arena, &job);
        test_end(arena);
    }
}

/* Two keys, 1 to 10 units apart, and output scales that bring out what one of them weighs. */
static void int8_scores_follow_the_definition(void **state) {
    (void)state;
    static const int8_t q[8] = {1}, v[16] = {[8] = 127};
    for (int round = 0; round < 2000; round++) {
        ts_arena *arena = test_begin();
        int8_t k[16] = {[0] = (int8_t)(1 + round % 10)};
        ts_attention_job job = {.q = q,
                                .k = k,
                                .v = v,
                                .n_queries = 1,
                                .n_keys = 2,
                                .d = 8,
                                .key_length = 2,
                                .scores = TS_ATTENTION_INT8};
        make_steps(&job, 1, exp(k[0]) * (0.2 + round * 0.0004));
        follows_the_definition(arena, &job);
        test_end(arena);
    }
}

static void weights_follow_the_definition(void **state) {
    (void)state;
    for (unsigned bits = 7; bits <= 15; bits++)
        for (unsigned u = 0; u <= 32767; u += bits == 15 ? 1 : 7)
            if (ts_attention_weight(u, bits) != weight(u, (int)bits))
                fail_msg("u = %u, %u bits", u, bits);
    assert_int_equal(ts_attention_weight(0, 15), -32768);
    assert_int_equal(ts_attention_weight(40000, 15), ts_attention_weight(32767, 15));
    for (uint32_t n = 1; n <= TS_ATTENTION_MAX_ROWS; n++)
        assert_int_equal(ts_attention_weight_bits(n), bits_for(n));
}

/* ---- scales ---------------------------------------------------------------------------------- */

static void steps_are_those_of_paper(void **state) {
    (void)state;
    ts_attention_steps s;
    ts_diag diag = {0};
    /* 1/8 log2(e) 2^11 = 369.33 = 23637 / 2^6; 32767 / 8 >= 128, and 1/8 = 16384 / 2^17. */
    assert_int_equal(ts_attention_steps_of(0.125, 1, 64, &s, &diag), TS_OK);
    assert_int_equal(s.difference_shift, 0);
    assert_int_equal(s.multiplier, 23637);
    assert_int_equal(s.multiplier_shift, 6);
    assert_int_equal(s.numerator, 1 << 29);
    assert_int_equal(s.output_shift, 21);
    assert_int_equal(s.score_shift, 0);
    assert_int_equal(s.score_multiplier, 16384);
    assert_int_equal(s.score_multiplier_shift, 17);
    assert_int_equal(ts_attention_steps_of(0, 1, 72, &s, &diag), TS_OK);
    assert_int_equal(s.difference_shift, 7);
    assert_int_equal(s.multiplier, 0);
    assert_int_equal(s.multiplier_shift, 31);
    assert_int_equal(ts_attention_steps_of(1e6, 0.0009765625, 8, &s, &diag), TS_OK);
    assert_int_equal(s.difference_shift, 0);
    assert_int_equal(s.multiplier, 32767);
    assert_int_equal(s.multiplier_shift, 0);
    assert_int_equal(s.numerator, 1 << 29);
    assert_int_equal(s.output_shift, 31);
    /* The least shift with which the largest difference is worth 16 powers of two, or 128 logits.
     */
    double least = 16 / (32767 * 1.4426950408889634);
    assert_int_equal(ts_attention_steps_of(least * 1.000001, 1, 64, &s, &diag), TS_OK);
    assert_int_equal(s.difference_shift, 0);
    assert_int_equal(ts_attention_steps_of(least * 0.999999, 1, 64, &s, &diag), TS_OK);
    assert_int_equal(s.difference_shift, 1);
    assert_int_equal(ts_attention_steps_of(128 / 32767.0 * 1.000001, 1, 64, &s, &diag), TS_OK);
    assert_int_equal(s.score_shift, 0);
    assert_int_equal(ts_attention_steps_of(128 / 32767.0 * 0.999999, 1, 64, &s, &diag), TS_OK);
    assert_int_equal(s.score_shift, 1);
    /* The factor must not become 2^15; the numerator must not make a reciprocal of 2^15. */
    double factor = 32767.9 / 32768 / 1.4426950408889634;
    assert_int_equal(ts_attention_steps_of(factor, nextafter(2, 0), 8, &s, &diag), TS_OK);
    assert_int_equal(s.multiplier, 16384);
    assert_int_equal(s.multiplier_shift, 3);
    assert_int_equal(s.numerator, 32767 * 32768);
    assert_int_equal(s.output_shift, 21);
}

static void steps_hold_for_all_scales(void **state) {
    (void)state;
    ts_attention_steps s;
    ts_diag diag = {0};
    for (unsigned d = 8; d <= 128; d += 8)
        for (int i = -260; i < 6160; i++) {
            double scale = pow(10, i / 20.0), unit = scale * 1.4426950408889634;
            assert_int_equal(ts_attention_steps_of(scale, 1, d, &s, &diag), TS_OK);
            double got = ldexp(s.multiplier, -s.multiplier_shift - s.difference_shift - 11);
            if (s.multiplier < 32767 || s.multiplier_shift)
                assert_true(fabs(got - unit) <=
                            fmax(unit / 32768, ldexp(1, -43 - s.difference_shift)));
            else
                assert_true(unit * ldexp(1, s.difference_shift) >= 32766.0 / 2048);
            assert_true(s.score_multiplier >= 0 && s.score_shift <= 7);
        }
    for (int i = -10000; i < 22000; i += 7) {
        double c = pow(2, i / 1000.0);
        assert_int_equal(ts_attention_steps_of(1, c, 64, &s, &diag), TS_OK);
        assert_true(s.numerator >= 1 << 29 && s.numerator <= 32767 * 32768);
        assert_true(fabs(ldexp(s.numerator, -8 - s.output_shift) / c - 1) <= 1.0 / 32768);
    }
}

static void wrong_scales_are_refused(void **state) {
    (void)state;
    static const struct {
        double scale, output_scale;
        unsigned d;
        const char *words;
    } cases[] = {
        {-1e-9, 1, 64, "the scale is -1e-09; expected 0 or more"},
        {(double)NAN, 1, 64, "the scale is"},
        {HUGE_VAL, 1, 64, "the scale is inf"},
        {1, 0, 64, "the output scale is 0; expected one from 2^-10 to below 2^22"},
        {1, -1, 64, "the output scale is -1"},
        {1, 0.000976, 64, "the output scale is 0.000976"},
        {1, 4194304, 64, "the output scale is 4.1943e+06"},
        {1, (double)NAN, 64, "the output scale is"},
        {1, HUGE_VAL, 64, "the output scale is inf"},
        {1, 1, 0, "rows of 0 values; expected a multiple of 8 from 8 to 128"},
        {1, 1, 12, "rows of 12 values"},
        {1, 1, 136, "rows of 136 values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ts_attention_steps s;
        ts_diag diag = {0};
        assert_int_equal(
            ts_attention_steps_of(cases[i].scale, cases[i].output_scale, cases[i].d, &s, &diag),
            TS_RANGE);
        test_expect_error(&diag, TS_RANGE, cases[i].words);
    }
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static ts_attention_job small_job(void) {
    static const int8_t bytes[64];
    ts_attention_job job = {
        .q = bytes, .k = bytes, .v = bytes, .n_queries = 2, .n_keys = 3, .d = 8, .key_length = 3};
    make_steps(&job, 1, 1);
    return job;
}

static void refused(ts_attention_job job, const char *words) {
    ts_arena *arena = test_begin();
    ts_diag diag = {0};
    int8_t out[64];
    assert_int_equal(ts_attention_run(TS_ATTENTION_PLAIN, &job, out, arena, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, words);
    test_end(arena);
}

#define REFUSED(change, words)                                                                     \
    do {                                                                                           \
        ts_attention_job job = small_job();                                                        \
        change;                                                                                    \
        refused(job, words);                                                                       \
    } while (0)

static void wrong_jobs_are_refused(void **state) {
    (void)state;
    static const uint8_t mask[] = {0, 0, 1};
    REFUSED(job.n_queries = 0, "0 rows of Q; expected 1 to 65536");
    REFUSED(job.n_queries = 65537, "65537 rows of Q");
    REFUSED(job.n_keys = 0, "0 rows of K and V");
    REFUSED(job.n_keys = 65537, "65537 rows of K and V");
    REFUSED(job.d = 4, "rows of 4 values");
    REFUSED(job.d = 136, "rows of 136 values");
    REFUSED(job.key_length = 0, "a key length of 0; expected 1 to 3");
    REFUSED(job.key_length = 4, "a key length of 4; expected 1 to 3");
    REFUSED((job.mask = mask, job.key_length = 2), "no key counts: the mask is 0 for the first 2");
    REFUSED(job.scores = (ts_attention_scores)2, "scores of kind 2");
    REFUSED(job.steps.difference_shift = 8, "shifts or factors outside");
    REFUSED(job.steps.multiplier = -1, "shifts or factors outside");
    REFUSED(job.steps.multiplier_shift = 32, "shifts or factors outside");
    REFUSED(job.steps.numerator = (1 << 29) - 1, "shifts or factors outside");
    REFUSED(job.steps.numerator = 32767 * 32768 + 1, "shifts or factors outside");
    REFUSED(job.steps.output_shift = 32, "shifts or factors outside");
    REFUSED(job.steps.score_shift = 8, "shifts or factors outside");
    REFUSED(job.steps.score_multiplier = -1, "shifts or factors outside");
    REFUSED(job.steps.score_multiplier_shift = 32, "shifts or factors outside");
    ts_attention_job job = small_job();
    float out[16];
    ts_diag diag = {0};
    assert_int_equal(ts_attention_fp32(&job, -1, 1, out, NULL, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the scale is -1");
    diag = (ts_diag){0};
    assert_int_equal(ts_attention_fp32(&job, 1, 0, out, NULL, &diag), TS_RANGE);
    diag = (ts_diag){0};
    ts_attention_inputs in = {.n_queries = 8, .n_keys = 8, .d = 8};
    assert_int_equal(ts_attention_draw_gauss(1, 0, &in, NULL, &diag), TS_RANGE);
    test_expect_error(&diag, TS_RANGE, "the temperature is 0");
}

static ts_status attempt(ts_arena *arena, void *context) {
    ts_attention_inputs in = {.n_queries = 3, .n_keys = 5, .d = 16};
    ts_diag diag = {0};
    int8_t out[48];
    float real[48];
    TS_TRY(ts_attention_draw_numpy(1, &in, arena, &diag));
    TS_TRY(ts_attention_draw_gauss(1, 1, &in, arena, &diag));
    ts_attention_job job = ts_attention_job_of(&in);
    make_steps(&job, in.scale, 1);
    TS_TRY(ts_attention_run(*(ts_attention_variant *)context, &job, out, arena, &diag));
    return ts_attention_fp32(&job, in.scale, 1, real, arena, &diag);
}

static void exhausted_memory_is_an_error(void **state) {
    (void)state;
    for (int i = 0; i < TS_N_ATTENTION_VARIANTS; i++) {
        ts_attention_variant variant = (ts_attention_variant)i;
        if (ts_attention_has_variant(variant)) test_every_allocation_fails(attempt, &variant);
    }
}

static void blocks_hold_the_steps_and_the_mask(void **state) {
    (void)state;
    static const int32_t want[TS_ATTENTION_BLOCK_WORDS] = {0,  23637, 6, 1 << 29, 21, 0,
                                                           -3, 0xf,   0, 16384,   17};
    ts_attention_job job = small_job();
    int32_t block[TS_ATTENTION_BLOCK_WORDS];
    uint8_t mask[64];
    memset(mask, 9, sizeof mask);
    mask[1] = 0;
    make_steps(&job, 0.125, 1);
    job.mask = mask;
    job.n_keys = 64;
    job.key_length = 36;
    ts_attention_block(&job, block);
    assert_memory_equal(block, want, sizeof want);
    job.mask = NULL;
    job.key_length = 64;
    ts_attention_block(&job, block);
    assert_int_equal(block[6], -1);
    assert_int_equal(block[7], -1);
    job.n_keys = 3;
    job.key_length = 3;
    ts_attention_block(&job, block);
    assert_int_equal(block[6], 7);
    assert_int_equal(block[7], 0);
}

/* ---- the reference --------------------------------------------------------------------------- */

/* One value of Q, 1; keys 0, 1, 2: weights 1 : r : r^2 with r = exp(scale). */
static void the_reference_is_softmax(void **state) {
    (void)state;
    ts_arena *arena = test_begin();
    int8_t q[8] = {1}, k[24] = {[8] = 1, [16] = 2}, v[24] = {[0] = 100, [8] = 50, [16] = -7};
    uint8_t mask[3] = {1, 0, 1};
    ts_attention_job job = {
        .q = q, .k = k, .v = v, .n_queries = 1, .n_keys = 3, .d = 8, .key_length = 3};
    ts_diag diag = {0};
    float out[8];
    double r = exp(0.75);
    assert_int_equal(ts_attention_fp32(&job, 0.75, 2, out, arena, &diag), TS_OK);
    assert_true(fabs(out[0] / (2 * (100 + 50 * r - 7 * r * r) / (1 + r + r * r)) - 1) < 1e-6);
    assert_true(out[1] == 0);
    job.mask = mask;
    assert_int_equal(ts_attention_fp32(&job, 0.75, 1, out, arena, &diag), TS_OK);
    assert_true(fabs(out[0] / ((100 - 7 * r * r) / (1 + r * r)) - 1) < 1e-6);
    job.mask = NULL;
    job.key_length = 2;
    assert_int_equal(ts_attention_fp32(&job, 0.75, 1, out, arena, &diag), TS_OK);
    assert_true(fabs(out[0] / ((100 + 50 * r) / (1 + r)) - 1) < 1e-6);
    test_end(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numpy_inputs_and_results_are_those_of_numpy),
        cmocka_unit_test(gauss_inputs_and_results_are_those_of_numpy),
        cmocka_unit_test(normal_numbers_are_those_of_numpy),
        cmocka_unit_test(random_jobs_follow_the_definition),
        cmocka_unit_test(any_steps_follow_the_definition),
        cmocka_unit_test(int8_scores_follow_the_definition),
        cmocka_unit_test(weights_follow_the_definition),
        cmocka_unit_test(steps_are_those_of_paper),
        cmocka_unit_test(steps_hold_for_all_scales),
        cmocka_unit_test(wrong_scales_are_refused),
        cmocka_unit_test(wrong_jobs_are_refused),
        cmocka_unit_test(exhausted_memory_is_an_error),
        cmocka_unit_test(blocks_hold_the_steps_and_the_mask),
        cmocka_unit_test(the_reference_is_softmax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
