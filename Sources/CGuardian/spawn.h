// One new process: its streams, its fork, its exec.
#ifndef FIXLINE_SPAWN_H
#define FIXLINE_SPAWN_H

#include "wire.h"

// What the child reports through its close-on-exec pipe when it cannot exec.
struct spawn_failure {
  int32_t error;
};

struct spawn_streams {
  int ours[3];    // to be sent to the agent: terminal master, or the three other ends; non-blocking
  int theirs[3];  // the child's standard streams; a terminal's slave is in the first place only
  int count;      // of `ours`
};

// What exec needs, unpacked from the agent's memory file. Everything points into `block`.
struct spawn_strings {
  char *block;
  char **pointers;
  char *executable;
  char *directory;
  char **arguments;    // NULL-terminated
  char **environment;  // NULL-terminated
};

struct fixline_problem spawn_read_strings(int file, const struct wire_request *request, struct spawn_strings *strings);
void spawn_free_strings(struct spawn_strings *strings);
struct fixline_problem spawn_open_streams(const struct wire_request *request, struct spawn_streams *streams);
// Forks. In the parent: the pid, or -1 with errno; `report` becomes readable with a struct spawn_failure, or ends on
// exec or death.
pid_t spawn_fork(const struct spawn_strings *strings, const struct spawn_streams *streams, int terminal, int *report);

#endif
