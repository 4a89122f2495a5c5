/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * --add-kernel: from a "ps-kernels" document to the sections a loader reads. Per kernel, an element
 * in EMBEDDED_METADATA with its arguments; per instance, an entry in IP_LAYOUT and one connection
 * for every argument that names a memory.
 *
 * src: Xilinx/XRT: src/runtime_src/tools/xclbinutil/KernelUtilities.cxx [code]
 */
#include "xclbin_int.h"

#include <inttypes.h>
#include <string.h>

typedef struct adder {
    ts_xclbin *x;
    const ts_xclbin_document *document;
    ts_diag *diag;
    ts_json *xml, *ip_list, *connections, *banks; /* grow with every kernel */
} adder;

#define FAIL(a, node, code, ...)                                                                   \
    return ts_xclbin_bad_value((a)->document, node, code, (a)->diag, __VA_ARGS__)

/* A text that must be there and not be empty. */
static ts_status need_text(const adder *a, const ts_json *object, const char *key, const char *what,
                           const char **out) {
    *out = ts_json_text(object, key, "");
    if (!**out) FAIL(a, object, TS_MISSING, "%s has no '%s'", what, key);
    return TS_OK;
}

/* ---- EMBEDDED_METADATA ----------------------------------------------------------------------- */

/* Sizes that XRT gives to types: 8 for any pointer of a fixed kernel, and 8 for int. It compares
 * after taking the spaces out, so "unsigned int" matches nothing there, and nothing here. */
static const struct {
    const char *type;
    unsigned n_bytes;
} type_sizes[] = {
    {"char", 1},    {"float", 4},    {"int8_t", 1},  {"uint8_t", 1},
    {"int16_t", 2}, {"uint16_t", 2}, {"int32_t", 4}, {"uint32_t", 4},
    {"int64_t", 8}, {"uint64_t", 8}, {"int", 8},
};

static ts_status type_size(const adder *a, const ts_json *argument, const char *type,
                           unsigned *n_bytes) {
    char packed[64];
    size_t n = 0;
    for (const char *p = type; *p && n < sizeof packed - 1; p++)
        if (*p != ' ') packed[n++] = *p;
    packed[n] = '\0';
    *n_bytes = 8;
    size_t length = strlen(type);
    while (length && type[length - 1] == ' ')
        length--;
    if (length && type[length - 1] == '*') return TS_OK;
    for (size_t i = 0; i < sizeof type_sizes / sizeof type_sizes[0]; i++)
        if (strcmp(type_sizes[i].type, packed) == 0) {
            *n_bytes = type_sizes[i].n_bytes;
            return TS_OK;
        }
    FAIL(a, ts_json_get(argument, "type"), TS_UNKNOWN,
         "Unknown argument type: '%s'; expected a pointer, int, float or a fixed-width integer",
         packed);
}

static ts_status address_qualifier(const adder *a, const ts_json *argument, unsigned *number) {
    static const char *const qualifiers[] = {"SCALAR", "GLOBAL", "CONSTANT", "LOCAL", "STREAM"};
    const char *text;
    TS_TRY(need_text(a, argument, "address-qualifier", "the argument", &text));
    for (unsigned i = 0; i < 5; i++)
        if (strcmp(qualifiers[i], text) == 0) {
            *number = i;
            return TS_OK;
        }
    FAIL(
        a, ts_json_get(argument, "address-qualifier"), TS_UNKNOWN,
        "Unknown address-qualifier value: '%s'; expected SCALAR, GLOBAL, CONSTANT, LOCAL or STREAM",
        text);
}

