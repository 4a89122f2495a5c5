/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Key-value pairs: SYS pairs set header fields, USER pairs live in KEYVALUE_METADATA. And what
 * BUILD_METADATA says about the platform, which XRT's tool copies into the header.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/XclBinClass.cxx, setKeyValue [code]
 */
#include "xclbin_int.h"

#include <string.h>

/* A UUID or a time that XRT reads with stoul and base 0. */
static ts_status key_number(const char *pair, const char *text, uint64_t *out, ts_diag *diag) {
    if (ts_parse_u64(text, out)) return TS_OK;
    return ts_fail(diag, TS_SYNTAX, NULL, "key-value pair '%s': '%s' is not a number", pair, text);
}

static ts_status key_uuid(const char *pair, const char *text, uint8_t out[16], ts_diag *diag) {
    uint8_t uuid[16];
    if (!ts_xclbin_parse_uuid(text, uuid))
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "key-value pair '%s': '%s' is not a UUID of 32 hexadecimal digits", pair,
                       text);
    memcpy(out, uuid, sizeof uuid);
    return TS_OK;
}

/* Cut to what fits, as XRT does: readers expect a final NUL. */
static void copy_fixed(uint8_t *field, size_t size, const char *text) {
    size_t length = strlen(text);
    memset(field, 0, size);
    memcpy(field, text, length < size ? length : size - 1);
}

static ts_status set_mode(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag) {
    static const char *const keys[] = {
#define X(number, name, key) [number] = (key),
        TS_XCLBIN_MODE_LIST(X)
#undef X
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], value) == 0) {
            x->header.mode = i;
            return TS_OK;
        }
    return ts_fail(diag, TS_UNKNOWN, NULL,
                   "Unknown value '%s' for key 'mode'. Key-value pair: '%s'.", value, pair);
}

static ts_status set_action(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag) {
    if (strcmp(value, "LOAD_AIE") == 0)
        x->header.action_mask |= TS_XCLBIN_ACTION_LOAD_AIE;
    else if (strcmp(value, "LOAD_PDI") == 0)
        x->header.action_mask |= TS_XCLBIN_ACTION_LOAD_PDI;
    else
        return ts_fail(diag, TS_UNKNOWN, NULL,
                       "Unknown bit mask '%s' for the key 'action_mask'. Key-value pair: '%s'.",
                       value, pair);
    return TS_OK;
}

static ts_status set_feature_time(ts_xclbin *x, const char *pair, const char *value,
                                  ts_diag *diag) {
    return key_number(pair, value, &x->header.feature_rom_time_stamp, diag);
}

static ts_status set_interface(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag) {
    return key_uuid(pair, value, x->header.interface_uuid, diag);
}

static ts_status set_platform(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag) {
    (void)pair;
    (void)diag;
    copy_fixed(x->header.platform_vbnv, sizeof x->header.platform_vbnv, value);
    return TS_OK;
}

static ts_status set_uuid(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag) {
    return key_uuid(pair, value, x->header.uuid, diag);
}

static const struct {
    const char *key;
    ts_status (*set)(ts_xclbin *x, const char *pair, const char *value, ts_diag *diag);
} system_keys[] = {
    {"mode", set_mode},
    {"action_mask", set_action},
    {"FeatureRomTimestamp", set_feature_time},
    {"InterfaceUUID", set_interface},
    {"PlatformVBNV", set_platform},
    {"XclbinUUID", set_uuid},
};

/* The key-value section as a tree, from an empty one when there is none. */
static ts_status user_keys(const ts_xclbin *x, ts_json **root, ts_json **list, ts_diag *diag) {
    static const ts_xclbin_section empty = {.kind = TS_XCLBIN_KEYVALUE_METADATA};
    const ts_xclbin_section *section = ts_xclbin_find(x, TS_XCLBIN_KEYVALUE_METADATA);
    TS_TRY(ts_xclbin_to_json(x->arena, section ? section : &empty, x->file, "", root, NULL, diag));
    for (*list = (*root)->first->first; *list; *list = (*list)->next)
        if (strcmp((*list)->key, "key_values") == 0) return TS_OK;
    return ts_fail(diag, TS_MISSING, x->file, "section KEYVALUE_METADATA has no 'key_values'");
}

