// The guardian: a single-threaded child that forks, and ends, everything a session runs on the machine.
//
//   agent (threads) ──seqpacket── guardian ──forks── keeper, one per session ──forks── the session's processes
//        └───────── seqpacket (commands) and pipe (events) ─────────┘
//
// Guardian and keepers are child subreapers: whatever a session starts stays below its keeper in the process tree,
// also after setsid or a double fork, until it is ended. Everything declared here is called by the agent's side.
#ifndef FIXLINE_GUARDIAN_H
#define FIXLINE_GUARDIAN_H

#include <stdint.h>
#include <sys/types.h>

// Limits, each with its unit in the name.
enum {
  FIXLINE_SESSIONS_MAX = 64,           // keepers alive at once
  FIXLINE_PROCESSES_MAX = 256,         // spawned processes of one session whose exit was not reported yet
  FIXLINE_STRINGS_MAX = 8192,          // arguments and environment entries of one spawn, together
  FIXLINE_STRING_BYTES_MAX = 131071,   // one argument or entry: the kernel's MAX_ARG_STRLEN less its NUL
  FIXLINE_BLOCK_BYTES_MAX = 1048576,   // all strings of one spawn with their NULs
  FIXLINE_ENDED_NAMES_MAX = 64,        // processes listed by name when a session ends; the rest is counted
  FIXLINE_NAME_BYTES = 16,             // a command name with its NUL: the kernel's TASK_COMM_LEN
  FIXLINE_REPLY_LIMIT_MS = 5000,       // the agent waits this long for an answer
  FIXLINE_EXEC_LIMIT_MS = 4000,        // the keeper waits this long between fork and exec
  FIXLINE_HANGUP_GRACE_MS = 250,       // from SIGHUP to SIGTERM
  FIXLINE_TERMINATE_GRACE_MS = 1000,   // from SIGTERM to SIGSTOP and SIGKILL
  FIXLINE_GENTLE_PROCESSES_MAX = 512,  // more than this many descendants are killed without grace
  FIXLINE_SURVIVORS_REPORT_MS = 5000,  // after this long in the kill phase what could not be ended is reported
  FIXLINE_KEEPERS_GRACE_MS = 10000,    // the agent gone: after this long the guardian does its keepers' work
};

// What went wrong, and where.
enum fixline_stage {
  FIXLINE_OK = 0,
  FIXLINE_THREADS,             // other threads exist already; error holds how many tasks were seen
  FIXLINE_NO_PROC,             // /proc is not mounted or not readable
  FIXLINE_START,               // socketpair, fork or set-up of the guardian failed
  FIXLINE_SESSION,             // the guardian could not make a keeper
  FIXLINE_TOO_MANY_SESSIONS,
  FIXLINE_TOO_MANY_PROCESSES,
  FIXLINE_TOO_LARGE,           // strings over the limits above
  FIXLINE_STREAMS,             // pipes could not be made
  FIXLINE_TERMINAL,            // no pseudo-terminal could be had
  FIXLINE_FORK,
  FIXLINE_EXEC,                // execve failed; error says why
  FIXLINE_EXEC_SLOW,           // no exec within FIXLINE_EXEC_LIMIT_MS; the child was killed
  FIXLINE_ENDING,              // the session is being ended
  FIXLINE_NO_ANSWER,           // FIXLINE_REPLY_LIMIT_MS passed
  FIXLINE_GONE,                // the other side does not exist any more
  FIXLINE_MALFORMED,           // a message did not make sense
};

struct fixline_problem {
  int32_t stage;  // enum fixline_stage
  int32_t error;  // errno, or 0
};

// One record of the events pipe. All records have the same size, below PIPE_BUF: a read never sees half of one.
enum fixline_event_kind {
  FIXLINE_EVENT_STATUS = 1,  // pid exited; value is the status, 0...255
  FIXLINE_EVENT_SIGNAL,      // pid was ended by signal value; flags bit 0: core dumped
  FIXLINE_EVENT_ENDED_ONE,   // one process ended with the session: pid, name; flags bit 0: it is still there
  FIXLINE_EVENT_ENDED_ALL,   // the session has ended; value: how many processes in all; flags: how many are still there
};

struct fixline_event {
  uint32_t kind;
  int32_t pid;
  int32_t value;
  uint32_t flags;
  char name[FIXLINE_NAME_BYTES];
};

struct fixline_spawn {
  const uint8_t *block;  // executable, directory, arguments, environment; each with its NUL
  uint32_t block_bytes;
  uint32_t argument_count;
  uint32_t environment_count;
  int32_t terminal;  // 1: on a pseudo-terminal of the size below; 0: three pipes
  uint16_t columns, rows, width_pixels, height_pixels;
};

struct fixline_spawned {
  int32_t pid;
  int32_t descriptors[3];  // terminal: its master, -1, -1; else standard input's, output's and error's other ends
};

// Forks the guardian. To be called before any thread exists.
struct fixline_problem fixline_guardian_start(int *descriptor, int32_t *pid);
// Asks for a keeper. `commands` and `events` are the caller's to close; closing `commands` ends the session.
struct fixline_problem fixline_guardian_open_session(int guardian, uint32_t sequence, int *commands, int *events);
// Starts a process; waits for its exec.
struct fixline_problem fixline_keeper_spawn(int commands, uint32_t sequence, const struct fixline_spawn *request,
                                            struct fixline_spawned *spawned);
// Sends a signal to a spawned process's group (and to its terminal's foreground group).
struct fixline_problem fixline_keeper_signal(int commands, int32_t pid, int32_t signal);
// SIGHUP and SIGCONT to a spawned process's group (and to its terminal's foreground group).
struct fixline_problem fixline_keeper_hang_up(int commands, int32_t pid);
// Begins to end all processes of the session.
struct fixline_problem fixline_keeper_end(int commands);

// 0 or errno.
int fixline_terminal_resize(int master, uint16_t columns, uint16_t rows, uint16_t width_pixels, uint16_t height_pixels);
// The descriptor's number of columns, or 0 when it has none.
uint16_t fixline_terminal_columns(int descriptor);
// A static text for an errno, never NULL; safe with threads.
const char *fixline_error_text(int error);
// A signal's name without "SIG", or NULL.
const char *fixline_signal_name(int signal);

#endif