static ts_status add_argument(const adder *a, const ts_json *argument, unsigned id,
                              ts_json *kernel) {
    ts_arena *arena = a->x->arena;
    const char *name, *type, *offset;
    unsigned qualifier = 0, n_bytes = 0;
    TS_TRY(need_text(a, argument, "name", "the argument", &name));
    TS_TRY(address_qualifier(a, argument, &qualifier));
    TS_TRY(need_text(a, argument, "type", "the argument", &type));
    TS_TRY(type_size(a, argument, type, &n_bytes));
    TS_TRY(need_text(a, argument, "offset", "the argument", &offset));
    bool use_id = strcmp(ts_json_text(argument, "use-id", "1"), "0") != 0;
    ts_json *node = ts_json_add(arena, kernel, "arg", TS_JSON_OBJECT);
    ts_json *list = ts_json_add(arena, node, "<xmlattr>", TS_JSON_OBJECT);
    ts_json_add_string(arena, list, "name", name);
    ts_json_add_format(arena, list, "addressQualifier", "%u", qualifier);
    ts_json_add_string(arena, list, "id", use_id ? ts_arena_printf(arena, "%u", id) : "");
    ts_json_add_format(arena, list, "size", "0x%x", n_bytes);
    ts_json_add_string(arena, list, "offset", offset);
    ts_json_add_string(arena, list, "hostOffset", "0x0");
    ts_json_add_format(arena, list, "hostSize", "0x%x", n_bytes);
    return ts_json_add_string(arena, list, "type", type) ? TS_OK : ts_fail_nomem(a->diag);
}

/* "DPU" -> "1": the XML takes numbers where the JSON may have words. */
static const char *word_to_number(const char *text, const char *word0, const char *word1) {
    if (strcmp(text, word0) == 0) return "0";
    if (strcmp(text, word1) == 0) return "1";
    return text;
}

static ts_status add_extended_data(const adder *a, const ts_json *kernel, ts_json *node) {
    const ts_json *given = ts_json_get(kernel, "extended-data");
    if (!given || !given->n_children) return TS_OK;
    ts_arena *arena = a->x->arena;
    ts_json *data = ts_json_add(arena, node, "extended-data", TS_JSON_OBJECT);
    ts_json *attributes = ts_json_copy(arena, given);
    if (!data || !attributes) return ts_fail_nomem(a->diag);
    const char *functional = ts_json_text(given, "functional", "");
    const char *subtype = ts_json_text(given, "subtype", "");
    if (!ts_json_set_string(arena, attributes, "functional",
                            word_to_number(functional, "DPU", "PrePost")) ||
        !ts_json_set_string(arena, attributes, "subtype", word_to_number(subtype, "PS", "DPU")))
        return ts_fail_nomem(a->diag);
    attributes->key = "<xmlattr>";
    ts_json_append(data, attributes);
    return TS_OK;
}

/* project.platform.device.core, made where it is missing. */
static ts_json *core_of(ts_arena *arena, ts_json *xml) {
    static const char *const path[] = {"project", "platform", "device", "core"};
    for (unsigned i = 0; i < 4 && xml; i++) {
        ts_json *child = xml->first;
        while (child && strcmp(child->key, path[i]) != 0)
            child = child->next;
        xml = child ? child : ts_json_add(arena, xml, path[i], TS_JSON_OBJECT);
    }
    return xml;
}

static ts_status add_xml(const adder *a, const ts_json *kernel, const char *name) {
    ts_arena *arena = a->x->arena;
    ts_json *core = core_of(arena, a->xml);
    if (!core) return ts_fail_nomem(a->diag);
    for (const ts_json *k = core->first; k; k = k->next)
        if (strcmp(k->key, "kernel") == 0 &&
            strcmp(ts_json_text(ts_json_get(k, "<xmlattr>"), "name", ""), name) == 0)
            FAIL(a, kernel, TS_CONFLICT,
                 "Kernel name already exists in the EMBEDDED_METADATA section: '%s'", name);
    ts_json *node = ts_json_add(arena, core, "kernel", TS_JSON_OBJECT);
    ts_json *attributes = ts_json_add(arena, node, "<xmlattr>", TS_JSON_OBJECT);
    ts_json_add_string(arena, attributes, "name", name);
    ts_json_add_string(arena, attributes, "language", "c");
    if (!ts_json_add_string(arena, attributes, "type", "dpu")) return ts_fail_nomem(a->diag);
    TS_TRY(add_extended_data(a, kernel, node));
    const ts_json *arguments = ts_json_get(kernel, "arguments");
    unsigned id = 0;
    for (const ts_json *arg = arguments ? arguments->first : NULL; arg; arg = arg->next)
        TS_TRY(add_argument(a, arg, id++, node));
    const ts_json *instances = ts_json_get(kernel, "instances");
    for (const ts_json *i = instances ? instances->first : NULL; i; i = i->next) {
        const char *instance;
        TS_TRY(need_text(a, i, "name", "the kernel's instance", &instance));
        ts_json *entry = ts_json_add(arena, node, "instance", TS_JSON_OBJECT);
        entry = ts_json_add(arena, entry, "<xmlattr>", TS_JSON_OBJECT);
        if (!ts_json_add_string(arena, entry, "name", instance)) return ts_fail_nomem(a->diag);
    }
    return TS_OK;
}

