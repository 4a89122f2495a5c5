/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tessera attention: the group of commands, and what they share.
 */
#include "attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const scores_names[ATT_N_SCORES] = {"int32", "int8"};

const char *att_scores_name(ts_attention_scores scores) {
    return scores_names[scores];
}

int att_usage(const cli_run *run, const char *format, ...) {
    char path[64], text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(path, sizeof path, "tessera attention %s", run->command->name);
    return cli_usage(path, "%s", text);
}

int att_parse_scores(cli_run *run, const char *fallback, bool is_chosen[ATT_N_SCORES]) {
    const char *text = cli_value(run, "scores");
    if (!text) text = fallback;
    bool is_known = strcmp(text, "both") == 0;
    for (int i = 0; i < ATT_N_SCORES; i++) {
        is_chosen[i] = strcmp(text, "both") == 0 || strcmp(text, scores_names[i]) == 0;
        is_known |= is_chosen[i];
    }
    if (is_known && (*fallback == 'b' || strcmp(text, "both") != 0)) return CLI_DONE;
    return att_usage(run, "--scores is int32%s int8%s, not '%s'", *fallback == 'b' ? "," : " or",
                     *fallback == 'b' ? " or both" : "", text);
}

int att_parse_real(cli_run *run, const char *option, double least, double most, double *out) {
    const char *text = cli_value(run, option);
    if (!text) return CLI_DONE;
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value))
        return att_usage(run, "'%s' is no number for --%s", text, option);
    if (value < least || value > most)
        return att_usage(run, "--%s is from %g to %g, not %s", option, least, most, text);
    *out = value;
    return CLI_DONE;
}

int att_parse_count(cli_run *run, const char *option, uint64_t least, uint64_t most,
                    uint64_t *out) {
    const char *text = cli_value(run, option);
    uint64_t value;
    if (!text) return CLI_DONE;
    if (!ts_parse_u64(text, &value) || value < least || value > most)
        return att_usage(run, "'%s' is no number for --%s", text, option);
    *out = value;
    return CLI_DONE;
}

/* ---- what takes long ------------------------------------------------------------------------- */

att_progress att_progress_new(void) {
    return (att_progress){.is_terminal = isatty(STDERR_FILENO) != 0};
}

void att_progress_end(att_progress *progress) {
    if (progress->has_line) fprintf(stderr, "\r\033[K");
    progress->has_line = false;
}

void att_progress_show(att_progress *progress, const char *format, ...) {
    if (!progress->is_terminal) return;
    att_progress_end(progress);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
    progress->has_line = true;
}

/* ---- the group ------------------------------------------------------------------------------- */

static const cli_command *const commands[] = {&att_build, &att_verify, &att_bench, NULL};

const cli_command cli_attention = {
    .name = "attention",
    .arguments = "build|verify|bench ...",
    .summary = "Attention on int8: build its kernels, verify any, measure",
    .example = "tessera attention verify --numpy-seed 42",
    .subcommands = commands,
};
