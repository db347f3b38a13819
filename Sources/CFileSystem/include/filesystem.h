// File system calls as Swift can make them: openat2, which the C library does not wrap, and the rest with one convention.
// Every function returns what the call returns, or the negative errno; calls are repeated while a signal interrupts them.
// Texts end with NUL. No policy here: that belongs to FileSystem.
#ifndef FIXLINE_FILESYSTEM_H
#define FIXLINE_FILESYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

// How often openat2 is asked anew when a rename or mount elsewhere disturbed ".." (EAGAIN). Each try takes microseconds.
#define FIXLINE_FS_ATTEMPTS 4096

// What struct stat says, in types of one size on every machine.
struct fixline_fs_status {
  uint32_t mode;
  uint32_t user;
  uint32_t group;
  uint64_t links;
  int64_t size;
  int64_t accessed_seconds;
  int64_t modified_seconds;
  int64_t modified_nanoseconds;
  uint64_t device;
  uint64_t inode;
  uint64_t special_device;
};

// What struct statvfs says.
struct fixline_fs_volume {
  uint64_t block_bytes, fragment_bytes, blocks, blocks_free, blocks_available;
  uint64_t files, files_free, files_available, identifier, maximum_name_bytes;
  int read_only, no_set_user_id;
};

// Local civil time.
struct fixline_fs_civil {
  int64_t year;
  int32_t month, day, hour, minute, second;
};

// Opening (open.c).

// Opens `path` under the directory `root` as if that were the machine's root (RESOLVE_IN_ROOT); O_CLOEXEC and O_NOCTTY are
// added. `whole_machine`: `root` is the process's own root, so what RESOLVE_IN_ROOT refuses or cannot settle (magic links:
// EXDEV; EAGAIN to the last attempt) is tried without it.
int fixline_fs_open(int root, const uint8_t *path, int flags, uint32_t mode, int whole_machine);
// An O_PATH descriptor for what is found there. -ENOSYS where the kernel has no openat2 or a filter hides it.
int fixline_fs_open_root(const uint8_t *path);
// An O_PATH descriptor by the same rules as fixline_fs_open.
int fixline_fs_find(int root, const uint8_t *path, int follow, int directory, int whole_machine);
// Opens a file of the machine itself, for reading.
int fixline_fs_open_plain(const uint8_t *path);
int fixline_fs_close(int descriptor);
// Lets a descriptor wait again. Only for what cannot wait for ever.
int fixline_fs_clear_nonblock(int descriptor);
// Length of the path the kernel knows for the descriptor, without NUL.
int64_t fixline_fs_path(int descriptor, uint8_t *buffer, size_t room);

// Attributes (attributes.c). Those ending in _found take O_PATH descriptors; the others want the file open.

int fixline_fs_status(int descriptor, struct fixline_fs_status *status);
// lstat of a name in a directory.
int fixline_fs_status_at(int directory, const uint8_t *name, struct fixline_fs_status *status);
int fixline_fs_volume(int descriptor, struct fixline_fs_volume *volume);
int fixline_fs_set_mode(int descriptor, uint32_t mode);
int fixline_fs_set_mode_found(int descriptor, uint32_t mode);
int fixline_fs_set_owner(int descriptor, uint32_t user, uint32_t group);
int fixline_fs_set_owner_found(int descriptor, uint32_t user, uint32_t group);
int fixline_fs_set_times(int descriptor, int64_t accessed, int64_t modified);
int fixline_fs_set_times_found(int descriptor, int64_t accessed, int64_t modified);
int fixline_fs_set_size(int descriptor, int64_t bytes);
int fixline_fs_set_size_found(int descriptor, int64_t bytes);

// Names (names.c): `name` is the last component, with the slashes behind it.

int fixline_fs_unlink(int parent, const uint8_t *name, int directory);
int fixline_fs_mkdir(int parent, const uint8_t *name, uint32_t mode);
int fixline_fs_rename(int parent, const uint8_t *name, int new_parent, const uint8_t *new_name);
// Gives the found file one more name.
int fixline_fs_link_found(int descriptor, int new_parent, const uint8_t *new_name);
int fixline_fs_symlink(const uint8_t *target, int parent, const uint8_t *name);
// What the found link says: its length, cut off at `room`; -EINVAL when it is no link.
int64_t fixline_fs_readlink_found(int descriptor, uint8_t *buffer, size_t room);
// Records of struct linux_dirent64; 0 at the end, also of a directory that was removed meanwhile.
int64_t fixline_fs_entries(int directory, void *buffer, size_t room);

// Bytes (bytes.c).

// pread, with the outcome of lseek to `offset` and read: where pread fails or gives nothing, the seek's error counts first,
// and a device that seeks to anywhere is read where it then stands.
int64_t fixline_fs_read(int descriptor, void *buffer, size_t count, uint64_t offset);
// pwritev, in the same manner.
int64_t fixline_fs_write(int descriptor, const struct iovec *pieces, int count, uint64_t offset);
// writev. `pipe`: it may be one, and without a reader that is -EPIPE and no signal.
int64_t fixline_fs_append(int descriptor, const struct iovec *pieces, int count, int pipe);
// read, from where the descriptor stands.
int64_t fixline_fs_read_on(int descriptor, void *buffer, size_t count);
int64_t fixline_fs_copy(int source, uint64_t offset, int target, uint64_t target_offset, size_t count);
int fixline_fs_sync(int descriptor);
void fixline_fs_advise_sequential(int descriptor);
void fixline_fs_advise_needed(int descriptor, uint64_t offset, size_t count);

// The machine (machine.c).

// 0, or -EOVERFLOW when the year does not fit.
int fixline_fs_local_time(int64_t seconds, struct fixline_fs_civil *civil);
int64_t fixline_fs_now(void);
uint32_t fixline_fs_user(void);
// UINT64_MAX: no limit.
uint64_t fixline_fs_open_limit(void);
// Raises it to the hard limit, at most to `wanted`, and never lowers it.
void fixline_fs_raise_open_limit(uint64_t wanted);
// Lasting texts for an errno: "No such file or directory", "ENOENT"; null for numbers that are none.
const char *fixline_fs_error_text(int number);
const char *fixline_fs_error_name(int number);

#endif
