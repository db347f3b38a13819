#include "table.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct entry *table_free_entry(struct table *table) {
  for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
    if (table->entries[i].state == ENTRY_FREE) return &table->entries[i];
  }
  return NULL;
}

struct entry *table_alive(struct table *table, pid_t pid) {
  for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
    struct entry *entry = &table->entries[i];
    if (entry->state != ENTRY_FREE && !entry->reaped && entry->pid == pid) return entry;
  }
  return NULL;
}

void table_note_exit(struct table *table, pid_t pid, int status) {
  struct entry *entry = table_alive(table, pid);
  if (!entry) return;  // an orphan that came to us
  entry->reaped = true;
  entry->status = status;
  entry->order = table->reaped++;
  switch (entry->state) {
    case ENTRY_RUNNING:
      entry->state = ENTRY_EXITED;
      return;
    case ENTRY_DISCARDED:
      entry->state = ENTRY_FREE;
      return;
    case ENTRY_STARTING:
    case ENTRY_EXITED:
    case ENTRY_FREE:
      return;
  }
}

struct entry *table_next_exit(struct table *table) {
  struct entry *next = NULL;
  for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
    struct entry *entry = &table->entries[i];
    if (entry->state == ENTRY_EXITED && (!next || entry->order < next->order)) next = entry;
  }
  return next;
}

struct fixline_event table_exit_event(const struct entry *entry) {
  struct fixline_event event;
  memset(&event, 0, sizeof event);
  event.pid = entry->pid;
  if (WIFSIGNALED(entry->status)) {
    event.kind = FIXLINE_EVENT_SIGNAL;
    event.value = WTERMSIG(entry->status);
    event.flags = WCOREDUMP(entry->status) ? 1 : 0;
  } else {
    event.kind = FIXLINE_EVENT_STATUS;
    event.value = WEXITSTATUS(entry->status);
  }
  return event;
}

static void release(struct entry *entry) {
  wire_close_all(entry->descriptors, (size_t)entry->descriptor_count);
  entry->descriptor_count = 0;
  if (entry->report >= 0) close(entry->report);
  entry->report = -1;
}

void entry_started(struct entry *entry) {
  release(entry);
  entry->state = entry->reaped ? ENTRY_EXITED : ENTRY_RUNNING;
}

void entry_discard(struct entry *entry) {
  release(entry);
  entry->state = entry->reaped ? ENTRY_FREE : ENTRY_DISCARDED;
}
