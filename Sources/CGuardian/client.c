// The agent's side: called by threads, one call at a time per socket (the Swift face holds a lock).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

// OK, or why that could not be made out. A /proc of another pid namespace would show other processes under our pids.
static struct fixline_problem only_one_thread(int proc) {
  char self[16] = "", own[16];
  snprintf(own, sizeof own, "%d", (int)getpid());
  if (readlinkat(proc, "self", self, sizeof self - 1) < 0) return problem(FIXLINE_NO_PROC, errno);
  if (strcmp(self, own) != 0) return problem(FIXLINE_NO_PROC, ESRCH);
  int directory = openat(proc, "self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return problem(FIXLINE_NO_PROC, errno);
  DIR *tasks = fdopendir(directory);
  if (!tasks) {
    int error = errno;
    close(directory);
    return problem(FIXLINE_NO_PROC, error);
  }
  int count = 0;
  for (struct dirent *task; (task = readdir(tasks));) count += task->d_name[0] != '.';
  closedir(tasks);
  return count == 1 ? problem(FIXLINE_OK, 0) : problem(FIXLINE_THREADS, count);
}

// Waits for the socket to be ready; 0, FIXLINE_NO_ANSWER.
static int wait_ready(int socket, short events, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - clock_ms();
    struct pollfd watched = {.fd = socket, .events = events};
    int ready = poll(&watched, 1, left > 0 ? (int)left : 0);
    if (ready > 0) return FIXLINE_OK;
    if (ready == 0) return FIXLINE_NO_ANSWER;
    if (errno != EINTR) return FIXLINE_GONE;
  }
}

static struct fixline_problem send_request(int socket, const struct wire_request *request, int file, int64_t deadline) {
  for (;;) {
    int error = wire_send(socket, request, sizeof *request, &file, file >= 0 ? 1 : 0);
    if (error == 0) return problem(FIXLINE_OK, 0);
    if (error != EAGAIN) return problem(FIXLINE_GONE, error);
    int ready = wait_ready(socket, POLLOUT, deadline);
    if (ready != FIXLINE_OK) return problem((enum fixline_stage)ready, 0);
  }
}

// Waits for the answer to `sequence`. An answer to an earlier request came too late for its caller: what it brought is
// let go, and a process it told of is killed.
static struct fixline_problem receive_reply(int socket, uint32_t sequence, int64_t deadline, struct wire_reply *reply,
                                            int descriptors[WIRE_DESCRIPTORS_MAX]) {
  for (;;) {
    int got = wire_receive(socket, reply, sizeof *reply, descriptors);
    if (got == 1 && reply->sequence == sequence) return reply->problem;
    if (got == 1) {
      wire_close_all(descriptors, WIRE_DESCRIPTORS_MAX);
      if (reply->pid > 0) fixline_keeper_signal(socket, reply->pid, SIGKILL);
      continue;
    }
    if (got != -EAGAIN) return problem(FIXLINE_GONE, -got);
    int ready = wait_ready(socket, POLLIN, deadline);
    if (ready != FIXLINE_OK) return problem((enum fixline_stage)ready, 0);
  }
}

struct fixline_problem fixline_guardian_start(int *descriptor, int32_t *pid) {
  *descriptor = -1;
  int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) return problem(FIXLINE_NO_PROC, errno);
  struct fixline_problem result = only_one_thread(proc);
  int ends[2] = {-1, -1};
  if (result.stage == FIXLINE_OK &&
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    result = problem(FIXLINE_START, errno);
  }
  pid_t child = -1;
  if (result.stage == FIXLINE_OK) {
    child = fork();
    if (child == 0) {
      close(ends[0]);
      guardian_run(ends[1], proc);
    }
    if (child < 0) result = problem(FIXLINE_START, errno);
  }
  close(proc);
  if (ends[1] >= 0) close(ends[1]);
  if (result.stage == FIXLINE_OK) {
    struct wire_reply ready;
    int none[WIRE_DESCRIPTORS_MAX];
    result = receive_reply(ends[0], 0, clock_ms() + FIXLINE_REPLY_LIMIT_MS, &ready, none);
    if (result.stage == FIXLINE_OK) {
      *descriptor = ends[0];
      *pid = child;
      return result;
    }
    if (result.stage == FIXLINE_GONE) result.stage = FIXLINE_START;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  if (ends[0] >= 0) close(ends[0]);
  return result;
}

