// What the machine says about time, users and limits.
#include "filesystem.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int fixline_fs_local_time(int64_t seconds, struct fixline_fs_civil *civil) {
  time_t instant = (time_t)seconds;
  struct tm parts;
  if (localtime_r(&instant, &parts) == NULL) return -EOVERFLOW;
  *civil = (struct fixline_fs_civil){
      .year = (int64_t)parts.tm_year + 1900,
      .month = parts.tm_mon + 1,
      .day = parts.tm_mday,
      .hour = parts.tm_hour,
      .minute = parts.tm_min,
      .second = parts.tm_sec,
  };
  return 0;
}

int64_t fixline_fs_now(void) { return (int64_t)time(NULL); }

uint32_t fixline_fs_user(void) { return geteuid(); }

uint64_t fixline_fs_open_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_cur;
}

void fixline_fs_raise_open_limit(uint64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

const char *fixline_fs_error_text(int number) { return strerrordesc_np(number); }

const char *fixline_fs_error_name(int number) { return strerrorname_np(number); }
