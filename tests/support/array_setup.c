/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "array_setup.h"

#include <stdio.h>
#include <string.h>

enum {
    WAIT_CYCLES = 2000000
};

void setup_begin(setup *s, const char *device) {
    s->arena = test_begin();
    s->device = ts_npu_device_find(device);
    assert_non_null(s->device);
    s->array = ts_array_new(s->arena, s->device, NULL);
    assert_non_null(s->array);
}

void setup_end(setup *s) {
    test_end(s->arena);
}

const ts_npu_tile *setup_tile(const setup *s, unsigned column, unsigned row) {
    const ts_npu_tile *tile = ts_npu_tile_at(s->device, column, row);
    assert_non_null(tile);
    return tile;
}

/* ---- registers --------------------------------------------------------------------------------
 */

static uint64_t join(const setup *s, unsigned column, unsigned row, uint32_t offset) {
    uint64_t address;
    ts_npu_place place = {column, row, offset};
    assert_true(ts_npu_join(s->device, place, &address));
    return address;
}

static const ts_npu_register *reg_of(const setup *s, unsigned column, unsigned row,
                                     const char *name) {
    const ts_npu_register *reg = ts_npu_register_find(setup_tile(s, column, row), name);
    if (!reg) fail_msg("no register %s", name);
    return reg;
}

uint64_t setup_address(const setup *s, unsigned column, unsigned row, const char *name) {
    return join(s, column, row, reg_of(s, column, row, name)->offset);
}

void setup_write(setup *s, unsigned column, unsigned row, const char *name, uint32_t value) {
    ts_array_write(s->array, setup_address(s, column, row, name), value);
}

uint32_t setup_read(setup *s, unsigned column, unsigned row, const char *name) {
    return ts_array_read(s->array, setup_address(s, column, row, name));
}

void setup_field(setup *s, unsigned column, unsigned row, const char *name, const char *field,
                 uint32_t value) {
    const ts_npu_register *reg = reg_of(s, column, row, name);
    const ts_npu_field *f = ts_npu_field_find(reg, field);
    if (!f) fail_msg("no field %s in %s", field, name);
    ts_array_mask_write(s->array, join(s, column, row, reg->offset), ts_npu_field_mask(f),
                        ts_npu_field_insert(f, 0, value));
}

/* ---- DMA --------------------------------------------------------------------------------------
 */

ts_npu_bd setup_linear(const setup *s, unsigned column, unsigned row, uint64_t base,
                       uint32_t n_words) {
    return ts_npu_bd_linear(setup_tile(s, column, row), base, n_words);
}

void setup_bd(setup *s, unsigned column, unsigned row, unsigned number, const ts_npu_bd *bd) {
    const ts_npu_tile *tile = setup_tile(s, column, row);
    uint32_t words[TS_NPU_BD_MAX_WORDS];
    ts_diag diag = {0};
    if (ts_npu_bd_encode(tile, bd, words, &diag) != TS_OK) fail_msg("%s", diag.message);
    ts_array_block_write(s->array, join(s, column, row, tile->bd_offset + number * tile->bd_stride),
                         ts_span_of(words, 4U * tile->n_bd_words));
}

ts_npu_bd setup_locks(ts_npu_bd bd, unsigned acquire_id, int acquire, unsigned release_id,
                      int release) {
    bd.lock_acquire = acquire != 0;
    bd.lock_acquire_id = acquire_id;
    bd.lock_acquire_value = acquire;
    bd.lock_release_id = release_id;
    bd.lock_release_value = release;
    return bd;
}

void setup_task(setup *s, unsigned column, unsigned row, int direction, unsigned channel,
                unsigned bd, unsigned times, bool has_token) {
    char name[48];
    bool is_shim = setup_tile(s, column, row)->kind == TS_NPU_SHIM;
    snprintf(name, sizeof name, "DMA_%s_%u_%s", direction == SETUP_MM2S ? "MM2S" : "S2MM", channel,
             is_shim ? "Task_Queue" : "Start_Queue");
    setup_write(s, column, row, name, bd | (times - 1) << 16 | (uint32_t)has_token << 31);
}

void setup_lock(setup *s, unsigned column, unsigned row, unsigned lock, int value) {
    char name[24];
    snprintf(name, sizeof name, "Lock%u_value", lock);
    setup_write(s, column, row, name, (uint32_t)value & 0x3f);
}

