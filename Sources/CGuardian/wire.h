// What agent, guardian and keepers say to each other, and the few system helpers they share. All ends are the same
// program, so messages are plain structs over SOCK_SEQPACKET; descriptors cross by SCM_RIGHTS.
#ifndef FIXLINE_WIRE_H
#define FIXLINE_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "guardian.h"

enum { WIRE_DESCRIPTORS_MAX = 3 };

enum wire_kind {
  WIRE_OPEN_SESSION = 1,  // agent → guardian; reply carries commands socket, events pipe
  WIRE_SPAWN,             // agent → keeper, with a memory file of the strings; reply carries 1 or 3 descriptors
  WIRE_SIGNAL,            // agent → keeper; no reply
  WIRE_HANG_UP,           // agent → keeper; no reply
  WIRE_END,               // agent → keeper; answered by events
};

struct wire_request {
  uint32_t kind;
  uint32_t sequence;
  int32_t pid;
  int32_t signal;
  uint32_t block_bytes;
  uint32_t argument_count;
  uint32_t environment_count;
  int32_t terminal;
  uint16_t columns, rows, width_pixels, height_pixels;
};

struct wire_reply {
  uint32_t sequence;
  int32_t pid;
  struct fixline_problem problem;
};

// Sends one message; 0 or errno. Never waits, never raises SIGPIPE.
int wire_send(int socket, const void *message, size_t bytes, const int *descriptors, size_t count);
// Receives one message of exactly `bytes`: 1 for a message, 0 for the end, or -errno (-EAGAIN: nothing there,
// -EBADMSG: another size). Unused places of `descriptors` are -1.
int wire_receive(int socket, void *message, size_t bytes, int descriptors[WIRE_DESCRIPTORS_MAX]);
void wire_close_all(int *descriptors, size_t count);

// Milliseconds of CLOCK_BOOTTIME.
int64_t clock_ms(void);
struct fixline_problem problem(enum fixline_stage stage, int error);

// A freshly forked child leaves its parent's world: signals at their defaults and all blocked, own session, stdio on
// /dev/null, `descriptors` moved to 3, 4, … and every other one closed, child subreaper, named. 0 or errno.
int process_detach(int *descriptors, size_t count, const char *name, const char *title);
void process_default_signals(void);
// Closes every descriptor from `first`. Async-signal-safe.
void process_close_from(unsigned first);

_Noreturn void guardian_run(int agent, int proc);
_Noreturn void keeper_run(int commands, int events, int lifeline, int proc);

#endif