struct fixline_problem fixline_guardian_open_session(int guardian, uint32_t sequence, int *commands, int *events) {
  struct wire_request request = {.kind = WIRE_OPEN_SESSION, .sequence = sequence};
  int64_t deadline = clock_ms() + FIXLINE_REPLY_LIMIT_MS;
  struct fixline_problem result = send_request(guardian, &request, -1, deadline);
  if (result.stage != FIXLINE_OK) return result;
  struct wire_reply reply;
  int descriptors[WIRE_DESCRIPTORS_MAX];
  result = receive_reply(guardian, sequence, deadline, &reply, descriptors);
  if (result.stage != FIXLINE_OK) return result;
  *commands = descriptors[0];
  *events = descriptors[1];
  return result;
}

// The strings in a file without a name: they may be larger than a socket takes at once. -1 with errno.
static int file_of(const uint8_t *block, size_t bytes) {
  int file = memfd_create("fixline-spawn", MFD_CLOEXEC);
  if (file < 0) return -1;
  for (size_t put = 0; put < bytes;) {
    ssize_t part = write(file, block + put, bytes - put);
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) {
      close(file);
      return -1;
    }
    put += (size_t)part;
  }
  return file;
}

struct fixline_problem fixline_keeper_spawn(int commands, uint32_t sequence, const struct fixline_spawn *wanted,
                                            struct fixline_spawned *spawned) {
  if (wanted->block_bytes > FIXLINE_BLOCK_BYTES_MAX) return problem(FIXLINE_TOO_LARGE, E2BIG);
  int file = file_of(wanted->block, wanted->block_bytes);
  if (file < 0) return problem(FIXLINE_FORK, errno);
  struct wire_request request = {.kind = WIRE_SPAWN,
                                 .sequence = sequence,
                                 .block_bytes = wanted->block_bytes,
                                 .argument_count = wanted->argument_count,
                                 .environment_count = wanted->environment_count,
                                 .terminal = wanted->terminal,
                                 .columns = wanted->columns,
                                 .rows = wanted->rows,
                                 .width_pixels = wanted->width_pixels,
                                 .height_pixels = wanted->height_pixels};
  int64_t deadline = clock_ms() + FIXLINE_REPLY_LIMIT_MS;
  struct fixline_problem result = send_request(commands, &request, file, deadline);
  close(file);
  if (result.stage != FIXLINE_OK) return result;
  struct wire_reply reply;
  int descriptors[WIRE_DESCRIPTORS_MAX];
  result = receive_reply(commands, sequence, deadline, &reply, descriptors);
  if (result.stage != FIXLINE_OK) return result;
  spawned->pid = reply.pid;
  for (int i = 0; i < 3; i++) spawned->descriptors[i] = descriptors[i];
  return result;
}

// Requests without an answer are small and few: the socket has room for them unless the keeper does not read.
static struct fixline_problem post(int commands, struct wire_request request) {
  int error = wire_send(commands, &request, sizeof request, NULL, 0);
  if (error == 0) return problem(FIXLINE_OK, 0);
  return problem(error == EAGAIN ? FIXLINE_NO_ANSWER : FIXLINE_GONE, error);
}

struct fixline_problem fixline_keeper_signal(int commands, int32_t pid, int32_t signal) {
  return post(commands, (struct wire_request){.kind = WIRE_SIGNAL, .pid = pid, .signal = signal});
}

struct fixline_problem fixline_keeper_hang_up(int commands, int32_t pid) {
  return post(commands, (struct wire_request){.kind = WIRE_HANG_UP, .pid = pid});
}

struct fixline_problem fixline_keeper_end(int commands) {
  return post(commands, (struct wire_request){.kind = WIRE_END});
}

int fixline_terminal_resize(int master, uint16_t columns, uint16_t rows, uint16_t width_pixels,
                            uint16_t height_pixels) {
  struct winsize size = {
      .ws_row = rows, .ws_col = columns, .ws_xpixel = width_pixels, .ws_ypixel = height_pixels};
  return ioctl(master, TIOCSWINSZ, &size) == 0 ? 0 : errno;
}

uint16_t fixline_terminal_columns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

const char *fixline_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}

const char *fixline_signal_name(int signal) { return sigabbrev_np(signal); }
