// How guardian and keepers cut themselves loose from what they were forked from.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire.h"

enum { PARKING_DESCRIPTOR = 64, LAST_SIGNAL = 64, CLOSE_BY_HAND_MAX = 65536 };

// By the system call itself: the library keeps its internal signals 32 and 33 from us, and they may have been handed
// down ignored as well. An all-zero action is SIG_DFL without flags on every architecture.
void process_default_signals(void) {
  static const uint64_t zero[8];
  for (int number = 1; number <= LAST_SIGNAL; number++) {
    syscall(SYS_rt_sigaction, number, zero, NULL, sizeof(uint64_t));  // refused for SIGKILL and SIGSTOP
  }
}

void process_close_from(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);  // before Linux 5.9
  if (limit < 0 || limit > CLOSE_BY_HAND_MAX) limit = CLOSE_BY_HAND_MAX;
  for (long descriptor = first; descriptor < limit; descriptor++) close((int)descriptor);
}

// `ps` shows the argument area of the process: write the title over this process's own copy of it. The area is found in
// /proc/self/stat (fields 48 and 49); its last NUL stays, else the kernel would show the environment too.
static void set_title(const char *title) {
  char text[1024];
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return;
  text[count] = 0;
  char *field = strrchr(text, ')');
  for (int number = 2; field && number < 48; number++) {
    field = strchr(field + 1, ' ');
  }
  if (!field) return;
  char *end = NULL;
  uintptr_t from = (uintptr_t)strtoull(field + 1, &end, 10);
  uintptr_t to = (uintptr_t)strtoull(end, NULL, 10);
  if (from == 0 || to <= from + 1) return;
  size_t room = to - from - 1;
  memset((void *)from, 0, room);
  memcpy((void *)from, title, strlen(title) < room ? strlen(title) : room);
}

int process_detach(int *descriptors, size_t count, const char *name, const char *title) {
  sigset_t all;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, NULL) != 0) return errno;  // Ctrl-C, hangup, SIGTERM: none is for us
  process_default_signals();
  if (setsid() < 0) return errno;
  // First out of the way, then into place: the wanted numbers may be taken by one another.
  for (size_t i = 0; i < count; i++) {
    descriptors[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, PARKING_DESCRIPTOR);
    if (descriptors[i] < 0) return errno;
  }
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return errno;
  null = fcntl(null, F_DUPFD_CLOEXEC, PARKING_DESCRIPTOR);
  if (null < 0) return errno;
  for (int standard = 0; standard <= 2; standard++) {
    if (dup2(null, standard) < 0) return errno;
  }
  for (size_t i = 0; i < count; i++) {
    if (dup3(descriptors[i], 3 + (int)i, O_CLOEXEC) < 0) return errno;
    descriptors[i] = 3 + (int)i;
  }
  process_close_from(3 + (unsigned)count);
  if (chdir("/") != 0) return errno;  // no file system stays busy for our sake
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return errno;
  prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
  prctl(PR_SET_NAME, name, 0, 0, 0);
  set_title(title);
  return 0;
}
