/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Test inputs of attention.
 */
#include "attention_int.h"

#include <math.h>

ts_attention_job ts_attention_job_of(const ts_attention_inputs *inputs) {
    return (ts_attention_job){.q = inputs->q,
                              .k = inputs->k,
                              .v = inputs->v,
                              .n_queries = inputs->n_queries,
                              .n_keys = inputs->n_keys,
                              .d = inputs->d,
                              .key_length = inputs->n_keys};
}

static ts_status begin(ts_attention_inputs *out, ts_arena *arena, ts_diag *diag) {
    ts_attention_job job = ts_attention_job_of(out);
    TS_TRY(attention_check_shape(&job, diag));
    out->q = ts_arena_array(arena, out->n_queries, out->d);
    out->k = ts_arena_array(arena, out->n_keys, out->d);
    out->v = ts_arena_array(arena, out->n_keys, out->d);
    return out->q && out->k && out->v ? TS_OK : ts_fail_nomem(diag);
}

ts_status ts_attention_draw_numpy(uint32_t seed, ts_attention_inputs *out, ts_arena *arena,
                                  ts_diag *diag) {
    ts_numpy_random random;
    TS_TRY(begin(out, arena, diag));
    ts_numpy_seed(&random, seed);
    size_t n_q = (size_t)out->n_queries * out->d, n_k = (size_t)out->n_keys * out->d;
    TS_TRY(ts_numpy_randint8(&random, -64, 64, out->q, n_q, diag));
    TS_TRY(ts_numpy_randint8(&random, -64, 64, out->k, n_k, diag));
    TS_TRY(ts_numpy_randint8(&random, -64, 64, out->v, n_k, diag));
    out->scale = 1 / sqrt(out->d);
    return TS_OK;
}

/* `n` normal numbers in units of their largest magnitude / 127. Gives the unit. */
static double draw_normal(ts_numpy_random *random, double *values, size_t n, int8_t *out) {
    double top = 0;
    for (size_t i = 0; i < n; i++) {
        values[i] = ts_numpy_normal(random);
        top = fmax(top, fabs(values[i]));
    }
    double unit = top / 127;
    for (size_t i = 0; i < n; i++)
        out[i] = (int8_t)nearbyint(values[i] / unit);
    return unit;
}

ts_status ts_attention_draw_gauss(uint32_t seed, double temperature, ts_attention_inputs *out,
                                  ts_arena *arena, ts_diag *diag) {
    ts_numpy_random random;
    if (!(temperature > 0) || !isfinite(temperature))
        return ts_fail(diag, TS_RANGE, NULL, "the temperature is %g; expected more than 0",
                       temperature);
    TS_TRY(begin(out, arena, diag));
    ts_numpy_seed(&random, seed);
    size_t n_q = (size_t)out->n_queries * out->d, n_k = (size_t)out->n_keys * out->d;
    double *values = TS_ARENA_ARRAY(arena, double, n_q > n_k ? n_q : n_k);
    if (!values) return ts_fail_nomem(diag);
    double q_unit = draw_normal(&random, values, n_q, out->q);
    double k_unit = draw_normal(&random, values, n_k, out->k);
    (void)draw_normal(&random, values, n_k, out->v);
    out->scale = q_unit * k_unit / (sqrt(out->d) * temperature);
    return TS_OK;
}