static ts_status set_user_key(ts_xclbin *x, const char *key, const char *value, ts_diag *diag) {
    ts_json *root, *list, *entry;
    TS_TRY(user_keys(x, &root, &list, diag));
    for (entry = list->first; entry; entry = entry->next)
        if (strcmp(ts_json_text(entry, "key", ""), key) == 0) break;
    if (!entry) {
        list->kind = TS_JSON_ARRAY; /* boost writes an empty list as "" */
        entry = ts_json_add(x->arena, list, "", TS_JSON_OBJECT);
        if (!entry || !ts_json_add_string(x->arena, entry, "key", key)) return ts_fail_nomem(diag);
    }
    if (!ts_json_set_string(x->arena, entry, "value", value)) return ts_fail_nomem(diag);
    return ts_xclbin_put_tree(x, TS_XCLBIN_KEYVALUE_METADATA, root, diag);
}

bool ts_xclbin_is_system_key(const char *pair, const char *key) {
    const char sys[] = {pair[0], pair[0] ? pair[1] : '\0', pair[0] && pair[1] ? pair[2] : '\0',
                        '\0'};
    size_t length = strlen(key);
    return ts_text_equal_nocase(sys, "SYS") && pair[3] == ':' &&
           strncmp(pair + 4, key, length) == 0 && pair[4 + length] == ':';
}

ts_status ts_xclbin_set_key(ts_xclbin *x, const char *pair, ts_diag *diag) {
    const char *first = strchr(pair, ':'), *second = first ? strchr(first + 1, ':') : NULL;
    if (!second)
        return ts_fail(diag, TS_SYNTAX, NULL,
                       "Expected format [USER | SYS]:<key>:<value> when using adding a key value "
                       "pair.  Received: %s.",
                       pair);
    const char *domain = ts_arena_strndup(x->arena, pair, (size_t)(first - pair));
    const char *key = ts_arena_strndup(x->arena, first + 1, (size_t)(second - first - 1));
    if (!domain || !key) return ts_fail_nomem(diag);
    if (ts_text_equal_nocase(domain, "USER")) return set_user_key(x, key, second + 1, diag);
    if (!ts_text_equal_nocase(domain, "SYS"))
        return ts_fail(diag, TS_UNKNOWN, NULL,
                       "Unknown key domain for key-value pair '%s'.  Expected either 'USER' or "
                       "'SYS'.",
                       domain);
    for (size_t i = 0; i < sizeof system_keys / sizeof system_keys[0]; i++)
        if (strcmp(system_keys[i].key, key) == 0)
            return system_keys[i].set(x, pair, second + 1, diag);
    return ts_fail(diag, TS_UNKNOWN, NULL, "Unknown key '%s' for key-value pair '%s'.", key, pair);
}

ts_status ts_xclbin_remove_key(ts_xclbin *x, const char *key, ts_diag *diag) {
    ts_json *root, *list, *kept = NULL, *entry;
    TS_TRY(user_keys(x, &root, &list, diag));
    for (entry = list->first; entry; kept = entry, entry = entry->next)
        if (strcmp(ts_json_text(entry, "key", ""), key) == 0) break;
    if (!entry) return ts_fail(diag, TS_MISSING, x->file, "Key '%s' not found.", key);
    if (kept)
        kept->next = entry->next;
    else
        list->first = entry->next;
    if (list->last == entry) list->last = kept;
    list->n_children--;
    return ts_xclbin_put_tree(x, TS_XCLBIN_KEYVALUE_METADATA, root, diag);
}

ts_status ts_xclbin_update_header(ts_xclbin *x, const ts_xclbin_section *section, ts_diag *diag) {
    if (section->kind != TS_XCLBIN_BUILD_METADATA) return TS_OK;
    ts_json *root;
    TS_TRY(ts_xclbin_to_json(x->arena, section, x->file, "", &root, NULL, diag));
    const ts_json *roms = ts_json_path(root, "build_metadata.dsa.feature_roms");
    const ts_json *rom = roms ? roms->first : NULL;
    /* Both names of each: the second of a pair is what older compilers wrote. */
    uint64_t time = 0;
    if (!ts_parse_u64(ts_json_text(rom, "timeSinceEpoch", "0"), &time) || !time)
        if (!ts_parse_u64(ts_json_text(rom, "time_epoch", "0"), &time)) time = 0;
    x->header.feature_rom_time_stamp = time;
    const char *vbnv = ts_json_text(rom, "vbnvName", "");
    if (!*vbnv) vbnv = ts_json_text(rom, "vbnv_name", "");
    copy_fixed(x->header.platform_vbnv, sizeof x->header.platform_vbnv, vbnv);
    return TS_OK;
}
