/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Devices by name, what is loaded, buffers, and the one stream at a time that a device runs.
 */
#include "device_int.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- opening --------------------------------------------------------------------------------- */

/* src: amd/xdna-driver: src/driver/doc/amdnpu.rst: NPUs are accel devices [documented] */
static ts_status refuse_hardware(const char *path, ts_diag *diag) {
    struct stat st;
    if (stat(path, &st) != 0) return ts_fail(diag, TS_IO, path, "cannot open: %s", strerror(errno));
    if (!S_ISCHR(st.st_mode))
        return ts_fail(diag, TS_UNKNOWN, path, "is no device; expected one like /dev/accel/accel0");
    return ts_fail(diag, TS_UNSUPPORTED, path,
                   "is hardware, which this version cannot drive; '" TS_DEVICE_EMULATOR
                   "' runs the same files");
}

ts_status ts_device_open(ts_arena *arena, const char *name, const ts_array_options *options,
                         ts_device **out, ts_diag *diag) {
    if (strchr(name, '/')) return refuse_hardware(name, diag);
    if (strcmp(name, TS_DEVICE_EMULATOR) != 0)
        return ts_fail(diag, TS_UNKNOWN, NULL,
                       "no device '%s'; expected '" TS_DEVICE_EMULATOR
                       "' or a path like /dev/accel/accel0",
                       name);
    ts_device *device = TS_ARENA_NEW(arena, ts_device);
    if (!device) return ts_fail_nomem(diag);
    device->arena = arena;
    device->kernel = "";
    device->text = TS_DEVICE_EMULATOR;
    if (options) device->options = *options;
    ts_arena_init(&device->loaded, 0);
    *out = device;
    return TS_OK;
}

static void unload(ts_device *device) {
    ts_arena_free(&device->loaded);
    device->array = NULL;
    device->stream = NULL;
    device->kernel = "";
    device->text = TS_DEVICE_EMULATOR;
}

void ts_device_close(ts_device *device) {
    if (device) unload(device);
}

/* ---- loading --------------------------------------------------------------------------------- */

/* The grid of a partition. */
static const ts_npu_device *grid_of(uint32_t n_columns) {
    for (size_t i = 0; ts_npu_devices[i]; i++)
        if (ts_npu_devices[i]->n_columns == n_columns) return ts_npu_devices[i];
    return n_columns == ts_npu_phoenix.n_columns ? &ts_npu_phoenix : NULL;
}

static ts_status find_grid(ts_arena *arena, const ts_xclbin *xclbin, const ts_npu_device **out,
                           ts_diag *diag) {
    const ts_xclbin_section *section = ts_xclbin_find(xclbin, TS_XCLBIN_AIE_PARTITION);
    ts_xclbin_partition partition;
    if (!section)
        return ts_fail(diag, TS_MISSING, xclbin->file, "there is no AIE_PARTITION section");
    TS_TRY(ts_xclbin_read_partition(arena, section->data, xclbin->file, &partition, diag));
    *out = grid_of(partition.column_width);
    if (*out) return TS_OK;
    return ts_fail(diag, TS_RANGE, xclbin->file,
                   "the partition is %u columns wide; NPU1 devices have 1 to %u",
                   partition.column_width, ts_npu_phoenix.n_columns);
}

static ts_status load(ts_device *device, const ts_xclbin *xclbin, const char *name, ts_diag *diag) {
    device_kernel kernel = {.name = ""};
    const ts_npu_device *grid;
    bool has_id;
    ts_arena *arena = &device->loaded;
    TS_TRY(device_find_kernel(arena, xclbin, name, &kernel, &has_id, diag));
    TS_TRY(find_grid(arena, xclbin, &grid, diag));
    ts_array *array = ts_array_new(arena, grid, &device->options);
    if (!array) return ts_fail_nomem(diag);
    TS_TRY(ts_array_load_xclbin(array, arena, xclbin, has_id ? &kernel.id : NULL, diag));
    device->kernel = ts_arena_strdup(arena, kernel.name);
    device->text = ts_arena_printf(arena, TS_DEVICE_EMULATOR " of %s", grid->name);
    if (!device->kernel || !device->text) return ts_fail_nomem(diag);
    device->array = array;
    return TS_OK;
}

ts_status ts_device_load(ts_device *device, const ts_xclbin *xclbin, const char *kernel,
                         ts_diag *diag) {
    unload(device);
    /* The same ceilings as in the arena the device lives in. */
    ts_arena_init(&device->loaded, device->arena->budget_bytes);
    device->loaded.grants = device->arena->grants;
    ts_status status = load(device, xclbin, kernel, diag);
    if (status != TS_OK) unload(device);
    return status;
}

const char *ts_device_kernel(const ts_device *device) {
    return device->kernel;
}

const char *ts_device_text(const ts_device *device) {
    return device->text;
}

ts_array *ts_device_array(ts_device *device) {
    return device->array;
}

/* ---- running --------------------------------------------------------------------------------- */

ts_status ts_device_buffer_new(ts_device *device, const char *name, uint64_t size,
                               ts_device_buffer *out, ts_diag *diag) {
    if (size > SIZE_MAX) return ts_fail_nomem(diag);
    out->name = ts_arena_strdup(device->arena, name);
    out->data = ts_arena_alloc(device->arena, (size_t)size);
    out->size = size;
    return out->name && out->data ? TS_OK : ts_fail_nomem(diag);
}

static ts_status give_arguments(ts_device *device, const ts_device_buffer *arguments, size_t n,
                                ts_diag *diag) {
    uint64_t *addresses = TS_ARENA_ARRAY(device->arena, uint64_t, n);
    if (!addresses) return ts_fail_nomem(diag);
    ts_array_clear_buffers(device->array);
    for (size_t i = 0; i < n; i++)
        TS_TRY(ts_array_add_buffer(device->array, arguments[i].name, arguments[i].data,
                                   arguments[i].size, &addresses[i], diag));
    ts_array_set_arguments(device->array, addresses, (unsigned)n);
    return TS_OK;
}

ts_status ts_device_submit(ts_device *device, const ts_txn *stream,
                           const ts_device_buffer *arguments, size_t n_arguments, ts_diag *diag) {
    device->stream = NULL;
    if (!device->array) return ts_fail(diag, TS_MISSING, NULL, "nothing is loaded on the device");
    TS_TRY(device_check_stream(stream, arguments, n_arguments, diag));
    TS_TRY(give_arguments(device, arguments, n_arguments, diag));
    ts_array_launch(device->array);
    device->stream = stream;
    device->next = 0;
    return TS_OK;
}

ts_status ts_device_wait(ts_device *device, uint64_t timeout_ms, ts_device_result *out,
                         ts_diag *diag) {
    if (!device->stream)
        return ts_fail(diag, TS_CONFLICT, NULL, "no instruction stream was submitted");
    ts_array_state state;
    uint64_t cycles = timeout_ms > UINT64_MAX / TS_DEVICE_CYCLES_PER_MS
                          ? UINT64_MAX
                          : timeout_ms * TS_DEVICE_CYCLES_PER_MS;
    TS_TRY(ts_array_execute(device->array, &device->loaded, device->stream, NULL, cycles,
                            &device->next, &state, diag));
    out->end = state == TS_ARRAY_DONE       ? TS_DEVICE_DONE
               : state == TS_ARRAY_DEADLOCK ? TS_DEVICE_DEADLOCK
                                            : TS_DEVICE_TIMEOUT;
    out->n_done = device->next;
    out->cycles = ts_array_stream_cycles(device->array);
    if (out->end == TS_DEVICE_DONE) device->stream = NULL;
    return TS_OK;
}
