// The guardian: makes keepers, keeps them going, and ends what a killed keeper left behind.
//
//   SERVING ──agent gone──▶ CLOSING (keepers end their sessions) ──10 s──▶ TAKING OVER ──no child left──▶ exit
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ending.h"
#include "wire.h"

enum {
  CLOSING_TICK_MS = 200,  // how often keepers are woken while the guardian waits for them
  SWEEP_QUIET_SCANS = 3,  // scans in a row that found nothing before a sweep is over
  SWEEP_PAUSE_MS = 20,
};

struct guardian {
  int agent, proc, children;
  int lifeline[2];  // keepers hold the reading end; ours closes when we are gone
  int64_t closing_since;  // clock_ms, 0 while serving
  int quiet_scans;
  bool childless;
  size_t keeper_count;
  pid_t keepers[FIXLINE_SESSIONS_MAX];
  struct ending sweep;  // of what killed keepers left: never gentle, its time is over
};

static struct guardian guardian;

static void sweep_anew(struct guardian *g) {
  ending_begin(&g->sweep, true, clock_ms());
  g->sweep.next = clock_ms();
  g->quiet_scans = 0;
}

static void forget_keeper(struct guardian *g, size_t index, int status) {
  g->keepers[index] = g->keepers[--g->keeper_count];
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) sweep_anew(g);
}

static void reap(struct guardian *g) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) {
      g->childless = pid < 0 && errno == ECHILD;
      return;
    }
    size_t index = 0;
    while (index < g->keeper_count && g->keepers[index] != pid) index++;
    if (WIFSTOPPED(status)) {
      if (index < g->keeper_count) kill(pid, SIGCONT);  // a stopped keeper keeps nothing
    } else if (index < g->keeper_count) {
      forget_keeper(g, index, status);
    } else if (g->sweep.phase != ENDING_IDLE) {
      g->quiet_scans = 0;  // an orphan of a killed keeper ended; it may have left children of its own
    }
  }
}

static struct fixline_problem make_keeper(struct guardian *g, int ends[2]) {
  ends[0] = ends[1] = -1;
  if (g->keeper_count == FIXLINE_SESSIONS_MAX) return problem(FIXLINE_TOO_MANY_SESSIONS, 0);
  int commands[2], events[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, commands) != 0) {
    return problem(FIXLINE_SESSION, errno);
  }
  if (pipe2(events, O_CLOEXEC | O_NONBLOCK) != 0) {
    int error = errno;
    wire_close_all(commands, 2);
    return problem(FIXLINE_SESSION, error);
  }
  pid_t child = fork();
  if (child == 0) keeper_run(commands[1], events[1], g->lifeline[0], g->proc);
  int error = errno;
  close(commands[1]);
  close(events[1]);
  ends[0] = commands[0];
  ends[1] = events[0];
  if (child < 0) {
    wire_close_all(ends, 2);
    return problem(FIXLINE_SESSION, error);
  }
  g->keepers[g->keeper_count++] = child;
  g->childless = false;
  return problem(FIXLINE_OK, 0);
}

static void take_request(struct guardian *g) {
  struct wire_request request;
  int descriptors[WIRE_DESCRIPTORS_MAX];
  int got = wire_receive(g->agent, &request, sizeof request, descriptors);
  if (got == -EAGAIN) return;
  if (got <= 0) {
    close(g->agent);
    g->agent = -1;
    close(g->lifeline[1]);  // also keepers whose sockets the agent still holds end their sessions
    g->lifeline[1] = -1;
    g->closing_since = clock_ms();
    return;
  }
  wire_close_all(descriptors, WIRE_DESCRIPTORS_MAX);
  if (request.kind != WIRE_OPEN_SESSION) return;
  int ends[2];
  struct wire_reply reply = {.sequence = request.sequence};
  reply.problem = make_keeper(g, ends);
  // When the answer does not get through, closing our copies ends the keeper.
  wire_send(g->agent, &reply, sizeof reply, ends, reply.problem.stage == FIXLINE_OK ? 2 : 0);
  wire_close_all(ends, 2);
}

// The agent is gone. Keepers know by themselves; whoever was stopped is woken, and whoever takes too long replaced.
static void advance_closing(struct guardian *g) {
  if (g->closing_since == 0) return;
  bool late = clock_ms() - g->closing_since > FIXLINE_KEEPERS_GRACE_MS;
  for (size_t i = 0; i < g->keeper_count; i++) kill(g->keepers[i], late ? SIGKILL : SIGCONT);
}

static void advance_sweep(struct guardian *g) {
  if (g->sweep.phase == ENDING_IDLE || clock_ms() < g->sweep.next) return;
  struct family family = {
      .proc = g->proc, .root = getpid(), .excluded = g->keepers, .excluded_count = g->keeper_count};
  ending_step(&g->sweep, &family, clock_ms());
  if (g->sweep.scan.count > 0) {
    g->quiet_scans = 0;
    return;
  }
  g->sweep.next = clock_ms() + SWEEP_PAUSE_MS;
  if (++g->quiet_scans < SWEEP_QUIET_SCANS) return;
  g->sweep.phase = ENDING_IDLE;
}

static int poll_timeout(const struct guardian *g) {
  int64_t left = -1;
  if (g->closing_since != 0) left = CLOSING_TICK_MS;
  if (g->sweep.phase != ENDING_IDLE) {
    int64_t sweep = g->sweep.next - clock_ms();
    if (sweep < 0) sweep = 0;
    if (left < 0 || sweep < left) left = sweep;
  }
  return (int)left;
}

_Noreturn void guardian_run(int agent, int proc) {
  struct guardian *g = &guardian;
  int descriptors[2] = {agent, proc};
  int error =
      process_detach(descriptors, 2, "fixline-guard", "fixline-guard: ends what sessions leave behind");
  g->agent = descriptors[0];
  g->proc = descriptors[1];
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  g->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (error == 0 && g->children < 0) error = errno;
  if (error == 0 && pipe2(g->lifeline, O_CLOEXEC) != 0) error = errno;
  struct wire_reply ready = {.sequence = 0, .problem = problem(error ? FIXLINE_START : FIXLINE_OK, error)};
  if (wire_send(g->agent, &ready, sizeof ready, NULL, 0) != 0 || error != 0) _exit(1);
  g->childless = true;
  for (;;) {
    struct pollfd watched[2] = {{.fd = g->children, .events = POLLIN}, {.fd = g->agent, .events = POLLIN}};
    poll(watched, 2, poll_timeout(g));
    struct signalfd_siginfo info;
    while (read(g->children, &info, sizeof info) > 0) {
    }
    if (watched[1].revents) take_request(g);
    reap(g);
    advance_closing(g);
    advance_sweep(g);
    if (g->closing_since != 0 && g->childless) _exit(0);
  }
}
