// A keeper: one session's process below which everything the session starts lives.
//
//   SERVING ──end asked, agent gone, or guardian gone──▶ ENDING ──no child left──▶ REPORTING ──told──▶ exit
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ending.h"
#include "spawn.h"
#include "table.h"

enum { POLL_FIXED = 4, POLL_MAX = POLL_FIXED + FIXLINE_PROCESSES_MAX };

struct keeper {
  int commands, events, lifeline, proc, children;
  pid_t self;
  bool childless;         // waitpid said that there is no child
  bool events_blocked;    // the pipe is full
  bool report_survivors;  // ended after a fashion: the report goes out though something is left
  uint32_t told;          // names of ended processes reported so far
  bool told_all;
  struct table table;
  struct ending ending;
};

static struct keeper keeper;  // single-threaded, one per process; too large for a stack

static struct family family_of(const struct keeper *k) {
  return (struct family){.proc = k->proc, .root = k->self, .excluded = NULL, .excluded_count = 0};
}

static void begin_ending(struct keeper *k) { ending_begin(&k->ending, false, clock_ms()); }

// Also learns whether any child is left at all.
static void reap(struct keeper *k) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid > 0) {
      table_note_exit(&k->table, pid, status);
      continue;
    }
    if (pid < 0 && errno == EINTR) continue;
    k->childless = pid < 0 && errno == ECHILD;
    return;
  }
}

static int answer(const struct keeper *k, uint32_t sequence, struct fixline_problem problem, pid_t pid,
                  const int *descriptors, size_t count) {
  struct wire_reply reply = {.sequence = sequence, .pid = pid, .problem = problem};
  return wire_send(k->commands, &reply, sizeof reply, descriptors, count);
}

static void refuse(const struct keeper *k, const struct wire_request *request, struct fixline_problem why) {
  answer(k, request->sequence, why, 0, NULL, 0);
}

static void start(struct keeper *k, const struct wire_request *request, int file) {
  if (k->ending.phase != ENDING_IDLE) {
    refuse(k, request, problem(FIXLINE_ENDING, 0));
    return;
  }
  struct entry *entry = table_free_entry(&k->table);
  if (!entry) {
    refuse(k, request, problem(FIXLINE_TOO_MANY_PROCESSES, 0));
    return;
  }
  struct spawn_strings strings;
  struct spawn_streams streams = {.ours = {-1, -1, -1}, .theirs = {-1, -1, -1}};
  struct fixline_problem result = spawn_read_strings(file, request, &strings);
  if (result.stage == FIXLINE_OK) result = spawn_open_streams(request, &streams);
  if (result.stage == FIXLINE_OK) {
    int report = -1;
    pid_t pid = spawn_fork(&strings, &streams, request->terminal, &report);
    if (pid < 0) {
      result = problem(FIXLINE_FORK, errno);
    } else {
      *entry = (struct entry){.state = ENTRY_STARTING,
                              .pid = pid,
                              .sequence = request->sequence,
                              .report = report,
                              .descriptor_count = streams.count,
                              .deadline = clock_ms() + FIXLINE_EXEC_LIMIT_MS,
                              .terminal = request->terminal != 0};
      memcpy(entry->descriptors, streams.ours, sizeof entry->descriptors);
      k->childless = false;
    }
  }
  wire_close_all(streams.theirs, 3);
  if (result.stage != FIXLINE_OK) {
    wire_close_all(streams.ours, 3);
    refuse(k, request, result);
  }
  spawn_free_strings(&strings);
}

// The child's report has come, or has ended, or is late.
static void settle_start(struct keeper *k, struct entry *entry) {
  struct spawn_failure failure;
  ssize_t count = read(entry->report, &failure, sizeof failure);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    if (clock_ms() < entry->deadline) return;
    kill(entry->pid, SIGKILL);
    answer(k, entry->sequence, problem(FIXLINE_EXEC_SLOW, 0), 0, NULL, 0);
    entry_discard(entry);
    return;
  }
  if (count == (ssize_t)sizeof failure) {
    answer(k, entry->sequence, problem(FIXLINE_EXEC, failure.error), 0, NULL, 0);
    entry_discard(entry);
    return;
  }
  if (k->ending.phase != ENDING_IDLE) {  // started, perhaps, and ended already or about to be
    answer(k, entry->sequence, problem(FIXLINE_ENDING, 0), 0, NULL, 0);
    entry_discard(entry);
    return;
  }
  if (answer(k, entry->sequence, problem(FIXLINE_OK, 0), entry->pid, entry->descriptors,
             (size_t)entry->descriptor_count) == 0) {
    entry_started(entry);
    return;
  }
  if (!entry->reaped) kill(-entry->pid, SIGKILL);  // nobody there to take it
  entry_discard(entry);
}

static void signal_groups(const struct keeper *k, pid_t pid, int number) {
  kill(-pid, number);
  struct entry *entry = table_alive((struct table *)&k->table, pid);
  pid_t foreground = entry && entry->terminal ? foreground_group(k->proc, pid) : 0;
  if (foreground > 0 && foreground != pid) kill(-foreground, number);
}

static void deliver(struct keeper *k, const struct wire_request *request) {
  if (!table_alive(&k->table, request->pid)) return;  // reaped: the number may belong to another by now
  if (request->kind == WIRE_SIGNAL) {
    if (request->signal > 0 && request->signal <= SIGRTMAX) signal_groups(k, request->pid, request->signal);
  } else {
    signal_groups(k, request->pid, SIGHUP);
    signal_groups(k, request->pid, SIGCONT);
  }
}

