/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The command line: one interpreter over the tables of commands and options. Options and positional
 * arguments may come in any order; "--" ends the options; "--name=value" and "--name value", "-o
 * value" and "-ovalue" are the same.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const cli_option help_option = {"help", 'h', NULL, "show this help"};

int cli_usage(const char *path, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", path);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nTry '%s -h'.\n", path);
    va_end(args);
    return CLI_USAGE;
}

static void print_option(const cli_option *option, FILE *out) {
    char left[64];
    snprintf(left, sizeof left, "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
             option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
             option->value ? " " : "", option->value ? option->value : "");
    fprintf(out, "  %-30s %s\n", left, option->help);
}

void cli_print_help(const cli_command *command, const char *path, FILE *out) {
    fprintf(out, "usage: %s %s\n\n%s.\n", path, command->arguments, command->summary);
    if (command->details) fprintf(out, "\n%s\n", command->details);
    if (command->subcommands) {
        fprintf(out, "\ncommands:\n");
        for (const cli_command *const *sub = command->subcommands; *sub; sub++)
            fprintf(out, "  %-12s %s\n", (*sub)->name, (*sub)->summary);
    }
    fprintf(out, "\noptions:\n");
    for (const cli_option *option = command->options; option && option->name; option++)
        if (option->help) print_option(option, out);
    print_option(&help_option, out);
    if (command->example) fprintf(out, "\nexample:\n  %s\n", command->example);
}

static const cli_command *find_subcommand(const cli_command *group, const char *name) {
    for (const cli_command *const *sub = group->subcommands; *sub; sub++)
        if (strcmp((*sub)->name, name) == 0) return *sub;
    return NULL;
}

static int unknown_subcommand(const cli_command *group, const char *path, const char *name) {
    const char *names[64];
    size_t n = 0;
    for (const cli_command *const *sub = group->subcommands; *sub && n < 64; sub++)
        names[n++] = (*sub)->name;
    const char *near = ts_nearest_word(name, names, n);
    if (near) return cli_usage(path, "unknown command '%s'; did you mean '%s'?", name, near);
    return cli_usage(path, "unknown command '%s'", name);
}

static const cli_option *find_option(const cli_command *command, const char *name, size_t length) {
    for (const cli_option *option = command->options; option && option->name; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    return length == 4 && memcmp(name, "help", 4) == 0 ? &help_option : NULL;
}

static const cli_option *find_letter(const cli_command *command, char letter) {
    for (const cli_option *option = command->options; option && option->name; option++)
        if (option->letter == letter) return option;
    return letter == 'h' ? &help_option : NULL;
}

static int unknown_option(const cli_command *command, const char *path, const char *word) {
    const char *names[64];
    size_t n = 0;
    for (const cli_option *option = command->options; option && option->name && n < 64; option++)
        names[n++] = option->name;
    const char *near = word[1] == '-' ? ts_nearest_word(word + 2, names, n) : NULL;
    if (near) return cli_usage(path, "unknown option '%s'; did you mean '--%s'?", word, near);
    return cli_usage(path, "unknown option '%s'", word);
}

/* Note an option with the value behind it in its word, or else the next word. CLI_DONE, or a usage
 * error that was printed. */
static int note_option(cli_run *run, const char *path, const cli_option *option, const char *value,
                       int argc, char **argv, int *at) {
    if (!option->value && value)
        return cli_usage(path, "option '--%s' takes no value", option->name);
    if (option->value && !value) {
        if (*at + 1 >= argc)
            return cli_usage(path, "option '--%s' needs a value: %s", option->name, option->value);
        value = argv[++*at];
    }
    run->given[run->n_given++] = (struct cli_given){option, value ? value : ""};
    return CLI_DONE;
}

/* "-dr" is "-d -r"; "-ofile" is "-o file". */
static int take_letters(cli_run *run, const char *path, int argc, char **argv, int *at) {
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        const cli_option *option = find_letter(run->command, *letter);
        if (!option) return unknown_option(run->command, path, argv[*at]);
        bool has_value = option->value && letter[1];
        int status = note_option(run, path, option, has_value ? letter + 1 : NULL, argc, argv, at);
        if (status != CLI_DONE || option->value) return status;
    }
    return CLI_DONE;
}

