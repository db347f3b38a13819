// All processes below one process, by /proc.
#ifndef FIXLINE_DESCENDANTS_H
#define FIXLINE_DESCENDANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "guardian.h"

enum { DESCENDANTS_SCAN_MAX = 65536 };  // processes of the whole machine looked at in one scan

struct descendant {
  pid_t pid;
  pid_t parent;
  uint64_t started;  // clock ticks since boot: with the pid it names a process for good
  char state;        // as in /proc/PID/stat: R S D Z T t X I
  char below;        // while scanning: 1 below the root, 0 not, -1 unknown
  char name[FIXLINE_NAME_BYTES];
};

struct descendants {
  struct descendant *items;  // sorted by pid
  size_t count;
  size_t capacity;
};

// Whose descendants: those of `root`, without the `excluded` and what is below them.
struct family {
  int proc;  // descriptor of /proc
  pid_t root;
  const pid_t *excluded;
  size_t excluded_count;
};

// Fills `found`. With `stop_children` each direct child is sent SIGSTOP the moment it is seen. False when /proc could
// not be read.
bool descendants_scan(const struct family *family, bool stop_children, struct descendants *found);
// Sends a signal to exactly this process, never to another that got its pid since. False when that was not possible.
bool descendant_signal(const struct family *family, const struct descendant *target, int signal);
// The group in the foreground of a session leader's terminal, 0 when there is none.
pid_t foreground_group(int proc, pid_t leader);

#endif
