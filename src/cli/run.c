/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera run: load a container, hand over an instruction stream and buffers, wait, keep what comes
 * out. The same line for every device.
 */
#include "cli_run.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_RUNS = 1000000,
};

/* ---- arguments ------------------------------------------------------------------------------- */

static int bad_argument(const char *text, const char *why) {
    return cli_usage("tessera run",
                     "--arg %s: %s; expected in:FILE, out:BYTES:FILE, inout:FILE:FILE or "
                     "scratch:BYTES",
                     text, why);
}

/* The part up to the next colon, cut off; NULL when there is no colon. */
static const char *cut(char **text) {
    char *part = *text, *colon = strchr(part, ':');
    if (!colon) return NULL;
    *colon = '\0';
    *text = colon + 1;
    return part;
}

/* One --arg: its kind, then a size or a file or both. The last part is a file's name, which may
 * have colons of its own. CLI_DONE, or a usage error that was printed. */
static int parse_argument(ts_arena *arena, const char *text, cli_run_arg *out) {
    static const struct {
        const char *word;
        bool has_input, has_size, has_output;
    } kinds[] = {{"in", true, false, false},
                 {"out", false, true, true},
                 {"inout", true, false, true},
                 {"scratch", false, true, false}};
    char *rest = ts_arena_strdup(arena, text);
    const char *word = rest ? cut(&rest) : NULL;
    *out = (cli_run_arg){.text = text};
    for (size_t i = 0; word && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].word, word) != 0) continue;
        const char *first = kinds[i].has_output ? cut(&rest) : rest;
        if (!first || !*first || !*rest) return bad_argument(text, "a part is missing");
        if (kinds[i].has_input) out->input = first;
        if (kinds[i].has_output) out->output = rest;
        if (kinds[i].has_size && !ts_parse_u64(first, &out->size))
            return bad_argument(text, "the size is no number");
        return CLI_DONE;
    }
    return bad_argument(text, "unknown kind");
}

static int parse_number(cli_run *run, const char *option, uint64_t most, uint64_t *out) {
    const char *text = cli_value(run, option);
    if (!text) return CLI_DONE;
    if (!ts_parse_u64(text, out) || *out > most)
        return cli_usage("tessera run", "'%s' is no number for --%s", text, option);
    return CLI_DONE;
}

/* The finding of a name; TS_FINDING_N_KINDS: there is none. */
static unsigned find_kind(const char *name, size_t length) {
    unsigned kind = 0;
    for (; kind < TS_FINDING_N_KINDS; kind++) {
        const char *known = ts_finding_name((ts_finding_kind)kind);
        if (strlen(known) == length && memcmp(known, name, length) == 0) break;
    }
    return kind;
}