static int take_option(cli_run *run, const char *path, int argc, char **argv, int *at) {
    const char *word = argv[*at];
    if (word[1] != '-') return take_letters(run, path, argc, argv, at);
    size_t length = strcspn(word + 2, "=");
    const cli_option *option = find_option(run->command, word + 2, length);
    if (!option) return unknown_option(run->command, path, word);
    const char *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
    return note_option(run, path, option, value, argc, argv, at);
}

static int parse_words(cli_run *run, const char *path, int argc, char **argv) {
    bool options_end = false;
    for (int i = 0; i < argc; i++) {
        bool is_option = !options_end && argv[i][0] == '-' && argv[i][1];
        if (is_option && strcmp(argv[i], "--") == 0) {
            options_end = true;
        } else if (is_option) {
            int status = take_option(run, path, argc, argv, &i);
            if (status != CLI_DONE) return status;
        } else {
            run->positional[run->n_positional++] = argv[i];
        }
    }
    return CLI_DONE;
}

static int check_positional(const cli_run *run, const char *path) {
    const cli_command *command = run->command;
    if (run->n_positional < command->min_positional)
        return cli_usage(path, "too few arguments; expected: %s", command->arguments);
    if (run->n_positional > command->max_positional)
        return cli_usage(path, "unexpected argument '%s'; expected: %s",
                         run->positional[command->max_positional], command->arguments);
    return CLI_DONE;
}

static int run_leaf(const cli_command *command, const char *path, int argc, char **argv) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    cli_run run = {.command = command, .arena = &arena};
    run.positional = TS_ARENA_ARRAY(&arena, const char *, (size_t)argc + 1);
    size_t n_letters = 1; /* no more options than letters, joined ones too */
    for (int i = 0; i < argc; i++)
        n_letters += strlen(argv[i]);
    run.given = TS_ARENA_ARRAY(&arena, struct cli_given, n_letters);
    int status = CLI_FAILED;
    if (!run.positional || !run.given) {
        fprintf(stderr, "tessera: out of memory\n");
    } else {
        status = parse_words(&run, path, argc, argv);
        if (status == CLI_DONE && cli_has(&run, "help"))
            cli_print_help(command, path, stdout);
        else if (status == CLI_DONE && (status = check_positional(&run, path)) == CLI_DONE)
            status = command->main(&run);
    }
    ts_arena_free(&arena);
    return status;
}

int cli_dispatch(const cli_command *command, const char *path, int argc, char **argv) {
    if (command->raw_main) return command->raw_main(argc, argv, path);
    if (!command->subcommands) return run_leaf(command, path, argc, argv);
    if (argc == 0) {
        cli_print_help(command, path, stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0) {
        cli_print_help(command, path, stdout);
        return CLI_DONE;
    }
    const cli_command *sub = find_subcommand(command, argv[0]);
    if (!sub) return unknown_subcommand(command, path, argv[0]);
    char sub_path[128];
    snprintf(sub_path, sizeof sub_path, "%s %s", path, sub->name);
    return cli_dispatch(sub, sub_path, argc - 1, argv + 1);
}

bool cli_has(const cli_run *run, const char *option) {
    return cli_value(run, option) != NULL;
}

const char *cli_value(const cli_run *run, const char *option) {
    for (size_t i = run->n_given; i-- > 0;)
        if (strcmp(run->given[i].option->name, option) == 0) return run->given[i].value;
    return NULL;
}

const char *cli_required(const cli_run *run, const char *option) {
    const char *value = cli_value(run, option);
    if (!value) {
        fprintf(stderr, "tessera: %s: option '--%s' is required; expected: %s\n",
                run->command->name, option, run->command->arguments);
    }
    return value;
}

bool cli_parse_tile(const char *text, size_t length, uint32_t *column, uint32_t *row) {
    char copy[32] = "";
    uint64_t c, r;
    if (length >= sizeof copy) return false;
    memcpy(copy, text, length);
    char *comma = strchr(copy, ',');
    if (!comma) return false;
    *comma = '\0';
    if (!ts_parse_u64(copy, &c) || !ts_parse_u64(comma + 1, &r) || c > UINT8_MAX || r > UINT8_MAX)
        return false;
    *column = (uint32_t)c;
    *row = (uint32_t)r;
    return true;
}

bool cli_parse_tile_file(const char *text, uint32_t *column, uint32_t *row, const char **file) {
    size_t length = strcspn(text, "=");
    if (!text[length] || !text[length + 1]) return false;
    *file = text + length + 1;
    return cli_parse_tile(text, length, column, row);
}
