/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Memory bank grouping: GROUP_TOPOLOGY is MEM_TOPOLOGY plus one entry for each run of banks that
 * lie behind each other and serve the same argument of the same kernel; GROUP_CONNECTIVITY connects
 * arguments to those, followed by all of CONNECTIVITY.
 *
 * An argument gets a group only if all its banks form one run, since it can have one group at most.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinUtilities.cxx, createMemoryBankGrouping
 * [code]
 */
#include "xclbin_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct candidate {
    uint32_t argument, ip, bank;
    uint64_t base, size; /* bytes */
    size_t order;        /* keeps equal ones as they came */
} candidate;

typedef struct grouping {
    ts_arena *arena;
    ts_diag *diag;
    ts_xclbin_bank *banks; /* grows by the groups */
    size_t n_banks;
    size_t n_given_banks;
    ts_xclbin_connection *connections;
    size_t n_connections;
    const char *file;
} grouping;

/* DDR and HBM can be grouped, and plain DRAM counts as HBM. */
static bool can_group(const ts_xclbin_bank *bank) {
    enum {
        DDR3 = 0,
        DDR4 = 1,
        DRAM = 2,
        HBM = 6
    };
    return bank->used &&
           (bank->type == DDR3 || bank->type == DDR4 || bank->type == DRAM || bank->type == HBM);
}

static int by_ip_argument_base(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->ip != y->ip) return x->ip < y->ip ? -1 : 1;
    if (x->argument != y->argument) return x->argument < y->argument ? -1 : 1;
    if (x->base != y->base) return x->base < y->base ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool same_argument(const candidate *a, const candidate *b) {
    return a->ip == b->ip && a->argument == b->argument;
}

/* One past the last candidate of the run that starts at `start`, and its bytes. */
static size_t run_end(const candidate *all, size_t n, size_t start, uint64_t *size) {
    size_t end = start + 1;
    *size = all[start].size;
    while (end < n && same_argument(&all[start], &all[end]) &&
           all[end].base == all[start].base + *size)
        *size += all[end++].size;
    return end;
}