/* ---- streams ----------------------------------------------------------------------------------
 */

static uint32_t port_index(const setup *s, unsigned column, unsigned row, bool is_master,
                           const char *text) {
    char bundle[24];
    unsigned channel;
    uint32_t index;
    ts_npu_port port = {0};
    if (sscanf(text, "%23s %u", bundle, &channel) != 2 || !ts_npu_bundle_find(bundle, &port.bundle))
        fail_msg("no port %s", text);
    port.channel = (uint8_t)channel;
    if (!ts_npu_port_index(setup_tile(s, column, row), is_master, port, &index))
        fail_msg("no port %s in tile (%u,%u)", text, column, row);
    return index;
}

static void write_port(setup *s, unsigned column, unsigned row, bool is_master, uint32_t index,
                       uint32_t value) {
    uint32_t offset = ts_npu_port_offset(setup_tile(s, column, row), is_master, index);
    ts_array_write(s->array, join(s, column, row, offset), value);
}

void setup_connect(setup *s, unsigned column, unsigned row, const char *slave, const char *master) {
    uint32_t from = port_index(s, column, row, false, slave);
    uint32_t to = port_index(s, column, row, true, master);
    write_port(s, column, row, false, from, UINT32_C(1) << 31);
    write_port(s, column, row, true, to, UINT32_C(1) << 31 | from);
}

void setup_packet_slave(setup *s, unsigned column, unsigned row, const char *slave, unsigned slot,
                        unsigned id, unsigned mask, unsigned arbiter, unsigned msel) {
    uint32_t from = port_index(s, column, row, false, slave);
    uint32_t offset = ts_npu_slot_offset(setup_tile(s, column, row), from, slot);
    write_port(s, column, row, false, from, UINT32_C(3) << 30);
    ts_array_write(s->array, join(s, column, row, offset),
                   id << 24 | mask << 16 | 1U << 8 | msel << 4 | arbiter);
}

void setup_packet_master(setup *s, unsigned column, unsigned row, const char *master,
                         unsigned arbiter, unsigned msels, bool drops_header) {
    write_port(s, column, row, true, port_index(s, column, row, true, master),
               UINT32_C(3) << 30 | (uint32_t)drops_header << 7 | msels << 3 | arbiter);
}

void setup_shim(setup *s, unsigned column, unsigned channel) {
    setup_field(s, column, 0, "Mux_Config", channel ? "South7" : "South3", 1);
    setup_field(s, column, 0, "Demux_Config", channel ? "South3" : "South2", 1);
}

void setup_column(setup *s, unsigned column, unsigned row) {
    setup_shim(s, column, 0);
    setup_connect(s, column, 0, "South 3", "North 0");
    setup_connect(s, column, 0, "North 0", "South 2");
    for (unsigned r = 1; r < row; r++) {
        setup_connect(s, column, r, "South 0", "North 0");
        setup_connect(s, column, r, "North 0", "South 0");
    }
    setup_connect(s, column, row, "South 0", "DMA 0");
    setup_connect(s, column, row, "DMA 0", "South 0");
}

void setup_tokens(setup *s, unsigned column) {
    setup_packet_slave(s, column, 0, "TileControl 0", 0, 15, 31, 5, 3);
    setup_packet_master(s, column, 0, "South 0", 5, 8, false);
    for (unsigned i = 0; i < 2; i++) {
        setup_field(s, column, 0, i ? "DMA_S2MM_1_Ctrl" : "DMA_S2MM_0_Ctrl", "Controller_ID", 15);
        setup_field(s, column, 0, i ? "DMA_MM2S_1_Ctrl" : "DMA_MM2S_0_Ctrl", "Controller_ID", 15);
    }
}

/* ---- cores ------------------------------------------------------------------------------------
 */

