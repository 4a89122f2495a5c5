/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Which kernels a container has: names and ids are in EMBEDDED_METADATA; the id says which PDI of
 * the partition serves the kernel.
 *
 * src: Xilinx/XRT: src/runtime_src/core/common/xclbin_parser.cpp, get_kernels: kernel "name",
 * "extended-data.dpu_kernel_id" [code]
 */
#include "device_int.h"

#include <string.h>

static const ts_json *next_kernel(const ts_json *node) {
    while (node && strcmp(node->key, "kernel") != 0)
        node = node->next;
    return node;
}

static bool kernel_of(const ts_json *node, device_kernel *out) {
    out->name = ts_json_text(ts_json_get(node, "<xmlattr>"), "name", "");
    const char *id =
        ts_json_text(ts_json_path(node, "extended-data.<xmlattr>"), "dpu_kernel_id", "");
    return ts_parse_u64(id, &out->id);
}

/* "NAME" or "NAME:INSTANCE"; the instance is not looked at. */
static bool is_named(const device_kernel *kernel, const char *name) {
    size_t length = strlen(kernel->name);
    return strncmp(kernel->name, name, length) == 0 && (!name[length] || name[length] == ':');
}

static ts_status metadata(ts_arena *arena, const ts_xclbin *xclbin, const ts_json **first,
                          ts_diag *diag) {
    const ts_xclbin_section *section = ts_xclbin_find(xclbin, TS_XCLBIN_EMBEDDED_METADATA);
    ts_json *tree;
    *first = NULL;
    if (!section) return TS_OK;
    const char *label = ts_xclbin_payload_label(arena, xclbin->file, section->kind);
    if (!label) return ts_fail_nomem(diag);
    TS_TRY(ts_xclbin_parse_xml(arena, section->data, label, &tree, diag));
    const ts_json *core = ts_json_path(tree, "project.platform.device.core");
    *first = core ? next_kernel(core->first) : NULL;
    return TS_OK;
}

static void list_names(const ts_json *first, ts_buf *out) {
    device_kernel kernel;
    for (const ts_json *k = first; k; k = next_kernel(k->next))
        if (kernel_of(k, &kernel)) ts_buf_printf(out, "%s%s", out->size ? ", " : "", kernel.name);
}

ts_status device_find_kernel(ts_arena *arena, const ts_xclbin *xclbin, const char *name,
                             device_kernel *out, bool *has_id, ts_diag *diag) {
    const ts_json *first;
    size_t n = 0;
    ts_buf names = ts_buf_in(arena);
    *has_id = false;
    TS_TRY(metadata(arena, xclbin, &first, diag));
    for (const ts_json *k = first; k; k = next_kernel(k->next)) {
        device_kernel kernel;
        if (!kernel_of(k, &kernel)) continue;
        n++;
        if (*has_id || (name && !is_named(&kernel, name))) continue;
        *out = kernel;
        *has_id = true;
    }
    list_names(first, &names);
    if (names.failed) return ts_fail_nomem(diag);
    if (name && !*has_id)
        return ts_fail(diag, TS_UNKNOWN, xclbin->file, "no kernel '%s'; there is %.*s", name,
                       names.size ? (int)names.size : 4,
                       names.size ? (const char *)names.data : "none");
    if (!name && n > 1)
        return ts_fail(diag, TS_MISSING, xclbin->file, "several kernels, one must be named: %.*s",
                       (int)names.size, (const char *)names.data);
    return TS_OK;
}
