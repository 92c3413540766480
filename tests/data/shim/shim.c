/* Kill, or fail, at one point of a run: preloaded into the whole program by tests/journal/test_crash.py and tests/journal/test_faults.py.
 *
 * A point is the moment before or after a call (write, fsync, fdatasync, rename, fork, posix_spawn, open for writing) of
 * the process whose role SHIM_ROLE names: driver, runner or flow. Others are left alone.
 *
 *   SHIM_AT=7 SHIM_KILL=self|children|both   at the 7th point, KILL the process, its runners, or both
 *   SHIM_AT=7 SHIM_ERRNO=28 SHIM_CALL=write  the 7th such call on what SHIM_PATH is in the name of fails with this error
 *     SHIM_LASTING=1                         and every such call after it
 *     SHIM_SHORT=1                           it writes half of what it should, and the next such call fails
 *     SHIM_HIT=FILE                          is made when a call failed, or was short
 *   SHIM_LOG=FILE                            write the number of points that there were, at the end
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static long points, at, error_number, lasting, in_part;
static int active;
static pid_t self, loaded;
static const char *wanted, *target, *call, *path_part, *log_path, *hit_path;

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_rename)(const char *, const char *);
static pid_t (*real_fork)(void);
static int (*real_spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                         char *const[], char *const[]);
static int (*real_spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                          char *const[], char *const[]);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_open)(const char *, int, ...), (*real_openat)(int, const char *, int, ...);

static int cmdline(const char *pid, char *into, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
    int descriptor = real_open ? real_open(path, O_RDONLY | O_CLOEXEC) : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    ssize_t length = read(descriptor, into, size - 1);
    close(descriptor);
    if (length <= 0) return 0;
    for (ssize_t i = 0; i < length; i++)
        if (!into[i]) into[i] = ' ';
    into[length] = 0;
    return 1;
}

static const char *role(const char *line) {
    const char *main_part = strstr(line, "__main__.py ");
    if (main_part && !strncmp(main_part + 12, "runner ", 7)) return "runner";
    if (main_part && !strncmp(main_part + 12, "flow ", 5)) return "flow";
    if (main_part && main_part[12] != '-') return "stage";
    if (main_part || strstr(line, "bin/tasker")) return "driver";
    return "other";
}

__attribute__((constructor)) static void begin(void) {
    char line[4096];
    real_write = dlsym(RTLD_NEXT, "write");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_fork = dlsym(RTLD_NEXT, "fork");
    real_spawn = dlsym(RTLD_NEXT, "posix_spawn");
    real_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    wanted = getenv("SHIM_ROLE");
    loaded = getpid();
    at = atol(getenv("SHIM_AT") ? getenv("SHIM_AT") : "0");
    error_number = atol(getenv("SHIM_ERRNO") ? getenv("SHIM_ERRNO") : "0");
    target = getenv("SHIM_KILL");
    call = getenv("SHIM_CALL");
    path_part = getenv("SHIM_PATH");
    log_path = getenv("SHIM_LOG");
    hit_path = getenv("SHIM_HIT");
    lasting = getenv("SHIM_LASTING") != NULL;
    in_part = getenv("SHIM_SHORT") != NULL;
    if (!wanted || !cmdline("self", line, sizeof line) || strcmp(role(line), wanted)) return;
    self = loaded;
    active = 1;
}

/* a stage that was forked from the driver has its role as its name, from when it is that stage */
static void look(void) {
    char name[17] = "";
    if (!wanted || self == getpid() || loaded != getppid() || !strcmp(wanted, "driver")) return;
    if (prctl(PR_GET_NAME, name) || strncmp(name, wanted, strlen(wanted))) return;
    self = getpid();
    points = 0;
    active = 1;
}

__attribute__((destructor)) static void end(void) {
    if (!active || getpid() != self || !log_path) return;
    int descriptor = real_open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    dprintf(descriptor, "%ld\n", points);
    close(descriptor);
}

/* such a stage leaves by this door, not by exit */
void _exit(int status) {
    end();
    for (;;) syscall(SYS_exit_group, status);
}

