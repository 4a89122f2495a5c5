/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The BIF reader; every error has a place in the text. */
#include "tessera/pdi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, 256u << 20);
    ts_diag diag = {0};
    ts_bif bif;
    if (ts_bif_parse(&arena, ts_span_of(data, size), "fuzz.bif", &bif, &diag) == TS_OK) {
        for (size_t i = 0; i < bif.n_images; i++)
            for (size_t k = 0; k < bif.images[i].n_partitions; k++)
                if (!bif.images[i].partitions[k].n_files) abort();
    } else if (diag.code == TS_OK || !diag.message[0] || diag.place != TS_PLACE_TEXT) {
        abort();
    }
    ts_arena_free(&arena);
    return 0;
}