static void connect(grouping *g, uint32_t argument, uint32_t ip, size_t bank) {
    g->connections[g->n_connections++] =
        (ts_xclbin_connection){(int32_t)argument, (int32_t)ip, (int32_t)bank};
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* "MBG[0,2:4]": the banks by number, cut to the 15 bytes of a tag. */
static ts_status write_group_tag(const grouping *g, const candidate *run, size_t n,
                                 uint8_t tag[16]) {
    uint32_t *numbers = TS_ARENA_ARRAY(g->arena, uint32_t, n);
    ts_buf text = ts_buf_in(g->arena);
    if (!numbers) return ts_fail_nomem(g->diag);
    for (size_t i = 0; i < n; i++)
        numbers[i] = run[i].bank;
    qsort(numbers, n, sizeof *numbers, by_number);
    ts_buf_text(&text, "MBG[");
    for (size_t i = 0; i < n;) {
        size_t last = i;
        while (last + 1 < n && numbers[last] + 1 == numbers[last + 1])
            last++;
        ts_buf_printf(&text, "%u", numbers[i]);
        if (last != i) ts_buf_printf(&text, ":%u", numbers[last]);
        ts_buf_u8(&text, last + 1 == n ? ']' : ',');
        i = last + 1;
    }
    if (text.failed) return ts_fail_nomem(g->diag);
    memset(tag, 0, 16);
    memcpy(tag, text.data, text.size < 15 ? text.size : 15);
    return TS_OK;
}

static bool same_bank(const ts_xclbin_bank *a, const ts_xclbin_bank *b) {
    return a->type == b->type && a->used == b->used && a->size_kib == b->size_kib &&
           a->base == b->base && memcmp(a->tag, b->tag, sizeof a->tag) == 0;
}

static ts_status add_group(grouping *g, const candidate *run, size_t n, uint64_t size) {
    ts_xclbin_bank group = g->banks[run[0].bank];
    group.size_kib = size / 1024;
    TS_TRY(write_group_tag(g, run, n, group.tag));
    size_t index = g->n_given_banks; /* no bank of the topology has a group's tag */
    while (index < g->n_banks && !same_bank(&g->banks[index], &group))
        index++;
    if (index == g->n_banks) g->banks[g->n_banks++] = group;
    connect(g, run[0].argument, run[0].ip, index);
    return TS_OK;
}

static ts_status group_candidates(grouping *g, candidate *all, size_t n) {
    qsort(all, n, sizeof *all, by_ip_argument_base);
    for (size_t start = 0; start < n;) {
        uint64_t size;
        size_t end = run_end(all, n, start, &size);
        bool is_whole = (start == 0 || !same_argument(&all[start - 1], &all[start])) &&
                        (end == n || !same_argument(&all[end], &all[start]));
        if (end - start > 1 && is_whole)
            TS_TRY(add_group(g, &all[start], end - start, size));
        else
            for (size_t i = start; i < end; i++)
                connect(g, all[i].argument, all[i].ip, all[i].bank);
        start = end;
    }
    return TS_OK;
}

static int by_ip_and_argument(const void *a, const void *b) {
    const ts_xclbin_connection *x = a, *y = b;
    if (x->ip != y->ip) return x->ip < y->ip ? -1 : 1;
    return x->argument < y->argument ? -1 : x->argument > y->argument;
}

/* An argument with a group may have nothing else. Its groupable banks are all in the group; what is
 * left to compare are the first connections, those to banks that cannot be grouped.
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinUtilities.cxx,
 * validateMemoryBankGroupEntries [code] */
static ts_status check_groups(const grouping *g, size_t n_direct) {
    ts_xclbin_connection *direct = TS_ARENA_ARRAY(g->arena, ts_xclbin_connection, n_direct);
    if (!direct) return ts_fail_nomem(g->diag);
    memcpy(direct, g->connections, n_direct * sizeof *direct);
    qsort(direct, n_direct, sizeof *direct, by_ip_and_argument);
    for (size_t i = n_direct; i < g->n_connections; i++) {
        const ts_xclbin_connection *group = &g->connections[i], *other;
        if ((size_t)group->bank < g->n_given_banks) continue;
        other = bsearch(group, direct, n_direct, sizeof *direct, by_ip_and_argument);
        if (other)
            return ts_fail(
                g->diag, TS_CONFLICT, g->file,
                "Invalid memory grouping (not continuous): argument %d of instance %d is "
                "connected to a group of banks and to bank %d",
                group->argument, group->ip, other->bank);
    }
    return TS_OK;
}

/* Connections to banks that cannot be grouped come first, as they are. */
static ts_status derive(grouping *g, const ts_xclbin_connection *given, size_t n) {
    candidate *all = TS_ARENA_ARRAY(g->arena, candidate, n);
    size_t n_candidates = 0;
    if (!all) return ts_fail_nomem(g->diag);
    for (size_t i = 0; i < n; i++) {
        if (given[i].bank < 0 || (size_t)given[i].bank >= g->n_given_banks)
            return ts_fail(g->diag, TS_RANGE, g->file,
                           "CONNECTIVITY[%zu]: mem_data_index %d; MEM_TOPOLOGY has %zu entries", i,
                           given[i].bank, g->n_given_banks);
        const ts_xclbin_bank *bank = &g->banks[given[i].bank];
        uint32_t argument = (uint32_t)given[i].argument, ip = (uint32_t)given[i].ip;
        if (can_group(bank))
            all[n_candidates] = (candidate){
                argument,    ip, (uint32_t)given[i].bank, bank->base, bank->size_kib * 1024,
                n_candidates};
        if (can_group(bank))
            n_candidates++;
        else
            connect(g, argument, ip, (size_t)given[i].bank);
    }
    size_t n_direct = g->n_connections;
    TS_TRY(group_candidates(g, all, n_candidates));
    TS_TRY(check_groups(g, n_direct));
    memcpy(g->connections + g->n_connections, given, n * sizeof *given);
    g->n_connections += n;
    return TS_OK;
}

static ts_status append_connections(ts_xclbin *x, const grouping *g, ts_diag *diag) {
    ts_buf out = ts_buf_in(x->arena);
    ts_buf_u32le(&out, (uint32_t)g->n_connections);
    for (size_t i = 0; i < g->n_connections; i++) {
        ts_buf_u32le(&out, (uint32_t)g->connections[i].argument);
        ts_buf_u32le(&out, (uint32_t)g->connections[i].ip);
        ts_buf_u32le(&out, (uint32_t)g->connections[i].bank);
    }
    if (out.failed || !ts_xclbin_append(x, TS_XCLBIN_GROUP_CONNECTIVITY, "", ts_buf_span(&out)))
        return ts_fail_nomem(diag);
    return TS_OK;
}

static ts_status append_banks(ts_xclbin *x, const grouping *g, ts_diag *diag) {
    ts_buf out = ts_buf_in(x->arena);
    ts_buf_u64le(&out, g->n_banks);
    for (size_t i = 0; i < g->n_banks; i++) {
        const ts_xclbin_bank *bank = &g->banks[i];
        ts_buf_u8(&out, bank->type);
        ts_buf_u8(&out, bank->used);
        ts_buf_zeros(&out, 6);
        ts_buf_u64le(&out, bank->size_kib);
        ts_buf_u64le(&out, bank->base);
        ts_buf_bytes(&out, bank->tag, sizeof bank->tag);
    }
    if (out.failed || !ts_xclbin_append(x, TS_XCLBIN_GROUP_TOPOLOGY, "", ts_buf_span(&out)))
        return ts_fail_nomem(diag);
    return TS_OK;
}

ts_status ts_xclbin_group_memory(ts_xclbin *x, ts_diag *diag) {
    const ts_xclbin_section *topology = ts_xclbin_find(x, TS_XCLBIN_MEM_TOPOLOGY);
    if (!topology || ts_xclbin_find(x, TS_XCLBIN_GROUP_TOPOLOGY) ||
        ts_xclbin_find(x, TS_XCLBIN_GROUP_CONNECTIVITY))
        return TS_OK;
    grouping g = {.arena = x->arena, .diag = diag, .file = x->file};
    ts_xclbin_bank *banks;
    ts_xclbin_connection *given;
    size_t n_banks, n_given;
    TS_TRY(ts_xclbin_read_banks(x->arena, topology, x->file, &banks, &n_banks, diag));
    TS_TRY(ts_xclbin_read_connections(x->arena, ts_xclbin_find(x, TS_XCLBIN_CONNECTIVITY), x->file,
                                      &given, &n_given, diag));
    if (!n_banks) return TS_OK;
    /* At most one group per connection, and one connection beside each given one. */
    g.banks = TS_ARENA_ARRAY(x->arena, ts_xclbin_bank, n_banks + n_given);
    g.connections = TS_ARENA_ARRAY(x->arena, ts_xclbin_connection, 2 * n_given);
    if (!g.banks || !g.connections) return ts_fail_nomem(diag);
    memcpy(g.banks, banks, n_banks * sizeof *banks);
    g.n_banks = g.n_given_banks = n_banks;
    if (n_given) {
        TS_TRY(derive(&g, given, n_given));
        TS_TRY(append_connections(x, &g, diag));
    }
    return append_banks(x, &g, diag);
}
