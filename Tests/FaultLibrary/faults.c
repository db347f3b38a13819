// A disk that fails on command, put before the C library with LD_PRELOAD. It looks only at files whose path holds
// FIXLINE_FAULT_FILES, and does what the file FIXLINE_FAULT_COMMAND says at the moment:
//
//   sync SUFFIX       fsync and fdatasync of files whose path ends with SUFFIX fail with EIO
//   full SUFFIX       writing to them fails with ENOSPC
//   readonly SUFFIX   writing to them fails with EROFS, as after a forced remount
//
// Anything else, or no such file: nothing fails. Each failure adds a byte to the file FIXLINE_FAULT_COMMAND.seen.
//
// With FIXLINE_FAULT_DISK set it also keeps, in that directory, what the disk would hold after a power loss. As Linux does, it
// takes pages for written once they were synced, whether or not that succeeded: a later sync succeeds without them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { page_bytes = 4096, pages = 1 << 15, files = 16 };

// Dirty pages of one file, by inode. Guarded by nothing but a lock: the relay writes from few threads.
struct shadow {
  ino_t inode;
  unsigned char dirty[pages];
};
static struct shadow shadows[files];
static volatile char lock;

static void take(void) {
  while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE)) {
  }
}
static void release(void) { __atomic_clear(&lock, __ATOMIC_RELEASE); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int watched(int fd, char *path, size_t length) {
  const char *part = getenv("FIXLINE_FAULT_FILES");
  char link[64];
  if (!part) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, length - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  return strstr(path, part) != NULL;
}

static int commanded(const char *what, const char *path) {
  const char *command = getenv("FIXLINE_FAULT_COMMAND");
  char text[256] = "", seen[4096];
  if (!command) return 0;
  int fd = REAL(open)(command, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  if (count <= 0) return 0;
  char word[32] = "", suffix[128] = "";
  if (sscanf(text, "%31s %127s", word, suffix) < 2 || strcmp(word, what) != 0) return 0;
  size_t length = strlen(path), tail = strlen(suffix);
  if (tail > length || strcmp(path + length - tail, suffix) != 0) return 0;
  snprintf(seen, sizeof seen, "%s.seen", command);
  fd = REAL(open)(seen, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd >= 0) {
    if (REAL(write)(fd, "x", 1) < 0) errno = EIO;
    close(fd);
  }
  return 1;
}

static struct shadow *shadow_of(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return NULL;
  for (int index = 0; index < files; index++) {
    if (shadows[index].inode == 0) shadows[index].inode = status.st_ino;
    if (shadows[index].inode == status.st_ino) return &shadows[index];
  }
  return NULL;
}

static void dirtied(int fd, off_t from, size_t count) {
  if (!getenv("FIXLINE_FAULT_DISK") || count == 0) return;
  take();
  struct shadow *shadow = shadow_of(fd);
  for (off_t page = from / page_bytes; shadow && page <= (off_t)(from + count - 1) / page_bytes && page < pages; page++)
    shadow->dirty[page] = 1;
  release();
}

// Moves the dirty pages to the disk's copy, or forgets them.
static void synced(int fd, const char *path, int succeeded) {
  const char *disk = getenv("FIXLINE_FAULT_DISK");
  if (!disk) return;
  take();
  struct shadow *shadow = shadow_of(fd);
  struct stat status;
  char copy[4096], buffer[page_bytes];
  const char *name = strrchr(path, '/');
  snprintf(copy, sizeof copy, "%s%s", disk, name ? name : path);
  int out = -1;
  if (succeeded && fstat(fd, &status) == 0) {
    out = REAL(open)(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (out >= 0 && REAL(ftruncate64)(out, status.st_size) != 0) abort();
  }
  for (off_t page = 0; shadow && page < pages; page++) {
    if (!shadow->dirty[page]) continue;
    shadow->dirty[page] = 0;
    if (out < 0) continue;
    ssize_t count = pread(fd, buffer, page_bytes, page * page_bytes);
    if (count > 0 && REAL(pwrite64)(out, buffer, count, page * page_bytes) != count) abort();
  }
  if (out >= 0) close(out);
  release();
}

static int sync_with(int fd, int (*real)(int)) {
  char path[4096];
  if (!watched(fd, path, sizeof path)) return real(fd);
  int fails = commanded("sync", path);
  int result = fails ? -1 : real(fd);
  synced(fd, path, result == 0);
  if (fails) errno = EIO;
  return result;
}

int fsync(int fd) { return sync_with(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_with(fd, REAL(fdatasync)); }

// Whether writing is forbidden now; errno says why.
static int refused(int fd) {
  char path[4096];
  if (!watched(fd, path, sizeof path)) return 0;
  if (commanded("full", path)) return errno = ENOSPC, 1;
  if (commanded("readonly", path)) return errno = EROFS, 1;
  return 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  char path[4096];
  if (refused(fd)) return -1;
  ssize_t written = REAL(pwrite64)(fd, bytes, count, at);
  if (written > 0 && watched(fd, path, sizeof path)) dirtied(fd, at, written);
  return written;
}

int ftruncate64(int fd, off64_t size) { return refused(fd) ? -1 : REAL(ftruncate64)(fd, size); }

int unlink(const char *path) {
  const char *part = getenv("FIXLINE_FAULT_FILES"), *disk = getenv("FIXLINE_FAULT_DISK"), *name = strrchr(path, '/');
  char copy[4096];
  if (part && disk && strstr(path, part)) {
    snprintf(copy, sizeof copy, "%s%s", disk, name ? name : path);
    if (REAL(unlink)(copy) != 0 && errno != ENOENT) abort();
  }
  return REAL(unlink)(path);
}