/* ---- IP_LAYOUT, CONNECTIVITY, MEM_TOPOLOGY -----------------------------------------------------
 */

static ts_json *bank_at(ts_json *banks, uint64_t index) {
    ts_json *bank = banks->first;
    while (bank && index--)
        bank = bank->next;
    return bank;
}

static ts_status connect_bank(const adder *a, unsigned argument, size_t ip, uint64_t index,
                              ts_json *bank) {
    ts_arena *arena = a->x->arena;
    ts_json *entry = ts_json_add(arena, a->connections, "", TS_JSON_OBJECT);
    ts_json_add_format(arena, entry, "arg_index", "%u", argument);
    ts_json_add_format(arena, entry, "m_ip_layout_index", "%zu", ip);
    if (!ts_json_add_format(arena, entry, "mem_data_index", "%" PRIu64, index) ||
        !ts_json_set_string(arena, bank, "m_used", "1"))
        return ts_fail_nomem(a->diag);
    return TS_OK;
}

/* An argument that may live anywhere goes to the last bank, after a bank MEM_PS_KERNEL has been
 * made if there was none. Where that bank exists but is not the last, XRT connects the last all the
 * same. */
static ts_status connect_anywhere(const adder *a, unsigned argument, size_t ip) {
    ts_arena *arena = a->x->arena;
    ts_json *bank = a->banks->first;
    while (bank && strcmp(ts_json_text(bank, "m_type", ""), "MEM_PS_KERNEL") != 0)
        bank = bank->next;
    if (!bank) {
        bank = ts_json_add(arena, a->banks, "", TS_JSON_OBJECT);
        ts_json_add_string(arena, bank, "m_type", "MEM_PS_KERNEL");
        ts_json_add_string(arena, bank, "m_used", "1");
        ts_json_add_string(arena, bank, "m_tag", "MEM_PS_KERNEL");
        if (!ts_json_add_string(arena, bank, "m_base_address", "0x0"))
            return ts_fail_nomem(a->diag);
    }
    return connect_bank(a, argument, ip, a->banks->n_children - 1, a->banks->last);
}

/* One bank number as C's strtol reads it, up to a ',': white space, a sign, digits, anything. False
 * when there is no digit, and then the text is a tag. Negative numbers come back as UINT64_MAX. */
static bool take_bank_number(const char **text, uint64_t *number) {
    const char *p = *text + strspn(*text, " \t\n\v\f\r");
    bool negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (*p < '0' || *p > '9') return false;
    for (*number = 0; *p >= '0' && *p <= '9'; p++)
        if (*number <= INT32_MAX) *number = *number * 10 + (uint64_t)(*p - '0');
    if (negative && *number) *number = UINT64_MAX;
    if (*number > INT32_MAX && *number != UINT64_MAX) return false;
    p += strcspn(p, ",");
    *text = *p ? p + 1 : p;
    return true;
}

/* "0,2": bank numbers. A tag that begins with a digit counts as one, as in XRT's tool. */
static bool is_number_list(const char *text) {
    uint64_t number;
    while (*text)
        if (!take_bank_number(&text, &number)) return false;
    return true;
}

