#include "ending.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

#include "wire.h"

enum {
  FREEZE_ROUNDS_MAX = 16,  // scans in one step until everything found is stopped
  KILL_PAUSE_MIN_MS = 5,
  KILL_PAUSE_MAX_MS = 1000,
};

void ending_begin(struct ending *ending, bool at_once, int64_t now) {
  if (ending->phase == ENDING_KILL || (ending->phase != ENDING_IDLE && !at_once)) return;
  ending->phase = at_once ? ENDING_KILL : ENDING_HANG_UP;
  ending->kill_since = at_once ? now : 0;
  ending->pause = KILL_PAUSE_MIN_MS;
  ending->next = now;
}

static bool is_dead(const struct descendant *process) { return process->state == 'Z' || process->state == 'X'; }

// Remembers what was there. A zombie is not "there": it ended by itself.
static void note_all(struct ending *ending) {
  for (size_t i = 0; i < ending->scan.count; i++) {
    const struct descendant *process = &ending->scan.items[i];
    if (is_dead(process)) continue;
    unsigned bit = (unsigned)process->pid % ENDING_SEEN_BITS;
    if (ending->seen[bit / 8] & (1u << (bit % 8))) continue;
    ending->seen[bit / 8] |= (uint8_t)(1u << (bit % 8));
    ending->total++;
    if (ending->listed == FIXLINE_ENDED_NAMES_MAX) continue;
    struct ended_process *entry = &ending->list[ending->listed++];
    entry->pid = process->pid;
    entry->started = process->started;
    memcpy(entry->name, process->name, sizeof entry->name);
  }
}

// The leader of a process with threads may be a zombie while the threads run on: signals go to zombies too.
static void signal_all(struct ending *ending, const struct family *family, int signal) {
  for (size_t i = 0; i < ending->scan.count; i++) descendant_signal(family, &ending->scan.items[i], signal);
}

static bool may_still_fork(const struct descendant *process) {
  switch (process->state) {
    case 'T':  // stopped
    case 't':  // stopped by a debugger
    case 'D':  // waits in the kernel, for example for a child of vfork that is stopped itself
    case 'Z':
    case 'X':
      return false;
    default:
      return true;
  }
}

// A process that forks in a loop outruns one that kills in a loop. What is stopped does not fork: stop everything until
// a scan finds nothing running, and only then kill.
static void freeze_and_kill(struct ending *ending, const struct family *family) {
  for (int round = 0; round < FREEZE_ROUNDS_MAX; round++) {
    if (!descendants_scan(family, true, &ending->scan)) return;
    note_all(ending);
    bool running = false;
    for (size_t i = 0; i < ending->scan.count; i++) {
      const struct descendant *process = &ending->scan.items[i];
      if (process->state == 'T' || process->state == 'X') continue;
      bool stopped = descendant_signal(family, process, SIGSTOP);
      if (stopped && may_still_fork(process)) running = true;
    }
    if (!running) break;
    sched_yield();  // let them take the signal
  }
  signal_all(ending, family, SIGKILL);
}

void ending_step(struct ending *ending, const struct family *family, int64_t now) {
  if (ending->phase == ENDING_IDLE || now < ending->next) return;
  if (ending->phase != ENDING_KILL) {
    bool known = descendants_scan(family, false, &ending->scan);
    if (known) note_all(ending);
    if (!known || ending->scan.count > FIXLINE_GENTLE_PROCESSES_MAX) ending_begin(ending, true, now);
  }
  switch (ending->phase) {
    case ENDING_IDLE:
      return;
    case ENDING_HANG_UP:
      signal_all(ending, family, SIGHUP);
      signal_all(ending, family, SIGCONT);  // what is stopped could not act on it
      ending->phase = ENDING_TERMINATE;
      ending->next = now + FIXLINE_HANGUP_GRACE_MS;
      return;
    case ENDING_TERMINATE:
      signal_all(ending, family, SIGTERM);
      signal_all(ending, family, SIGCONT);
      ending->phase = ENDING_KILL;
      ending->kill_since = now + FIXLINE_TERMINATE_GRACE_MS;
      ending->next = ending->kill_since;
      return;
    case ENDING_KILL:
      freeze_and_kill(ending, family);
      now = clock_ms();
      ending->next = now + ending->pause;
      // Fast at first; slow once only what cannot be killed can be left.
      if (now - ending->kill_since > FIXLINE_SURVIVORS_REPORT_MS) {
        ending->pause = KILL_PAUSE_MAX_MS;
      } else if (ending->pause < 50 && now - ending->kill_since > 200) {
        ending->pause = 50;
      }
      return;
  }
}

void ending_count_survivors(struct ending *ending, const struct family *family) {
  ending->survivors = 0;
  if (!descendants_scan(family, false, &ending->scan)) return;
  note_all(ending);
  for (size_t i = 0; i < ending->scan.count; i++) {
    const struct descendant *process = &ending->scan.items[i];
    if (is_dead(process)) continue;
    ending->survivors++;
    for (uint32_t k = 0; k < ending->listed; k++) {
      if (ending->list[k].pid == process->pid && ending->list[k].started == process->started) {
        ending->list[k].survives = true;
      }
    }
  }
}
