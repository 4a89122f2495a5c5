/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the commands on object files share.
 */
#include "cli.h"

ts_status cli_read_objects(cli_run *run, ts_object **out, size_t *n_out, ts_diag *diag) {
    ts_object *all = NULL;
    size_t n = 0;
    for (size_t i = 0; i < run->n_positional; i++) {
        const char *path = run->positional[i];
        ts_span bytes;
        ts_object *objects;
        size_t n_objects;
        TS_TRY(ts_file_read(run->arena, path, 0, &bytes, diag));
        TS_TRY(ts_object_read_all(run->arena, bytes, path, &objects, &n_objects, diag));
        ts_object *grown = TS_ARENA_ARRAY(run->arena, ts_object, n + n_objects);
        if (!grown) return ts_fail_nomem(diag);
        for (size_t k = 0; k < n + n_objects; k++)
            grown[k] = k < n ? all[k] : objects[k - n];
        all = grown;
        n += n_objects;
    }
    *out = all;
    *n_out = n;
    return TS_OK;
}
