/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Whole files in and out. Output is staged under a temporary name in the target's folder and
 * renamed at the end, so a reader sees the old file or the new one, and a failure leaves the old
 * one.
 */
#include "tessera/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ts_status io_error(ts_diag *diag, const char *path, const char *what) {
    return ts_fail(diag, TS_IO, path, "cannot %s: %s", what, strerror(errno));
}

/* Fill `data` with up to `size` bytes; the count read, or -1 with errno set. */
static ssize_t read_up_to(int fd, uint8_t *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Pipes and growing files do not tell their size, so read until the end, doubling. */
static ts_status read_all(ts_arena *arena, int fd, size_t expected, uint64_t max_bytes,
                          const char *path, ts_span *out, ts_diag *diag) {
    size_t capacity = expected + 1, size = 0; /* one more, to see the end */
    uint8_t *data = ts_arena_alloc(arena, capacity);
    if (!data) return ts_fail_nomem(diag);
    for (;;) {
        ssize_t n = read_up_to(fd, data + size, capacity - size);
        if (n < 0) return io_error(diag, path, "read");
        size += (size_t)n;
        if (size > max_bytes)
            return ts_fail(diag, TS_RANGE, path, "longer than the %llu bytes allowed here",
                           (unsigned long long)max_bytes);
        if (size < capacity) break;
        uint8_t *grown =
            capacity <= SIZE_MAX / 2 ? ts_arena_grow(arena, data, capacity, capacity * 2) : NULL;
        if (!grown) return ts_fail_nomem(diag);
        data = grown;
        capacity *= 2;
    }
    *out = (ts_span){.data = data, .size = size};
    return TS_OK;
}

ts_status ts_file_read(ts_arena *arena, const char *path, uint64_t max_bytes, ts_span *out,
                       ts_diag *diag) {
    if (!max_bytes) max_bytes = TS_FILE_MAX_BYTES;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return io_error(diag, path, "open for reading");
    struct stat st;
    ts_status status;
    if (fstat(fd, &st) != 0)
        status = io_error(diag, path, "examine");
    else if (S_ISDIR(st.st_mode))
        status = ts_fail(diag, TS_IO, path, "is a folder; expected a file");
    else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes)
        status = ts_fail(diag, TS_RANGE, path, "is %lld bytes long; at most %llu are allowed here",
                         (long long)st.st_size, (unsigned long long)max_bytes);
    else
        status = read_all(arena, fd, S_ISREG(st.st_mode) ? (size_t)st.st_size : 65535, max_bytes,
                          path, out, diag);
    close(fd);
    return status;
}

static int write_all(int fd, ts_span bytes) {
    size_t done = 0;
    while (done < bytes.size) {
        ssize_t n = write(fd, bytes.data + done, bytes.size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        done += (size_t)n;
    }
    return 0;
}

/* Devices and pipes cannot be replaced by a rename. */
static ts_status write_directly(const char *path, ts_span bytes, ts_diag *diag) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return io_error(diag, path, "open for writing");
    int failed = write_all(fd, bytes);
    if (close(fd) != 0) failed = -1;
    return failed ? io_error(diag, path, "write") : TS_OK;
}

struct ts_staged_file {
    struct ts_staged_file *next;
    const char *shown; /* as the user named it */
    char *target;
    char *temporary; /* NULL once renamed */
    size_t temporary_size;
};

/* A new file beside the target, with the mode an ordinary open() gives, which mkstemp() would not.
 */
static int create_temporary(struct ts_staged_file *staged) {
    for (unsigned n = 0; n < 1000; n++) {
        const char *base = ts_path_base(staged->target);
        snprintf(staged->temporary, staged->temporary_size, "%.*s.%.200s.%ld-%u.tmp",
                 (int)(base - staged->target), staged->target, base, (long)getpid(), n);
        int fd = open(staged->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

/* `old` is the file to be replaced, whose mode stays, or NULL. */
static ts_status fill_temporary(struct ts_staged_file *staged, const struct stat *old,
                                ts_span bytes, ts_diag *diag) {
    int fd = create_temporary(staged);
    if (fd < 0) {
        staged->temporary = NULL;
        return io_error(diag, staged->shown, "create");
    }
    int failed = write_all(fd, bytes);
    if (!failed && old) failed = fchmod(fd, old->st_mode & 07777);
    if (close(fd) != 0) failed = -1;
    return failed ? io_error(diag, staged->shown, "write") : TS_OK;
}

/* Follow a symbolic link to the file it names, so that the link itself stays. */
static char *resolve_link(ts_arena *arena, const char *path) {
    char *real = realpath(path, NULL);
    char *copy = ts_arena_strdup(arena, real ? real : path);
    free(real);
    return copy;
}

void ts_file_set_init(ts_file_set *set, ts_arena *arena) {
    *set = (ts_file_set){.arena = arena};
}

ts_status ts_file_set_add(ts_file_set *set, const char *path, ts_span bytes, ts_diag *diag) {
    struct stat st;
    bool exists = lstat(path, &st) == 0, is_link = exists && S_ISLNK(st.st_mode);
    if (is_link) exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return ts_fail(diag, TS_IO, path, "is a folder; expected a file name to write");
    if (exists && !S_ISREG(st.st_mode)) return write_directly(path, bytes, diag);
    struct ts_staged_file *staged = TS_ARENA_NEW(set->arena, struct ts_staged_file);
    if (!staged) return ts_fail_nomem(diag);
    staged->shown = ts_arena_strdup(set->arena, path);
    staged->target = is_link ? resolve_link(set->arena, path) : ts_arena_strdup(set->arena, path);
    if (!staged->shown || !staged->target) return ts_fail_nomem(diag);
    staged->temporary_size = strlen(staged->target) + 300; /* name, process and number */
    staged->temporary = ts_arena_alloc(set->arena, staged->temporary_size);
    if (!staged->temporary) return ts_fail_nomem(diag);
    staged->next = set->files;
    set->files = staged;
    return fill_temporary(staged, exists ? &st : NULL, bytes, diag);
}

ts_status ts_file_set_commit(ts_file_set *set, ts_diag *diag) {
    for (struct ts_staged_file *f = set->files; f; f = f->next) {
        if (!f->temporary) continue;
        if (rename(f->temporary, f->target) != 0) return io_error(diag, f->shown, "write");
        f->temporary = NULL;
    }
    return TS_OK;
}

void ts_file_set_abandon(ts_file_set *set) {
    for (struct ts_staged_file *f = set->files; f; f = f->next)
        if (f->temporary) unlink(f->temporary);
    set->files = NULL;
}

ts_status ts_file_write(const char *path, ts_span bytes, ts_diag *diag) {
    ts_arena arena;
    ts_arena_init(&arena, 0);
    ts_file_set set;
    ts_file_set_init(&set, &arena);
    ts_status status = ts_file_set_add(&set, path, bytes, diag);
    if (status == TS_OK) status = ts_file_set_commit(&set, diag);
    ts_file_set_abandon(&set);
    ts_arena_free(&arena);
    return status;
}

const char *ts_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *ts_path_stem(ts_arena *arena, const char *path) {
    const char *base = ts_path_base(path);
    const char *dot = strrchr(base, '.');
    return ts_arena_strndup(arena, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

const char *ts_path_beside(ts_arena *arena, const char *file, const char *name) {
    const char *base = file ? ts_path_base(file) : NULL;
    if (name[0] == '/' || !file || base == file) return name;
    return ts_arena_printf(arena, "%.*s%s", (int)(base - file), file, name);
}

bool ts_path_is_plain_name(const char *name) {
    return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}
