// Finding and opening, always by openat2.
#include "filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int openat2_once(int root, const uint8_t *path, uint64_t flags, uint32_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  long opened;
  do {
    opened = syscall(SYS_openat2, root, path, &how, sizeof how);
  } while (opened < 0 && errno == EINTR);
  return opened < 0 ? -errno : (int)opened;
}

static int open_under(int root, const uint8_t *path, uint64_t flags, uint32_t mode, int whole_machine) {
  int opened = -EAGAIN;
  for (int attempt = 0; attempt < FIXLINE_FS_ATTEMPTS && opened == -EAGAIN; attempt++) {
    opened = openat2_once(root, path, flags, mode, RESOLVE_IN_ROOT);
  }
  // Nothing to escape from: the descriptor's directory is where plain resolution would start as well.
  if (whole_machine && (opened == -EXDEV || opened == -EAGAIN)) opened = openat2_once(root, path, flags, mode, 0);
  return opened;
}

int fixline_fs_open(int root, const uint8_t *path, int flags, uint32_t mode, int whole_machine) {
  uint64_t all = (uint64_t)(uint32_t)flags | O_CLOEXEC | O_NOCTTY;
  return open_under(root, path, all, flags & O_CREAT ? mode : 0, whole_machine);
}

int fixline_fs_find(int root, const uint8_t *path, int follow, int directory, int whole_machine) {
  uint64_t flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW) | (directory ? O_DIRECTORY : 0);
  return open_under(root, path, flags, 0, whole_machine);
}

int fixline_fs_open_root(const uint8_t *path) {
  uint64_t flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  int root = openat2_once(AT_FDCWD, path, flags, 0, 0);
  // Filters of older container engines answer EPERM for calls they do not know; finding a directory never does.
  if (root == -EPERM) return -ENOSYS;
  if (root < 0) return root;
  int probe = open_under(root, (const uint8_t *)".", flags, 0, 0);
  if (probe < 0) {
    close(root);
    return probe == -EPERM || probe == -EINVAL ? -ENOSYS : probe;
  }
  close(probe);
  return root;
}

int fixline_fs_open_plain(const uint8_t *path) {
  return openat2_once(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0, 0);
}

int fixline_fs_close(int descriptor) {
  // After EINTR the descriptor is gone on Linux: a second close could hit somebody else's.
  return close(descriptor) < 0 && errno != EINTR ? -errno : 0;
}

int fixline_fs_clear_nonblock(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0) return -errno;
  return 0;
}

int64_t fixline_fs_path(int descriptor, uint8_t *buffer, size_t room) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, (char *)buffer, room);
  return length < 0 ? -errno : length;
}
