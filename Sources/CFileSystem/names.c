// Names in a directory. The kernel does not follow links in the last component of these calls, nor climb with ".." there.
#include "filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

int fixline_fs_unlink(int parent, const uint8_t *name, int directory) {
  return result(unlinkat(parent, (const char *)name, directory ? AT_REMOVEDIR : 0));
}

int fixline_fs_mkdir(int parent, const uint8_t *name, uint32_t mode) {
  return result(mkdirat(parent, (const char *)name, mode));
}

int fixline_fs_rename(int parent, const uint8_t *name, int new_parent, const uint8_t *new_name) {
  return result(renameat(parent, (const char *)name, new_parent, (const char *)new_name));
}

int fixline_fs_link_found(int descriptor, int new_parent, const uint8_t *new_name) {
  // By the descriptor and not by name: linkat follows a link with a slash behind it, wherever that leads. AT_EMPTY_PATH
  // wants a privilege, /proc/self/fd does not; a link found as itself is linked as itself.
  char from[32];
  snprintf(from, sizeof from, "/proc/self/fd/%d", descriptor);
  return result(linkat(AT_FDCWD, from, new_parent, (const char *)new_name, AT_SYMLINK_FOLLOW));
}

int fixline_fs_symlink(const uint8_t *target, int parent, const uint8_t *name) {
  return result(symlinkat((const char *)target, parent, (const char *)name));
}

int64_t fixline_fs_readlink_found(int descriptor, uint8_t *buffer, size_t room) {
  struct stat found;
  if (fstat(descriptor, &found) < 0) return -errno;
  if (!S_ISLNK(found.st_mode)) return -EINVAL; // The kernel says ENOENT to an empty name here.
  ssize_t length = readlinkat(descriptor, "", (char *)buffer, room);
  return length < 0 ? -errno : length;
}

int64_t fixline_fs_entries(int directory, void *buffer, size_t room) {
  long count;
  do {
    count = syscall(SYS_getdents64, directory, buffer, room);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == ENOENT ? 0 : -errno;
  return count;
}
