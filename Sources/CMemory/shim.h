// glibc's allocator settings: <malloc.h> is in no module map of Swift's.
#ifndef FIXLINE_MEMORY_SHIM_H
#define FIXLINE_MEMORY_SHIM_H

#include <malloc.h>

// Keeps up to `kept_bytes` of free memory at the top of each arena, and gives buffers of `mapped_bytes` and more a mapping
// of their own. Without effect in C libraries that have no such settings.
static inline void fixline_keep_memory(int kept_bytes, int mapped_bytes) {
#ifdef M_TRIM_THRESHOLD
  (void)mallopt(M_TRIM_THRESHOLD, kept_bytes);
  (void)mallopt(M_MMAP_THRESHOLD, mapped_bytes);
#else
  (void)kept_bytes;
  (void)mapped_bytes;
#endif
}

#endif
