#include "descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct stat_line {
  struct descendant process;
  pid_t session;
  pid_t foreground;
};

// proc(5): pid (comm) state ppid pgrp session tty_nr tpgid …; field 22 is the start time. comm may hold anything,
// also ')' and spaces: the last ')' ends it.
static bool parse_stat(const char *text, struct stat_line *line) {
  const char *open = strchr(text, '(');
  const char *close = strrchr(text, ')');
  if (!open || !close || close < open) return false;
  int parent, group, session, terminal, foreground;
  unsigned long long started;
  char state;
  int fields = sscanf(close + 1, " %c %d %d %d %d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &state,
                      &parent, &group, &session, &terminal, &foreground, &started);
  if (fields != 7) return false;
  memset(line, 0, sizeof *line);
  line->process.pid = (pid_t)strtol(text, NULL, 10);
  line->process.parent = parent;
  line->process.started = started;
  line->process.state = state;
  line->process.below = -1;
  line->session = session;
  line->foreground = foreground;
  size_t bytes = (size_t)(close - open - 1);
  if (bytes > FIXLINE_NAME_BYTES - 1) bytes = FIXLINE_NAME_BYTES - 1;
  memcpy(line->process.name, open + 1, bytes);
  return true;
}

static bool read_stat(int proc, const char *pid, struct stat_line *line) {
  char path[32], text[512];
  if (snprintf(path, sizeof path, "%s/stat", pid) >= (int)sizeof path) return false;
  int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return false;
  text[count] = 0;
  return parse_stat(text, line);
}

static bool read_stat_of(int proc, pid_t pid, struct stat_line *line) {
  char text[16];
  snprintf(text, sizeof text, "%d", pid);
  return read_stat(proc, text, line);
}

static bool is_excluded(const struct family *family, pid_t pid) {
  for (size_t i = 0; i < family->excluded_count; i++) {
    if (family->excluded[i] == pid) return true;
  }
  return false;
}

static int by_pid(const void *left, const void *right) {
  pid_t a = ((const struct descendant *)left)->pid, b = ((const struct descendant *)right)->pid;
  return a < b ? -1 : a > b;
}

static struct descendant *find(struct descendants *all, pid_t pid) {
  struct descendant key = {.pid = pid};
  return bsearch(&key, all->items, all->count, sizeof key, by_pid);
}

// What is known at once: the root's children belong to it, the root itself and the excluded do not. Every way up from a
// descendant ends at such a child, so nothing above the root is ever marked.
static void mark_known(const struct family *family, struct descendants *all) {
  for (size_t i = 0; i < all->count; i++) {
    struct descendant *process = &all->items[i];
    if (process->pid == family->root || is_excluded(family, process->pid)) {
      process->below = 0;
    } else if (process->parent == family->root) {
      process->below = 1;
    }
  }
}

// Walks up from `process` until its belonging is known, then writes the answer along the way. A loop cannot arise from
// one instant, but a scan is not one instant: the number of steps is bounded.
static void mark(struct descendants *all, struct descendant *process) {
  struct descendant *at = process;
  for (size_t steps = 0; at && at->below < 0 && steps < all->count; steps++) at = find(all, at->parent);
  char answer = at && at->below > 0 ? 1 : 0;
  for (at = process; at && at->below < 0; at = find(all, at->parent)) at->below = answer;
}

static bool add(struct descendants *all, const struct descendant *process) {
  if (all->count == all->capacity) {
    size_t wanted = all->capacity ? all->capacity * 2 : 512;
    if (wanted > DESCENDANTS_SCAN_MAX) return false;
    struct descendant *items = realloc(all->items, wanted * sizeof *items);
    if (!items) return false;
    all->items = items;
    all->capacity = wanted;
  }
  all->items[all->count++] = *process;
  return true;
}

bool descendants_scan(const struct family *family, bool stop_children, struct descendants *found) {
  found->count = 0;
  int directory = openat(family->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  DIR *listing = fdopendir(directory);
  if (!listing) {
    close(directory);
    return false;
  }
  for (struct dirent *entry; (entry = readdir(listing));) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    struct stat_line line;
    if (!read_stat(family->proc, entry->d_name, &line)) continue;
    if (stop_children && line.process.parent == family->root && !is_excluded(family, line.process.pid) &&
        line.process.state != 'T') {
      kill(line.process.pid, SIGSTOP);  // a chain of processes that fork and exit is caught here or nowhere
    }
    if (!add(found, &line.process)) break;
  }
  closedir(listing);
  qsort(found->items, found->count, sizeof *found->items, by_pid);
  mark_known(family, found);
  for (size_t i = 0; i < found->count; i++) mark(found, &found->items[i]);
  size_t kept = 0;
  for (size_t i = 0; i < found->count; i++) {
    if (found->items[i].below == 1) found->items[kept++] = found->items[i];
  }
  found->count = kept;
  return true;
}

bool descendant_signal(const struct family *family, const struct descendant *target, int signal) {
  // Our own child's pid cannot be given away before we have reaped it.
  struct stat_line now;
  if (target->parent == family->root) return kill(target->pid, signal) == 0;
#ifdef SYS_pidfd_open
  int handle = (int)syscall(SYS_pidfd_open, target->pid, 0);
  if (handle >= 0) {
    bool sent = read_stat_of(family->proc, target->pid, &now) && now.process.started == target->started &&
                syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) == 0;
    close(handle);
    return sent;
  }
  if (errno != ENOSYS && errno != EPERM) return false;
#endif
  return read_stat_of(family->proc, target->pid, &now) && now.process.started == target->started &&
         kill(target->pid, signal) == 0;
}

pid_t foreground_group(int proc, pid_t leader) {
  struct stat_line line;
  if (!read_stat_of(proc, leader, &line) || line.session != leader || line.foreground <= 0) return 0;
  return line.foreground;
}
