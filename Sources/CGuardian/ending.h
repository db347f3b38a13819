// Ends a family of processes: politely, then not.
//
//   IDLE ──begin──▶ HANG_UP ──250 ms──▶ TERMINATE ──1 s──▶ KILL (stop all, kill all, again and again)
//                      └──── too many, or at once ───────────▲
//
// It is over when the owner's waitpid says that there is no child left: orphans of a subreaper's family become its
// children in the instant they lose their parent, so ECHILD cannot be true a moment too early.
#ifndef FIXLINE_ENDING_H
#define FIXLINE_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "descendants.h"

enum ending_phase { ENDING_IDLE, ENDING_HANG_UP, ENDING_TERMINATE, ENDING_KILL };

enum { ENDING_SEEN_BITS = 65536 };  // pids are told apart modulo this when they are counted

struct ended_process {
  pid_t pid;
  uint64_t started;
  bool survives;
  char name[FIXLINE_NAME_BYTES];
};

struct ending {
  enum ending_phase phase;
  int64_t kill_since;  // clock_ms at which the kill phase began
  int64_t next;        // clock_ms of the next step
  int64_t pause;       // ms between two rounds of killing; grows while nothing helps
  uint32_t total, listed, survivors;
  struct ended_process list[FIXLINE_ENDED_NAMES_MAX];
  uint8_t seen[ENDING_SEEN_BITS / 8];
  struct descendants scan;
};

void ending_begin(struct ending *ending, bool at_once, int64_t now);
// Does what is due at `now`. Call again at `ending->next`.
void ending_step(struct ending *ending, const struct family *family, int64_t now);
// Marks what is still there as surviving.
void ending_count_survivors(struct ending *ending, const struct family *family);

#endif
