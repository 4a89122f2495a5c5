/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * From a BIF to an image: one partition for each partition of the BIF, its files merged to one CDO.
 */
#include "tessera/pdi.h"

#include "pdi_int.h"

/* src: Xilinx/bootgen: imageheadertable-versal.h, VersalIHAttributes [code] */
enum {
    DELAY_LOAD = 1 << 7,
    DELAY_HANDOFF = 1 << 8,
};

static ts_status read_file(const void *context, ts_arena *arena, const char *name, ts_span *out,
                           ts_diag *diag) {
    (void)context;
    return ts_file_read(arena, name, 0, out, diag);
}

static ts_status merge_files(ts_arena *arena, const ts_bif_partition *partition,
                             const ts_bif_files *files, ts_span *out, ts_diag *diag) {
    ts_span *inputs = TS_ARENA_ARRAY(arena, ts_span, partition->n_files);
    const char **names = TS_ARENA_ARRAY(arena, const char *, partition->n_files);
    if (!inputs || !names) return ts_fail_nomem(diag);
    for (size_t i = 0; i < partition->n_files; i++) {
        names[i] = partition->files[i].name;
        TS_TRY(files->read(files->context, arena, names[i], &inputs[i], diag));
        if (!inputs[i].size)
            return ts_fail(diag, TS_TRUNCATED, names[i], "is empty; expected a CDO");
    }
    ts_buf cdo = ts_buf_in(arena);
    TS_TRY(ts_cdo_merge(arena, inputs, names, partition->n_files, &cdo, diag));
    *out = ts_buf_span(&cdo);
    return TS_OK;
}

/* All ones means none. src: Xilinx/bootgen: imageheadertable-versal.cpp, BuildImageHeader [code],
 * bootgen 2022.2 [observed] */
static uint32_t id_or_none(uint32_t id) {
    return id == UINT32_MAX ? 0 : id;
}

static ts_status build_image(ts_arena *arena, const ts_bif_image *from, const ts_bif_files *files,
                             ts_pdi *pdi, ts_diag *diag) {
    ts_pdi_image *image = &pdi->images[pdi->n_images++];
    ts_pdi_image_init(image, from->name, from->id);
    image->word[TS_PDI_IMAGE_UNIQUE_ID] = id_or_none(from->unique_id);
    image->word[TS_PDI_IMAGE_PARENT_UNIQUE_ID] = id_or_none(from->parent_unique_id);
    image->word[TS_PDI_IMAGE_FUNCTION_ID] = id_or_none(from->function_id);
    image->word[TS_PDI_IMAGE_ATTRIBUTES] =
        (from->delay_load ? DELAY_LOAD : 0u) | (from->delay_handoff ? DELAY_HANDOFF : 0u);
    image->first_partition = pdi->n_partitions;
    image->n_partitions = from->n_partitions;
    for (size_t i = 0; i < from->n_partitions; i++) {
        ts_span data = {0};
        TS_TRY(merge_files(arena, &from->partitions[i], files, &data, diag));
        ts_pdi_partition *partition = &pdi->partitions[pdi->n_partitions++];
        ts_pdi_partition_init(partition, TS_PDI_TYPE_CDO, data);
        partition->word[TS_PDI_PARTITION_ID] = from->partitions[i].id;
    }
    return TS_OK;
}

ts_status ts_bif_build(ts_arena *arena, const ts_bif *bif, ts_pdi *out, ts_diag *diag) {
    const ts_bif_files files = {read_file, NULL};
    return ts_bif_build_from(arena, bif, &files, out, diag);
}

ts_status ts_bif_build_from(ts_arena *arena, const ts_bif *bif, const ts_bif_files *files,
                            ts_pdi *out, ts_diag *diag) {
    ts_pdi pdi;
    size_t n_partitions = 0;
    ts_pdi_init(&pdi);
    if (!bif->has_leading) pdi.leading = (ts_span){0};
    pdi.table[TS_PDI_TABLE_ID_CODE] = bif->id_code;
    pdi.table[TS_PDI_TABLE_EXTENDED_ID_CODE] = bif->extended_id_code;
    pdi.table[TS_PDI_TABLE_PDI_ID] = bif->pdi_id;
    pdi.table[TS_PDI_TABLE_PARENT_ID] = bif->parent_id;
    for (size_t i = 0; i < bif->n_images; i++)
        n_partitions += bif->images[i].n_partitions;
    pdi.images = TS_ARENA_ARRAY(arena, ts_pdi_image, bif->n_images);
    pdi.partitions = TS_ARENA_ARRAY(arena, ts_pdi_partition, n_partitions);
    if (!pdi.images || !pdi.partitions) return ts_fail_nomem(diag);
    for (size_t i = 0; i < bif->n_images; i++)
        TS_TRY(build_image(arena, &bif->images[i], files, &pdi, diag));
    TS_TRY(ts_pdi_layout(&pdi, diag));
    *out = pdi;
    return TS_OK;
}