static ts_status connect_numbers(const adder *a, const ts_json *node, unsigned argument,
                                 size_t ip) {
    for (const char *p = node->text; *p;) {
        uint64_t index = 0;
        (void)take_bank_number(&p, &index);
        ts_json *bank = bank_at(a->banks, index);
        if (!bank)
            FAIL(a, node, TS_RANGE,
                 "memory-connection '%s': no such memory bank; MEM_TOPOLOGY has %zu", node->text,
                 a->banks->n_children);
        TS_TRY(connect_bank(a, argument, ip, index, bank));
    }
    return TS_OK;
}

static ts_status connect_argument(const adder *a, const ts_json *argument, unsigned index,
                                  size_t ip) {
    const ts_json *node = ts_json_get(argument, "memory-connection");
    if (!node) return TS_OK;
    if (!*node->text) return connect_anywhere(a, index, ip);
    if (is_number_list(node->text)) return connect_numbers(a, node, index, ip);
    uint64_t bank_index = 0;
    for (ts_json *bank = a->banks->first; bank; bank = bank->next, bank_index++)
        if (strcmp(ts_json_text(bank, "m_tag", ""), node->text) == 0)
            return connect_bank(a, index, ip, bank_index, bank);
    FAIL(a, node, TS_MISSING, "Memory tag '%s' not found in the MEM_TOPOLOGY section.", node->text);
}

static ts_status add_instance(const adder *a, const ts_json *kernel, const char *name,
                              const ts_json *instance) {
    ts_arena *arena = a->x->arena;
    const char *instance_name;
    TS_TRY(need_text(a, instance, "name", "the kernel's instance", &instance_name));
    const char *full = ts_arena_printf(arena, "%s:%s", name, instance_name);
    if (!full) return ts_fail_nomem(a->diag);
    for (const ts_json *ip = a->ip_list->first; ip; ip = ip->next)
        if (strcmp(ts_json_text(ip, "m_name", ""), full) == 0)
            FAIL(a, instance, TS_CONFLICT, "PS Kernel instance name already exists: '%s'", full);
    enum {
        MAX_NAME = 63,
        MAX_KERNEL_ID = 0xfff
    };
    if (strlen(full) > MAX_NAME)
        FAIL(a, ts_json_get(instance, "name"), TS_RANGE,
             "instance name '%s' has %zu bytes; expected at most %d", full, strlen(full), MAX_NAME);
    const ts_json *data = ts_json_get(kernel, "extended-data");
    const ts_json *id = ts_json_get(data, "dpu_kernel_id");
    uint64_t kernel_id;
    if (id && *id->text && (!ts_parse_u64(id->text, &kernel_id) || kernel_id > MAX_KERNEL_ID))
        FAIL(a, id, TS_RANGE, "dpu_kernel_id '%s'; expected a number up to 0x%x", id->text,
             MAX_KERNEL_ID);
    ts_json *entry = ts_json_add(arena, a->ip_list, "", TS_JSON_OBJECT);
    ts_json_add_string(arena, entry, "m_type", "IP_PS_KERNEL");
    if (data && data->n_children) {
        ts_json_add_string(arena, entry, "m_subtype", ts_json_text(data, "subtype", ""));
        ts_json_add_string(arena, entry, "m_functional", ts_json_text(data, "functional", ""));
        ts_json_add_string(arena, entry, "m_kernel_id", ts_json_text(data, "dpu_kernel_id", ""));
    }
    ts_json_add_string(arena, entry, "m_base_address", "not_used");
    if (!ts_json_add_string(arena, entry, "m_name", full)) return ts_fail_nomem(a->diag);
    const ts_json *arguments = ts_json_get(kernel, "arguments");
    unsigned index = 0;
    for (const ts_json *arg = arguments ? arguments->first : NULL; arg; arg = arg->next)
        TS_TRY(connect_argument(a, arg, index++, a->ip_list->n_children - 1));
    return TS_OK;
}