static int is_runner(const char *pid) {
    char line[4096] = "", path[300];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    int descriptor = real_open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        ssize_t length = read(descriptor, line, sizeof line - 1);
        close(descriptor);
        if (length > 0 && !strncmp(line, "runner ", 7)) return 1;
    }
    return cmdline(pid, line, sizeof line) && !strcmp(role(line), "runner");
}

static void kill_children(void) {
    DIR *folder = opendir("/proc");
    char status[512], path[300];
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        int descriptor = real_open(path, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) continue;
        ssize_t length = read(descriptor, status, sizeof status - 1);
        close(descriptor);
        if (length <= 0) continue;
        status[length] = 0;
        char *close_paren = strrchr(status, ')');
        int parent = 0;
        if (!close_paren || sscanf(close_paren + 2, "%*c %d", &parent) != 1 || parent != getpid()) continue;
        if (is_runner(entry->d_name))
            kill(atoi(entry->d_name), SIGKILL);
    }
    if (folder) closedir(folder);
}

static void point(void) {
    if (!active || !target || getpid() != self || ++points != at) return;
    active = 0;
    if (strcmp(target, "self")) kill_children();
    if (strcmp(target, "children")) kill(getpid(), SIGKILL);
    active = 1;
}

static int named(const char *name) { return !path_part || (name && strstr(name, path_part)); }

static int descriptor_named(int descriptor) {
    char link[64], name[4096];
    if (!path_part) return 1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length <= 0) return 0;
    name[length] = 0;
    return named(name);
}

static void hit(void) {
    if (!hit_path) return;
    int descriptor = real_open(hit_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0) close(descriptor);
}

/* does this call fail now? */
static int fails(const char *name, int here) {
    if (!active || !error_number || !call || strcmp(call, name) || !here || getpid() != self) return 0;
    long due = at + (in_part ? 1 : 0);
    if (++points != due && !(lasting && at && points > due)) return 0;
    hit();
    errno = (int)error_number;
    return 1;
}

ssize_t write(int descriptor, const void *data, size_t size) {
    look();
    if (fails("write", active && call && descriptor_named(descriptor))) return -1;
    if (active && in_part && call && getpid() == self && points == at && size > 1 && !strcmp(call, "write") &&
        descriptor_named(descriptor)) {
        hit();
        return real_write(descriptor, data, size / 2);
    }
    point();
    ssize_t done = real_write(descriptor, data, size);
    int kept = errno;
    point();
    errno = kept;
    return done;
}

int fsync(int descriptor) {
    look();
    if (fails("sync", active && call && descriptor_named(descriptor))) return -1;
    point();
    int done = real_fsync(descriptor), kept = errno;
    point();
    errno = kept;
    return done;
}

int fdatasync(int descriptor) {
    look();
    if (fails("sync", active && call && descriptor_named(descriptor))) return -1;
    point();
    int done = real_fdatasync(descriptor), kept = errno;
    point();
    errno = kept;
    return done;
}

int mkdir(const char *path, mode_t mode) {
    look();
    if (fails("mkdir", active && call && named(path))) return -1;
    return real_mkdir(path, mode);
}

int rename(const char *from, const char *to) {
    point();
    int done = real_rename(from, to), kept = errno;
    point();
    errno = kept;
    return done;
}

pid_t fork(void) {
    look();
    if (fails("fork", 1)) return -1;
    point();
    pid_t made = real_fork();
    if (made) point();
    return made;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const argv[], char *const envp[]) {
    look();
    if (fails("fork", 1)) return (int)error_number;
    point();
    int done = real_spawn(pid, path, actions, attributes, argv, envp);
    point();
    return done;
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
    look();
    if (fails("fork", 1)) return (int)error_number;
    point();
    int done = real_spawnp(pid, file, actions, attributes, argv, envp);
    point();
    return done;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    look();
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (fails("open", active && call && writes && named(path))) return -1;
    if (writes) point();
    int done = real_openat(folder, path, flags, mode), kept = errno;
    if (writes) point();
    errno = kept;
    return done;
}

#define MODE(flags, mode) \
    mode_t mode = 0;      \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { \
        va_list rest;     \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest);     \
    }

int open64(const char *path, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int open(const char *path, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags, mode) return opened(folder, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags, mode) return opened(folder, path, flags, mode); }