static int unknown_kind(const char *word, size_t length) {
    const char *names[TS_FINDING_N_KINDS];
    char copy[32];
    for (unsigned i = 0; i < TS_FINDING_N_KINDS; i++)
        names[i] = ts_finding_name((ts_finding_kind)i);
    snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1),
             word);
    const char *near = ts_nearest_word(copy, names, TS_FINDING_N_KINDS);
    return cli_usage("tessera run", "--check: no finding is called '%s'%s%s%s", copy,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* "stack,deadlock": only those; "-unwritten" or "all,-unwritten": all but that; "none". */
static int parse_checks(const char *list, ts_array_options *options) {
    const char *word = list ? list : "";
    if (*word && *word != '-') options->ignored = UINT64_MAX;
    for (; *word; word += strcspn(word, ",")) {
        if (*word == ',') word++;
        bool is_off = *word == '-';
        const char *name = word + is_off;
        size_t length = strcspn(name, ",");
        bool is_all = length == 3 && memcmp(name, "all", 3) == 0;
        bool is_none = length == 4 && memcmp(name, "none", 4) == 0;
        unsigned kind = find_kind(name, length);
        if (!is_all && !is_none && kind == TS_FINDING_N_KINDS) return unknown_kind(name, length);
        uint64_t bits = is_all || is_none ? UINT64_MAX : UINT64_C(1) << kind;
        if (is_off != is_none)
            options->ignored |= bits;
        else
            options->ignored &= ~bits;
    }
    return CLI_DONE;
}

static int parse_line(cli_run *run, cli_run_job *job) {
    size_t n = 0;
    job->arguments = TS_ARENA_ARRAY(run->arena, cli_run_arg, run->n_given);
    job->buffers = TS_ARENA_ARRAY(run->arena, ts_device_buffer, run->n_given);
    if (!job->arguments || !job->buffers) return CLI_FAILED;
    for (size_t i = 0; i < run->n_given; i++) {
        if (strcmp(run->given[i].option->name, "arg") != 0) continue;
        int status = parse_argument(run->arena, run->given[i].value, &job->arguments[n++]);
        if (status != CLI_DONE) return status;
    }
    job->n_arguments = n;
    job->xclbin = cli_required(run, "xclbin");
    job->insts = job->xclbin ? cli_required(run, "insts") : NULL;
    if (!job->insts) return CLI_USAGE;
    job->n_runs = 1;
    job->timeout_ms = 1000;
    int status = parse_number(run, "iters", MAX_RUNS, &job->n_runs);
    if (status == CLI_DONE) status = parse_number(run, "warmup", MAX_RUNS, &job->n_warmups);
    if (status == CLI_DONE) status = parse_number(run, "timeout", UINT64_MAX, &job->timeout_ms);
    if (status == CLI_DONE) status = parse_number(run, "cycles", UINT64_MAX, &job->cycles);
    if (status == CLI_DONE && !job->n_runs)
        return cli_usage("tessera run", "--iters is at least 1");
    return status == CLI_DONE ? parse_checks(cli_value(run, "check"), &job->options) : status;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* An output may replace anything but what is read here. */
ts_status cli_run_check_output(const cli_run_job *job, const char *output, ts_diag *diag) {
    bool is_read = cli_same_file(output, job->xclbin) || cli_same_file(output, job->insts);
    for (size_t i = 0; i < job->n_arguments; i++) {
        const cli_run_arg *arg = &job->arguments[i];
        bool is_own = arg->output == output; /* inout:X:X says so itself */
        if (arg->input && !is_own) is_read |= cli_same_file(output, arg->input);
    }
    if (is_read) return ts_fail(diag, TS_CONFLICT, output, "is read here and also an output file");
    return TS_OK;
}

/* Of a .npy file, the values. */
static ts_status read_values(ts_arena *arena, const char *path, ts_span *out, ts_diag *diag) {
    ts_npy array;
    TS_TRY(ts_file_read(arena, path, 0, out, diag));
    if (!ts_npy_is(*out)) return TS_OK;
    TS_TRY(ts_npy_parse(*out, path, &array, diag));
    *out = array.data;
    return TS_OK;
}

static ts_status make_buffers(cli_run *run, cli_run_job *job, ts_diag *diag) {
    for (size_t i = 0; i < job->n_arguments; i++) {
        cli_run_arg *arg = &job->arguments[i];
        const char *name = ts_arena_printf(run->arena, "argument %zu (%s)", i, arg->text);
        if (!name) return ts_fail_nomem(diag);
        if (arg->output) TS_TRY(cli_run_check_output(job, arg->output, diag));
        if (arg->input) TS_TRY(read_values(run->arena, arg->input, &arg->bytes, diag));
        if (arg->input) arg->size = arg->bytes.size;
        TS_TRY(ts_device_buffer_new(job->device, name, arg->size, &job->buffers[i], diag));
    }
    return TS_OK;
}

/* Every run begins with the same bytes. */
static void fill_buffers(const cli_run_job *job) {
    for (size_t i = 0; i < job->n_arguments; i++) {
        const ts_device_buffer *buffer = &job->buffers[i];
        if (!buffer->size) continue;
        if (job->arguments[i].input)
            memcpy(buffer->data, job->arguments[i].bytes.data, buffer->size);
        else
            memset(buffer->data, 0, buffer->size);
    }
}

static ts_status add_results(const cli_run_job *job, ts_file_set *set, ts_diag *diag) {
    for (size_t i = 0; i < job->n_arguments; i++)
        if (job->arguments[i].output)
            TS_TRY(ts_file_set_add(set, job->arguments[i].output,
                                   ts_span_of(job->buffers[i].data, job->buffers[i].size), diag));
    return TS_OK;
}

/* Results only when the run is done; what was looked for always. */
static ts_status add_outputs(cli_run *run, const cli_run_job *job, ts_file_set *set,
                             ts_diag *diag) {
    const char *trace = cli_value(run, "trace");
    if (job->result.end == TS_DEVICE_DONE) TS_TRY(add_results(job, set, diag));
    if (job->trace) {
        ts_buf text = ts_buf_in(run->arena);
        TS_TRY(cli_run_trace_write(job->trace, &text, diag));
        TS_TRY(ts_file_set_add(set, trace, ts_buf_span(&text), diag));
    }
    return cli_run_add_dump_files(run, job, set, diag);
}

static ts_status write_outputs(cli_run *run, const cli_run_job *job, ts_diag *diag) {
    ts_file_set set;
    ts_file_set_init(&set, run->arena);
    ts_status status = add_outputs(run, job, &set, diag);
    if (status == TS_OK) status = ts_file_set_commit(&set, diag);
    ts_file_set_abandon(&set);
    return status;
}

static ts_status prepare(cli_run *run, cli_run_job *job, ts_diag *diag) {
    const char *name = cli_value(run, "device"), *trace = cli_value(run, "trace");
    ts_span bytes;
    ts_xclbin xclbin;
    TS_TRY(ts_device_open(run->arena, name ? name : TS_DEVICE_EMULATOR, &job->options, &job->device,
                          diag));
    TS_TRY(ts_file_read(run->arena, job->xclbin, 0, &bytes, diag));
    TS_TRY(ts_xclbin_read(run->arena, bytes, job->xclbin, &xclbin, diag));
    TS_TRY(cli_read_insts(run->arena, job->insts, NULL, &job->stream, diag));
    TS_TRY(ts_device_load(job->device, &xclbin, cli_value(run, "kernel"), diag));
    job->array = ts_device_array(job->device);
    TS_TRY(cli_run_add_programs(run, job, diag));
    TS_TRY(cli_run_begin_looking(run, job, diag));
    if (trace) TS_TRY(cli_run_check_output(job, trace, diag));
    TS_TRY(cli_run_check_dumps(run, job, diag));
    return make_buffers(run, job, diag);
}

/* ---- running --------------------------------------------------------------------------------- */

static ts_status run_once(cli_run_job *job, uint64_t number, ts_diag *diag) {
    uint64_t from = job->array ? ts_array_cycle(job->array) : 0;
    fill_buffers(job);
    TS_TRY(ts_device_submit(job->device, &job->stream, job->buffers, job->n_arguments, diag));
    if (job->cycles)
        TS_TRY(ts_device_wait_cycles(job->device, job->cycles, &job->result, diag));
    else
        TS_TRY(ts_device_wait(job->device, job->timeout_ms, &job->result, diag));
    if (job->trace) cli_run_trace_run(job->trace, number, from);
    return TS_OK;
}

static ts_status run_all(cli_run_job *job, ts_diag *diag) {
    for (uint64_t i = 0; i < job->n_warmups + job->n_runs; i++) {
        TS_TRY(run_once(job, i, diag));
        if (job->result.end != TS_DEVICE_DONE) return TS_OK;
        if (i < job->n_warmups) continue;
        uint64_t cycles = job->result.cycles;
        job->total_cycles += cycles;
        job->least_cycles = job->n_done && job->least_cycles < cycles ? job->least_cycles : cycles;
        job->most_cycles = job->most_cycles > cycles ? job->most_cycles : cycles;
        job->n_done++;
    }
    return TS_OK;
}

static int run_run(cli_run *run) {
    ts_diag diag = {0};
    cli_run_job job = {.arena = run->arena};
    int status = parse_line(run, &job);
    if (status != CLI_DONE) return status;
    if (prepare(run, &job, &diag) != TS_OK)
        status = cli_fail_in(job.xclbin, &diag);
    else if (run_all(&job, &diag) != TS_OK)
        status = cli_fail_in(job.insts, &diag);
    else if (write_outputs(run, &job, &diag) != TS_OK)
        status = cli_fail(&diag);
    else
        status = cli_run_report(run, &job);
    ts_device_close(job.device);
    return status;
}

static const cli_option options[] = {
    {"xclbin", 'x', "FILE", "the container"},
    {"insts", 'i', "FILE", "the instruction stream"},
    {"arg", 'a', "ARG", "a buffer, in the order of the runtime sequence; see above"},
    {"kernel", 'k', "NAME", "the kernel, when there are several"},
    {"device", 'd', "NAME", "'emulator' (default), or a path like /dev/accel/accel0"},
    {"iters", 0, "N", "run so many times (default 1)"},
    {"warmup", 0, "N", "run so many times before that, uncounted"},
    {"timeout", 0, "MS", "give up after so long (default 1000; emulated: 1,000,000 cycles each)"},
    {"cycles", 0, "N", "give up after so many cycles of the emulator instead"},
    {"elf", 0, "C,R=FILE", "the program of a core, for names and its stack"},
    {"stats", 0, NULL, "tell what cores and DMA channels did"},
    {"check", 0, "LIST", "findings to look for, by name; 'all', 'none', '-NAME'"},
    {"trace", 0, "FILE", "write what happened when, for Perfetto"},
    {"break", 0, "WHERE", "stop before SYMBOL[@C,R], or C,R:ADDRESS, and show the core"},
    {"watch", 0, "WHAT", "tell writes into C,R:ADDRESS[:BYTES], or SYMBOL[@C,R][:BYTES]"},
    {"dump-tile", 0, "C,R[:FILE]", "show a tile's registers, locks, descriptors, memory"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const cli_command cli_run_command = {
    .name = "run",
    .arguments = "-x X.xclbin -i INSTS --arg ARG...",
    .summary = "Run a kernel: load, hand over buffers, wait, keep the results",
    .details =
        "ARG is one of\n"
        "  in:FILE          the bytes of a file; of .npy its values\n"
        "  out:BYTES:FILE   zeros before, written to FILE after the last run\n"
        "  inout:FILE:FILE  both\n"
        "  scratch:BYTES    zeros, not kept\n"
        "Every run begins with the same buffers; the array keeps its state between runs.\n"
        "Programs that lie beside the container, as tessera build leaves them, give names.\n"
        "What hardware lets pass in silence is told as findings; they do not change results.",
    .example = "tessera run -x add.xclbin -i insts.bin --arg in:in.bin --arg out:4096:out.bin",
    .options = options,
    .main = run_run,
};
