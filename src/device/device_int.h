/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * device, inside.
 */
#ifndef TESSERA_DEVICE_INT_H
#define TESSERA_DEVICE_INT_H

#include "tessera/device.h"

struct ts_device {
    ts_arena *arena;
    ts_array_options options;
    const char *kernel, *text;
    ts_arena loaded; /* the array and what it was loaded from */
    ts_array *array;
    /* The stream that was submitted. */
    const ts_txn *stream;
    size_t next; /* op */
};

/* A kernel that a container describes. */
typedef struct device_kernel {
    const char *name;
    uint64_t id;
} device_kernel;

/* The kernel of that name; the only one when `name` is NULL. `*has_id` is false when the container
 * describes no kernels and none was asked for: then its first PDI is meant. */
ts_status device_find_kernel(ts_arena *arena, const ts_xclbin *xclbin, const char *name,
                             device_kernel *out, bool *has_id, ts_diag *diag);

/* Whether every op of the stream can be executed with these arguments. */
ts_status device_check_stream(const ts_txn *stream, const ts_device_buffer *arguments,
                              size_t n_arguments, ts_diag *diag);

#endif