static void take_command(struct keeper *k) {
  struct wire_request request;
  int descriptors[WIRE_DESCRIPTORS_MAX];
  int got = wire_receive(k->commands, &request, sizeof request, descriptors);
  if (got == -EAGAIN) return;
  if (got <= 0) {  // the agent is gone, or talks nonsense
    close(k->commands);
    k->commands = -1;
    begin_ending(k);
    return;
  }
  switch (request.kind) {
    case WIRE_SPAWN:
      start(k, &request, descriptors[0]);
      break;
    case WIRE_SIGNAL:
    case WIRE_HANG_UP:
      deliver(k, &request);
      break;
    case WIRE_END:
      begin_ending(k);
      break;
    default:
      break;
  }
  wire_close_all(descriptors, WIRE_DESCRIPTORS_MAX);
}

// True when it went out, or nobody wants it any more.
static bool tell(struct keeper *k, const struct fixline_event *event) {
  if (k->events < 0) return true;
  ssize_t count = write(k->events, event, sizeof *event);
  if (count == (ssize_t)sizeof *event) return true;
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    k->events_blocked = true;
    return false;
  }
  close(k->events);
  k->events = -1;
  return true;
}

static void report(struct keeper *k) {
  k->events_blocked = false;
  for (struct entry *entry; (entry = table_next_exit(&k->table));) {
    struct fixline_event event = table_exit_event(entry);
    if (!tell(k, &event)) return;
    entry->state = ENTRY_FREE;
  }
  if (k->ending.phase == ENDING_IDLE || !(k->childless || k->report_survivors)) return;
  while (k->told < k->ending.listed) {
    const struct ended_process *ended = &k->ending.list[k->told];
    struct fixline_event event = {
        .kind = FIXLINE_EVENT_ENDED_ONE, .pid = ended->pid, .flags = ended->survives ? 1 : 0};
    memcpy(event.name, ended->name, sizeof event.name);
    if (!tell(k, &event)) return;
    k->told++;
  }
  if (!k->told_all) {
    struct fixline_event event = {
        .kind = FIXLINE_EVENT_ENDED_ALL, .value = (int32_t)k->ending.total, .flags = k->ending.survivors};
    k->told_all = tell(k, &event);
  }
}

static void advance_ending(struct keeper *k) {
  if (k->ending.phase == ENDING_IDLE) return;
  struct family family = family_of(k);
  bool killing = k->ending.phase == ENDING_KILL && clock_ms() >= k->ending.next;
  ending_step(&k->ending, &family, clock_ms());
  for (int i = 0; killing && i < FIXLINE_PROCESSES_MAX; i++) {  // what is known without /proc, should it be unreadable
    const struct entry *entry = &k->table.entries[i];
    if (entry->state != ENTRY_FREE && !entry->reaped) kill(-entry->pid, SIGKILL);
  }
  reap(k);
  bool late = k->ending.phase == ENDING_KILL && clock_ms() - k->ending.kill_since > FIXLINE_SURVIVORS_REPORT_MS;
  if (!k->childless && late && !k->report_survivors) {
    ending_count_survivors(&k->ending, &family);
    if (k->ending.survivors == 0) k->ending.survivors = 1;  // there is a child, though /proc does not show it
    k->report_survivors = true;
  }
}

static int poll_timeout(const struct keeper *k) {
  int64_t at = INT64_MAX;
  if (k->ending.phase != ENDING_IDLE && !k->childless) at = k->ending.next;
  for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
    const struct entry *entry = &k->table.entries[i];
    if (entry->state == ENTRY_STARTING && entry->deadline < at) at = entry->deadline;
  }
  if (at == INT64_MAX) return -1;
  int64_t left = at - clock_ms();
  return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void wait_for_something(struct keeper *k) {
  struct pollfd watched[POLL_MAX] = {
      {.fd = k->children, .events = POLLIN},
      {.fd = k->commands, .events = POLLIN},
      {.fd = k->lifeline, .events = POLLIN},
      {.fd = k->events_blocked ? k->events : -1, .events = POLLOUT},
  };
  nfds_t count = POLL_FIXED;
  for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
    if (k->table.entries[i].state == ENTRY_STARTING) {
      watched[count++] = (struct pollfd){.fd = k->table.entries[i].report, .events = POLLIN};
    }
  }
  if (poll(watched, count, poll_timeout(k)) < 0) return;
  if (watched[0].revents) {
    struct signalfd_siginfo info;
    while (read(k->children, &info, sizeof info) > 0) {
    }
  }
  if (watched[1].revents) take_command(k);
  if (watched[2].revents) {  // the guardian is gone: nobody would catch what we leave
    close(k->lifeline);
    k->lifeline = -1;
    begin_ending(k);
  }
}

_Noreturn void keeper_run(int commands, int events, int lifeline, int proc) {
  struct keeper *k = &keeper;
  int descriptors[4] = {commands, events, lifeline, proc};
  const char *title = "fixline-keep: looks after one session's processes";
  if (process_detach(descriptors, 4, "fixline-keep", title) != 0) _exit(1);
  k->commands = descriptors[0];
  k->events = descriptors[1];
  k->lifeline = descriptors[2];
  k->proc = descriptors[3];
  k->self = getpid();
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  k->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (k->children < 0) _exit(1);
  for (;;) {
    wait_for_something(k);
    reap(k);
    for (int i = 0; i < FIXLINE_PROCESSES_MAX; i++) {
      if (k->table.entries[i].state == ENTRY_STARTING) settle_start(k, &k->table.entries[i]);
    }
    advance_ending(k);
    report(k);
    bool silent = k->told_all || k->events < 0;
    if (k->ending.phase != ENDING_IDLE && k->childless && silent) _exit(0);
  }
}
