// Status and attributes by descriptor. What a path means was settled when the descriptor was made, so nothing here can be
// led elsewhere; /proc/self/fd/N names the descriptor's own file, whatever happened to its path.
#include "filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

struct proc_name {
  char text[32];
};

static struct proc_name proc_name(int descriptor) {
  struct proc_name name;
  snprintf(name.text, sizeof name.text, "/proc/self/fd/%d", descriptor);
  return name;
}

static int result(int value) { return value < 0 ? -errno : value; }

static void fill(const struct stat *from, struct fixline_fs_status *to) {
  to->mode = from->st_mode;
  to->user = from->st_uid;
  to->group = from->st_gid;
  to->links = from->st_nlink;
  to->size = from->st_size;
  to->accessed_seconds = from->st_atim.tv_sec;
  to->modified_seconds = from->st_mtim.tv_sec;
  to->modified_nanoseconds = from->st_mtim.tv_nsec;
  to->device = from->st_dev;
  to->inode = from->st_ino;
  to->special_device = from->st_rdev;
}

int fixline_fs_status(int descriptor, struct fixline_fs_status *status) {
  struct stat found;
  if (fstat(descriptor, &found) < 0) return -errno;
  fill(&found, status);
  return 0;
}

int fixline_fs_status_at(int directory, const uint8_t *name, struct fixline_fs_status *status) {
  struct stat found;
  if (fstatat(directory, (const char *)name, &found, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
  fill(&found, status);
  return 0;
}

int fixline_fs_volume(int descriptor, struct fixline_fs_volume *volume) {
  struct statvfs found;
  int outcome;
  do {
    outcome = fstatvfs(descriptor, &found);
  } while (outcome < 0 && errno == EINTR);
  if (outcome < 0) return -errno;
  *volume = (struct fixline_fs_volume){
      .block_bytes = found.f_bsize,
      .fragment_bytes = found.f_frsize,
      .blocks = found.f_blocks,
      .blocks_free = found.f_bfree,
      .blocks_available = found.f_bavail,
      .files = found.f_files,
      .files_free = found.f_ffree,
      .files_available = found.f_favail,
      .identifier = found.f_fsid,
      .maximum_name_bytes = found.f_namemax,
      .read_only = (found.f_flag & ST_RDONLY) != 0,
      .no_set_user_id = (found.f_flag & ST_NOSUID) != 0,
  };
  return 0;
}

int fixline_fs_set_mode(int descriptor, uint32_t mode) { return result(fchmod(descriptor, mode)); }

int fixline_fs_set_mode_found(int descriptor, uint32_t mode) {
  struct stat found;
  if (fstat(descriptor, &found) < 0) return -errno;
  if (S_ISLNK(found.st_mode)) return -EOPNOTSUPP; // Linux keeps no mode for links; some file systems would set one.
  if (syscall(SYS_fchmodat2, descriptor, "", mode, AT_EMPTY_PATH) == 0) return 0;
  // Before Linux 6.6 there is no such call, and filters of containers may answer EPERM for it.
  if (errno != ENOSYS && errno != EPERM) return -errno;
  return result(chmod(proc_name(descriptor).text, mode));
}

int fixline_fs_set_owner(int descriptor, uint32_t user, uint32_t group) {
  return result(fchown(descriptor, user, group));
}

int fixline_fs_set_owner_found(int descriptor, uint32_t user, uint32_t group) {
  return result(fchownat(descriptor, "", user, group, AT_EMPTY_PATH));
}

int fixline_fs_set_times(int descriptor, int64_t accessed, int64_t modified) {
  struct timespec times[2] = {{.tv_sec = accessed}, {.tv_sec = modified}};
  return result(futimens(descriptor, times));
}

int fixline_fs_set_times_found(int descriptor, int64_t accessed, int64_t modified) {
  struct timespec times[2] = {{.tv_sec = accessed}, {.tv_sec = modified}};
  if (utimensat(descriptor, "", times, AT_EMPTY_PATH) == 0) return 0;
  if (errno != EINVAL) return -errno; // Before Linux 5.8 the flag is unknown.
  return result(utimensat(AT_FDCWD, proc_name(descriptor).text, times, 0));
}

int fixline_fs_set_size(int descriptor, int64_t bytes) {
  int outcome;
  do {
    outcome = result(ftruncate(descriptor, bytes));
  } while (outcome == -EINTR);
  return outcome;
}

int fixline_fs_set_size_found(int descriptor, int64_t bytes) {
  int outcome;
  do {
    outcome = result(truncate(proc_name(descriptor).text, bytes));
  } while (outcome == -EINTR);
  return outcome;
}