/* The list of an array section as a tree that can grow; empty when the section is not there. */
static ts_status open_list(const ts_xclbin *x, uint32_t kind, ts_json **list, ts_diag *diag) {
    const ts_xclbin_section *section = ts_xclbin_find(x, kind);
    *list = ts_json_new(x->arena, TS_JSON_ARRAY);
    if (!*list) return ts_fail_nomem(diag);
    if (!section) return TS_OK;
    ts_json *root;
    TS_TRY(ts_xclbin_to_json(x->arena, section, x->file, "", &root, NULL, diag));
    *list = root->first->last;
    return TS_OK;
}

/* Put a list back, as XRT's "transform": an empty one changes nothing. */
static ts_status close_list(ts_xclbin *x, uint32_t kind, ts_json *list, ts_diag *diag) {
    if (!list->n_children) return TS_OK;
    ts_json *root = ts_json_new(x->arena, TS_JSON_OBJECT);
    const char *node_name = ts_xclbin_kind_about(kind)->node;
    ts_json *node = root ? ts_json_add(x->arena, root, node_name, TS_JSON_OBJECT) : NULL;
    if (!ts_json_add_format(x->arena, node, "m_count", "%zu", list->n_children))
        return ts_fail_nomem(diag);
    list->key = ts_xclbin_array_list(kind);
    list->next = NULL;
    ts_json_append(node, list);
    return ts_xclbin_put_tree(x, kind, root, diag);
}

static ts_status open_xml(adder *a) {
    const ts_xclbin_section *section = ts_xclbin_find(a->x, TS_XCLBIN_EMBEDDED_METADATA);
    if (section && section->data.size)
        return ts_xclbin_parse_xml(a->x->arena, section->data,
                                   ts_xclbin_payload_label(a->x->arena, a->x->file, section->kind),
                                   &a->xml, a->diag);
    a->xml = ts_json_new(a->x->arena, TS_JSON_OBJECT);
    return a->xml ? TS_OK : ts_fail_nomem(a->diag);
}

static ts_status close_xml(const adder *a) {
    ts_buf text = ts_buf_in(a->x->arena);
    ts_xclbin_write_xml(&text, a->xml);
    ts_xclbin_section *section = ts_xclbin_find(a->x, TS_XCLBIN_EMBEDDED_METADATA);
    if (!section) section = ts_xclbin_append(a->x, TS_XCLBIN_EMBEDDED_METADATA, "", (ts_span){0});
    if (!section || text.failed) return ts_fail_nomem(a->diag);
    section->data = ts_buf_span(&text);
    return TS_OK;
}

ts_status ts_xclbin_add_kernels(ts_xclbin *x, const ts_xclbin_document *document, ts_diag *diag) {
    adder a = {.x = x, .document = document, .diag = diag};
    const ts_json *kernels = ts_json_path(document->root, "ps-kernels.kernels");
    if (!kernels || !kernels->n_children)
        return ts_xclbin_bad_value(document, document->root, TS_MISSING, diag,
                                   "no kernels found: expected 'ps-kernels.kernels'");
    TS_TRY(open_xml(&a));
    TS_TRY(open_list(x, TS_XCLBIN_IP_LAYOUT, &a.ip_list, diag));
    TS_TRY(open_list(x, TS_XCLBIN_CONNECTIVITY, &a.connections, diag));
    TS_TRY(open_list(x, TS_XCLBIN_MEM_TOPOLOGY, &a.banks, diag));
    for (const ts_json *kernel = kernels->first; kernel; kernel = kernel->next) {
        const char *name;
        TS_TRY(need_text(&a, kernel, "name", "the kernel", &name));
        TS_TRY(add_xml(&a, kernel, name));
        const ts_json *instances = ts_json_get(kernel, "instances");
        for (const ts_json *i = instances ? instances->first : NULL; i; i = i->next)
            TS_TRY(add_instance(&a, kernel, name, i));
    }
    TS_TRY(close_xml(&a));
    TS_TRY(close_list(x, TS_XCLBIN_IP_LAYOUT, a.ip_list, diag));
    TS_TRY(close_list(x, TS_XCLBIN_CONNECTIVITY, a.connections, diag));
    return close_list(x, TS_XCLBIN_MEM_TOPOLOGY, a.banks, diag);
}
