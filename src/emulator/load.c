/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Configurations: a CDO is executed command by command, a PDI is the CDOs in it, an XCLBIN has the
 * PDI of its kernel.
 */
#include "array_int.h"

#include "tessera/pdi.h"

#include <inttypes.h>

enum {
    LOAD_CYCLES = 1000000,
    PRIMARY = 1 /* type of a CDO group */
};

/* Commands that change nothing in an array.
 * src: Xilinx/bootgen: cdo-command.c; what they do is for the loader's own state [documented] */
static bool is_idle(uint32_t id) {
    static const uint32_t idle[] = {TS_CDO_END_MARK, TS_CDO_DELAY, TS_CDO_NOP, TS_CDO_END};
    for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
        if (idle[i] == id) return true;
    return false;
}

/* Polls that never end one by one could be many: the time is that of all. */
static ts_status poll(ts_array *a, const ts_cdo_command *c, uint64_t until, const char *file,
                      ts_diag *diag) {
    bool is_wide = c->id == TS_CDO_MASK_POLL64;
    uint64_t address = ts_cdo_arg_word(c, 0);
    if (is_wide) address = address << 32 | ts_cdo_arg_word(c, 1);
    uint32_t mask = ts_cdo_arg_word(c, is_wide ? 2 : 1),
             value = ts_cdo_arg_word(c, is_wide ? 3 : 2);
    if (ts_array_poll(a, address, mask, value, until > a->now ? until - a->now : 0) ==
        TS_ARRAY_DONE)
        return TS_OK;
    return ts_fail_at(diag, TS_CONFLICT, file, c->offset,
                      "mask_poll of 0x%" PRIx64 ": the value it waits for does not come", address);
}

static void store(ts_array *a, const ts_cdo_store *s) {
    if (s->data.size) {
        ts_array_block_write(a, s->addr, s->data);
        return;
    }
    for (uint32_t i = 0; i < s->count; i++)
        ts_array_mask_write(a, s->addr + (uint64_t)i * 4, s->mask, s->value);
}

static ts_status execute(ts_array *a, const ts_cdo_command *c, uint64_t until, const char *file,
                         ts_diag *diag) {
    ts_cdo_store s;
    if (ts_cdo_store_of(c, &s)) {
        uint64_t end = (uint64_t)a->device->n_columns << a->device->column_shift;
        if (s.count > end / 4)
            return ts_fail_at(diag, TS_RANGE, file, c->offset,
                              "%s of %" PRIu32 " words is more than the array has",
                              ts_cdo_command_name(c), s.count);
        store(a, &s);
        return TS_OK;
    }
    if (c->id == TS_CDO_MASK_POLL || c->id == TS_CDO_MASK_POLL64)
        return poll(a, c, until, file, diag);
    if (is_idle(c->id)) return TS_OK;
    return ts_fail_at(diag, TS_UNSUPPORTED, file, c->offset,
                      "the command %s (0x%" PRIx32 ") is not one for an array",
                      ts_cdo_command_name(c), c->id);
}

ts_status ts_array_load_cdo(ts_array *array, ts_arena *scratch, ts_span cdo, const char *file,
                            ts_diag *diag) {
    ts_cdo parsed;
    TS_TRY(ts_cdo_parse(scratch, cdo, file, &parsed, diag));
    uint64_t cycles = array->load_cycles ? array->load_cycles : LOAD_CYCLES;
    uint64_t until = cycles > UINT64_MAX - array->now ? UINT64_MAX : array->now + cycles;
    for (size_t i = 0; i < parsed.n_commands; i++)
        TS_TRY(execute(array, &parsed.commands[i], until, file, diag));
    return TS_OK;
}

ts_status ts_array_load_pdi(ts_array *array, ts_arena *scratch, ts_span pdi, const char *file,
                            ts_diag *diag) {
    ts_pdi parsed;
    TS_TRY(ts_pdi_parse(scratch, pdi, file, &parsed, diag));
    bool found = false;
    for (size_t i = 0; i < parsed.n_partitions; i++) {
        const ts_pdi_partition *partition = &parsed.partitions[i];
        const char *protection = ts_pdi_partition_protection(partition);
        if (ts_pdi_partition_type(partition) != TS_PDI_TYPE_CDO) continue;
        if (protection)
            return ts_fail(diag, TS_UNSUPPORTED, file, "partition %zu is %s", i, protection);
        found = true;
        TS_TRY(ts_array_load_cdo(array, scratch, ts_pdi_partition_content(partition), file, diag));
    }
    if (!found) return ts_fail(diag, TS_MISSING, file, "the PDI has no CDO");
    return TS_OK;
}

/* Whether a primary group of this PDI serves the kernel (any, when `kernel_id` is NULL). */
static bool serves(const ts_xclbin_pdi *pdi, const uint64_t *kernel_id) {
    for (size_t g = 0; g < pdi->n_groups; g++) {
        const ts_xclbin_cdo_group *group = &pdi->groups[g];
        if (group->type != PRIMARY) continue;
        if (!kernel_id) return true;
        for (size_t k = 0; k < group->n_kernel_ids; k++)
            if (group->kernel_ids[k] == *kernel_id) return true;
    }
    return false;
}

ts_status ts_array_load_xclbin(ts_array *array, ts_arena *scratch, const ts_xclbin *xclbin,
                               const uint64_t *kernel_id, ts_diag *diag) {
    const ts_xclbin_section *section = ts_xclbin_find(xclbin, TS_XCLBIN_AIE_PARTITION);
    if (!section)
        return ts_fail(diag, TS_MISSING, xclbin->file, "there is no AIE_PARTITION section");
    ts_xclbin_partition partition;
    TS_TRY(ts_xclbin_read_partition(scratch, section->data, xclbin->file, &partition, diag));
    if (partition.column_width > array->device->n_columns)
        return ts_fail(diag, TS_RANGE, xclbin->file,
                       "the partition is %u columns wide, the device %s has %u",
                       partition.column_width, array->device->name, array->device->n_columns);
    for (size_t i = 0; i < partition.n_pdis; i++)
        if (serves(&partition.pdis[i], kernel_id))
            return ts_array_load_pdi(array, scratch, partition.pdis[i].image, xclbin->file, diag);
    if (!kernel_id) return ts_fail(diag, TS_MISSING, xclbin->file, "there is no primary PDI");
    return ts_fail(diag, TS_MISSING, xclbin->file, "no PDI serves the kernel 0x%" PRIx64,
                   *kernel_id);
}
