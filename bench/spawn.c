/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: bench_spawn RUNS COMMAND... [-- COMMAND...]...
 *
 * How long commands take as processes, from spawning to their end, one behind the other: a shell
 * that forks itself for every run would be the larger part of what is measured here. Prints the
 * mean of RUNS runs in nanoseconds, a number for each command, in one line. Output is discarded.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void run_once(char **command, const posix_spawn_file_actions_t *quiet) {
    pid_t child;
    int status = 0;
    if (posix_spawnp(&child, command[0], quiet, NULL, command, environ) != 0 ||
        waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench_spawn: %s failed\n", command[0]);
        exit(1);
    }
}

int main(int argc, char **argv) {
    long n_runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    posix_spawn_file_actions_t quiet;
    if (n_runs < 1 || posix_spawn_file_actions_init(&quiet) != 0 ||
        posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0) != 0) {
        fprintf(stderr, "usage: bench_spawn RUNS COMMAND... [-- COMMAND...]...\n");
        return 2;
    }
    for (char **command = argv + 2; *command;) {
        char **end = command;
        while (*end && strcmp(*end, "--") != 0)
            end++;
        char **next = *end ? end + 1 : end;
        *end = NULL;
        uint64_t start = now_ns();
        for (long i = 0; i < n_runs; i++)
            run_once(command, &quiet);
        printf("%s%llu", command == argv + 2 ? "" : " ",
               (unsigned long long)((now_ns() - start) / (uint64_t)n_runs));
        command = next;
    }
    printf("\n");
    posix_spawn_file_actions_destroy(&quiet);
    return 0;
}
