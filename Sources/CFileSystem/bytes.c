// Reading and writing. Offsets are the caller's; the descriptor's own position means nothing, except to append.
#include "filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

// OpenSSH's server seeks before it reads or writes, and answers with that error. pread at an offset the file system cannot
// have gives end-of-file instead, pwrite EFBIG, and both refuse offsets over INT64_MAX even where /dev/zero would seek to
// them. So when a call gave nothing, the seek is made good: its error counts; else the offset it arrived at, if it is not
// `offset`, is where the call should have been made.
static int64_t seek_again(int descriptor, uint64_t offset, int64_t outcome, uint64_t *at) {
  off_t arrived = lseek(descriptor, (off_t)offset, SEEK_SET);
  if (arrived < 0) return -errno;
  *at = (uint64_t)arrived;
  return outcome;
}

static int64_t read_once(int descriptor, void *buffer, size_t count, uint64_t offset) {
  if (count == 0) return 0; // That server reads nothing at all then, not even to learn that it is a directory.
  ssize_t done;
  do {
    done = pread(descriptor, buffer, count, (off_t)offset);
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

int64_t fixline_fs_read(int descriptor, void *buffer, size_t count, uint64_t offset) {
  int64_t outcome = read_once(descriptor, buffer, count, offset);
  if (outcome > 0) return outcome;
  uint64_t at = offset;
  outcome = seek_again(descriptor, offset, outcome, &at);
  return at == offset ? outcome : read_once(descriptor, buffer, count, at);
}

// A write of nothing is for the file to judge (/dev/full refuses it); writev would not ask it.
static int is_empty(const struct iovec *pieces, int count) {
  for (int index = 0; index < count; index++) {
    if (pieces[index].iov_len > 0) return 0;
  }
  return 1;
}

static int64_t write_once(int descriptor, const struct iovec *pieces, int count, uint64_t offset) {
  ssize_t done;
  do {
    done = is_empty(pieces, count) ? pwrite(descriptor, "", 0, (off_t)offset)
                                   : pwritev(descriptor, pieces, count, (off_t)offset);
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

int64_t fixline_fs_write(int descriptor, const struct iovec *pieces, int count, uint64_t offset) {
  int64_t outcome = write_once(descriptor, pieces, count, offset);
  if (outcome > 0) return outcome;
  uint64_t at = offset;
  outcome = seek_again(descriptor, offset, outcome, &at);
  return at == offset ? outcome : write_once(descriptor, pieces, count, at);
}

static int64_t write_on(int descriptor, const struct iovec *pieces, int count) {
  ssize_t done;
  do {
    done = is_empty(pieces, count) ? write(descriptor, "", 0) : writev(descriptor, pieces, count);
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

int64_t fixline_fs_append(int descriptor, const struct iovec *pieces, int count, int pipe) {
  if (!pipe) return write_on(descriptor, pieces, count);
  sigset_t broken, before, pending;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  sigemptyset(&pending);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  int64_t outcome = write_on(descriptor, pieces, count);
  if (outcome == -EPIPE && !sigismember(&pending, SIGPIPE)) {
    struct timespec at_once = {0};
    sigtimedwait(&broken, NULL, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return outcome;
}

int64_t fixline_fs_read_on(int descriptor, void *buffer, size_t count) {
  ssize_t done;
  do {
    done = read(descriptor, buffer, count);
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

int64_t fixline_fs_copy(int source, uint64_t offset, int target, uint64_t target_offset, size_t count) {
  off_t from = (off_t)offset, to = (off_t)target_offset;
  ssize_t done;
  do {
    done = copy_file_range(source, &from, target, &to, count, 0);
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

int fixline_fs_sync(int descriptor) {
  int outcome;
  do {
    outcome = fsync(descriptor);
  } while (outcome < 0 && errno == EINTR);
  return outcome < 0 ? -errno : 0;
}

void fixline_fs_advise_sequential(int descriptor) { (void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL); }

void fixline_fs_advise_needed(int descriptor, uint64_t offset, size_t count) {
  (void)posix_fadvise(descriptor, (off_t)offset, (off_t)count, POSIX_FADV_WILLNEED);
}