static ts_span assemble(setup *s, const char *text) {
    ts_aie2_assembly assembly;
    ts_aie2_messages messages = {0};
    ts_object object;
    ts_diag diag = {0};
    ts_buf out = ts_buf_in(s->arena);
    if (ts_aie2_assemble(s->arena, test_text(text), "t.s", NULL, &assembly, &messages) != TS_OK)
        fail_msg("assembler: line %u: %s", messages.list[0].diag.line,
                 messages.list[0].diag.message);
    if (ts_object_from_assembly(s->arena, &assembly, &object, &diag) != TS_OK ||
        ts_object_write(&object, &out, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return ts_buf_span(&out);
}

static void load_sections(setup *s, unsigned column, unsigned row, const ts_object *program) {
    for (size_t i = 0; i < program->n_sections; i++) {
        const ts_object_section *section = &program->sections[i];
        if (!(section->flags & TS_SHF_ALLOC) || !section->bytes.size) continue;
        uint32_t offset = section->addr >= TS_CORE_DATA_BASE
                              ? section->addr % TS_CORE_WINDOW_BYTES
                              : setup_tile(s, column, row)->memories[1].offset + section->addr;
        ts_buf words = ts_buf_in(s->arena);
        ts_buf_span_add(&words, section->bytes);
        ts_buf_align(&words, 4);
        ts_array_block_write(s->array, join(s, column, row, offset), ts_buf_span(&words));
    }
}

void setup_program(setup *s, unsigned column, unsigned row, const char *text,
                   const ts_link_buffer *buffers, size_t n_buffers) {
    ts_link_file file = {"t.o", assemble(s, text)};
    ts_link_result result;
    ts_diag diag = {0};
    ts_link_placement placement = {.main = "main",
                                   .stack_addr = 0x70000,
                                   .stack_size = 0x400,
                                   .data_addr = 0x7f000,
                                   .data_size = 0x1000,
                                   .buffers = buffers,
                                   .n_buffers = n_buffers};
    ts_link_options options = {.output = "t.elf",
                               .files = &file,
                               .n_files = 1,
                               .placement = &placement,
                               .allow_stack_overflow = true};
    if (ts_link(s->arena, &options, &result, &diag) != TS_OK) fail_msg("%s", diag.message);
    ts_object *program = TS_ARENA_NEW(s->arena, ts_object);
    *program = result.program;
    load_sections(s, column, row, program);
    if (ts_array_add_symbols(s->array, column, row, program, &diag) != TS_OK)
        fail_msg("%s", diag.message);
}

void setup_enable(setup *s, unsigned column, unsigned row) {
    setup_write(s, column, row, "Core_Control", 1);
}

/* ---- running ----------------------------------------------------------------------------------
 */

uint64_t setup_buffer(setup *s, const char *name, void *data, size_t size) {
    uint64_t address;
    ts_diag diag = {0};
    if (ts_array_add_buffer(s->array, name, data, size, &address, &diag) != TS_OK)
        fail_msg("%s", diag.message);
    return address;
}

static void tell_findings(const setup *s) {
    for (size_t i = 0; i < ts_array_n_findings(s->array); i++) {
        const ts_finding *f = ts_array_finding(s->array, i);
        print_error("%s tile(%u,%u) cycle %llu pc 0x%x x%llu: %s\n", ts_finding_name(f->kind),
                    f->column, f->row, (unsigned long long)f->cycle, f->pc,
                    (unsigned long long)f->count, f->text);
    }
}

uint64_t setup_wait(setup *s, unsigned column, unsigned row, int direction, unsigned channel) {
    uint64_t start = ts_array_cycle(s->array);
    ts_array_state state =
        ts_array_wait_token(s->array, column, row, direction == SETUP_MM2S, channel, WAIT_CYCLES);
    if (state != TS_ARRAY_DONE) {
        ts_buf waits = ts_buf_in(s->arena);
        tell_findings(s);
        ts_array_report_waits(s->array, &waits);
        fail_msg("%s\n%.*s", ts_array_state_text(state), (int)waits.size, (const char *)waits.data);
    }
    return ts_array_cycle(s->array) - start;
}

void setup_expect_findings(const setup *s, uint64_t kinds) {
    for (size_t i = 0; i < ts_array_n_findings(s->array); i++) {
        if (kinds >> ts_array_finding(s->array, i)->kind & 1) continue;
        tell_findings(s);
        fail_msg("unexpected findings");
    }
}

const ts_finding *setup_finding(const setup *s, ts_finding_kind kind) {
    for (size_t i = 0; i < ts_array_n_findings(s->array); i++)
        if (ts_array_finding(s->array, i)->kind == kind) return ts_array_finding(s->array, i);
    tell_findings(s);
    fail_msg("no finding of kind %s", ts_finding_name(kind));
    return NULL;
}
