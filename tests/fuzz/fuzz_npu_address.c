/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The text of an address: whatever is read has a text, which reads as the same address. */
#include "tessera/npu.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_arena arena;
    ts_arena_init(&arena, (size_t)1 << 20);
    const ts_npu_device *device = ts_npu_device_find("npu1");
    char *text = malloc(size + 1);
    if (!text) abort();
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    uint64_t address, again;
    ts_diag diag = {0};
    if (ts_npu_address_parse(device, text, &address, &diag) == TS_OK) {
        ts_buf out = ts_buf_in(&arena);
        ts_npu_address_text(device, address, &out);
        ts_buf_u8(&out, 0);
        if (out.failed ||
            ts_npu_address_parse(device, (const char *)out.data, &again, &diag) != TS_OK ||
            again != address)
            abort();
    } else if (diag.code == TS_OK) {
        abort();
    }
    free(text);
    ts_arena_free(&arena);
    return 0;
}
