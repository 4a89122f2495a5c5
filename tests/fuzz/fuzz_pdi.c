/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The PDI reader; what it accepts must be written back to the same bytes. */
#include "tessera/pdi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_span bytes = ts_span_of(data, size);
    ts_pdi pdi;
    ts_pdi_part *parts;
    size_t n_parts;
    if (ts_pdi_parse(&arena, bytes, "fuzz.pdi", &pdi, &diag) == TS_OK) {
        ts_buf out = ts_buf_in(&arena);
        if (ts_pdi_write(&pdi, &out, &diag) != TS_OK || !ts_span_equal(ts_buf_span(&out), bytes))
            abort();
        if (ts_pdi_split(&arena, &pdi, &parts, &n_parts, &diag) != TS_OK) abort();
        for (size_t i = 0; i < pdi.n_partitions; i++) {
            ts_cdo cdo;
            ts_diag ignored = {0};
            (void)!ts_cdo_parse(&arena, ts_pdi_partition_content(&pdi.partitions[i]), "fuzz.cdo",
                                &cdo, &ignored);
        }
    } else if (diag.code == TS_OK || !diag.message[0]) {
        abort(); /* an error without words */
    }
    ts_arena_free(&arena);
    return 0;
}
