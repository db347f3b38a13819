// A keeper's spawned processes, from fork until their exit was reported.
//
//   STARTING ──exec──▶ RUNNING ──reaped──▶ EXITED ──reported──▶ (free)
//      ├──reaped before the exec was noticed──▶ STARTING with `reaped`, then on as above
//      └──no exec──▶ DISCARDED ──reaped──▶ (free, unreported)
#ifndef FIXLINE_TABLE_H
#define FIXLINE_TABLE_H

#include <stdbool.h>

#include "wire.h"

enum entry_state { ENTRY_FREE, ENTRY_STARTING, ENTRY_RUNNING, ENTRY_EXITED, ENTRY_DISCARDED };

struct entry {
  enum entry_state state;
  pid_t pid;
  uint32_t sequence;     // STARTING: the request to be answered
  int report;            // STARTING: ends on exec
  int descriptors[3];    // STARTING: to be sent with the answer
  int descriptor_count;  // STARTING
  int64_t deadline;      // STARTING: clock_ms
  bool terminal;
  bool reaped;
  int status;      // reaped: as waitpid gave it
  uint64_t order;  // reaped: exits are reported in the order they were reaped
};

struct table {
  struct entry entries[FIXLINE_PROCESSES_MAX];
  uint64_t reaped;
};

struct entry *table_free_entry(struct table *table);
// A process that may still be signalled: not yet reaped.
struct entry *table_alive(struct table *table, pid_t pid);
void table_note_exit(struct table *table, pid_t pid, int status);
// The exit to be reported next, NULL when there is none.
struct entry *table_next_exit(struct table *table);
struct fixline_event table_exit_event(const struct entry *entry);
// STARTING is over: by exec, or not.
void entry_started(struct entry *entry);
void entry_discard(struct entry *entry);

#endif
