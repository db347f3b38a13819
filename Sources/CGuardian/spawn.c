#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

enum { REPORT_DESCRIPTOR = 3, EXEC_FAILED_STATUS = 127 };

// Cuts the next string off, NULL when there is none. A string over the kernel's limit is left for exec to refuse.
static char *next_string(char **at, const char *end) {
  char *nul = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;
  if (!nul) return NULL;
  char *string = *at;
  *at = nul + 1;
  return string;
}

struct fixline_problem spawn_read_strings(int file, const struct wire_request *request, struct spawn_strings *strings) {
  memset(strings, 0, sizeof *strings);
  size_t bytes = request->block_bytes;
  size_t count = (size_t)request->argument_count + request->environment_count;
  if (bytes > FIXLINE_BLOCK_BYTES_MAX || request->argument_count > FIXLINE_STRINGS_MAX || count > FIXLINE_STRINGS_MAX) {
    return problem(FIXLINE_TOO_LARGE, E2BIG);
  }
  strings->block = malloc(bytes + 1);
  strings->pointers = calloc(count + 2, sizeof *strings->pointers);
  if (!strings->block || !strings->pointers) return problem(FIXLINE_FORK, ENOMEM);
  for (size_t got = 0; got < bytes;) {
    ssize_t part = pread(file, strings->block + got, bytes - got, (off_t)got);
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) return problem(FIXLINE_MALFORMED, part < 0 ? errno : EBADMSG);
    got += (size_t)part;
  }
  char *at = strings->block;
  const char *end = strings->block + bytes;
  strings->executable = next_string(&at, end);
  strings->directory = next_string(&at, end);
  if (!strings->executable || !strings->directory) return problem(FIXLINE_MALFORMED, EBADMSG);
  strings->arguments = strings->pointers;
  strings->environment = strings->pointers + request->argument_count + 1;
  for (size_t i = 0; i < count; i++) {
    char *string = next_string(&at, end);
    if (!string) return problem(FIXLINE_MALFORMED, EBADMSG);
    strings->pointers[i < request->argument_count ? i : i + 1] = string;
  }
  return at == end ? problem(FIXLINE_OK, 0) : problem(FIXLINE_MALFORMED, EBADMSG);
}

void spawn_free_strings(struct spawn_strings *strings) {
  free(strings->block);
  free(strings->pointers);
  memset(strings, 0, sizeof *strings);
}

static int set_non_blocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// The slave of our own master, also where /dev/pts is another one than the master's.
static int open_slave(int master) {
#ifdef TIOCGPTPEER
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave >= 0) return slave;
#endif
  char path[64];
  int error = ptsname_r(master, path, sizeof path);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

// devpts gives the terminal to whoever opens it: the user the agent runs as, with the group and mode it was mounted
// with.
static struct fixline_problem open_terminal(const struct wire_request *request, struct spawn_streams *streams) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  streams->ours[0] = master;
  streams->count = 1;
  if (master < 0) return problem(FIXLINE_TERMINAL, errno);
  if (grantpt(master) != 0 || unlockpt(master) != 0) return problem(FIXLINE_TERMINAL, errno);
  streams->theirs[0] = open_slave(master);
  if (streams->theirs[0] < 0) return problem(FIXLINE_TERMINAL, errno);
  struct termios modes;
  if (tcgetattr(streams->theirs[0], &modes) == 0) {
    modes.c_iflag |= IUTF8;  // erase whole characters
    tcsetattr(streams->theirs[0], TCSANOW, &modes);
  }
  int error = fixline_terminal_resize(master, request->columns, request->rows, request->width_pixels,
                                      request->height_pixels);
  if (error != 0) return problem(FIXLINE_TERMINAL, error);
  return set_non_blocking(master) == 0 ? problem(FIXLINE_OK, 0) : problem(FIXLINE_TERMINAL, errno);
}

static struct fixline_problem open_pipes(struct spawn_streams *streams) {
  streams->count = 3;
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return problem(FIXLINE_STREAMS, errno);
    streams->theirs[i] = ends[i == 0 ? 0 : 1];
    streams->ours[i] = ends[i == 0 ? 1 : 0];
    if (set_non_blocking(streams->ours[i]) != 0) return problem(FIXLINE_STREAMS, errno);
  }
  return problem(FIXLINE_OK, 0);
}

struct fixline_problem spawn_open_streams(const struct wire_request *request, struct spawn_streams *streams) {
  for (int i = 0; i < 3; i++) streams->ours[i] = streams->theirs[i] = -1;
  streams->count = 0;
  return request->terminal ? open_terminal(request, streams) : open_pipes(streams);
}

_Noreturn static void give_up(int report) {
  struct spawn_failure failure = {.error = errno};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(EXEC_FAILED_STATUS);
}

// Between fork and exec. Only async-signal-safe calls, and nothing allocated.
_Noreturn static void become(const struct spawn_strings *strings, const struct spawn_streams *streams, int terminal,
                             int report, pid_t keeper) {
  process_default_signals();
  // Should somebody kill the keeper, what it started directly goes at once; the guardian ends the rest.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != keeper) _exit(EXEC_FAILED_STATUS);
  if (terminal) {
    if (login_tty(streams->theirs[0]) != 0) give_up(report);
  } else {
    if (setsid() < 0) give_up(report);
    for (int i = 0; i < 3; i++) {
      if (dup2(streams->theirs[i], i) < 0) give_up(report);
    }
  }
  if (dup3(report, REPORT_DESCRIPTOR, O_CLOEXEC) < 0) give_up(report);
  process_close_from(REPORT_DESCRIPTOR + 1);
  if (chdir(strings->directory) != 0 && chdir("/") != 0) give_up(REPORT_DESCRIPTOR);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(strings->executable, strings->arguments, strings->environment);
  give_up(REPORT_DESCRIPTOR);
}

pid_t spawn_fork(const struct spawn_strings *strings, const struct spawn_streams *streams, int terminal, int *report) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  pid_t keeper = getpid();
  pid_t child = fork();
  if (child == 0) become(strings, streams, terminal, ends[1], keeper);
  int error = errno;
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    errno = error;
    return -1;
  }
  *report = ends[0];
  return child;
}
