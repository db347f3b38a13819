#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

union control_room {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(WIRE_DESCRIPTORS_MAX * sizeof(int))];
};

int64_t clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct fixline_problem problem(enum fixline_stage stage, int error) {
  return (struct fixline_problem){.stage = (int32_t)stage, .error = error};
}

void wire_close_all(int *descriptors, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (descriptors[i] >= 0) close(descriptors[i]);
    descriptors[i] = -1;
  }
}

int wire_send(int socket, const void *message, size_t bytes, const int *descriptors, size_t count) {
  if (count > WIRE_DESCRIPTORS_MAX) return EINVAL;
  struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = bytes};
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
  union control_room room;
  memset(&room, 0, sizeof room);
  if (count > 0) {
    header.msg_control = room.bytes;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(control), descriptors, count * sizeof(int));
  }
  for (;;) {
    ssize_t sent = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return (size_t)sent == bytes ? 0 : EMSGSIZE;
    if (errno != EINTR) return errno;
  }
}

int wire_receive(int socket, void *message, size_t bytes, int descriptors[WIRE_DESCRIPTORS_MAX]) {
  struct iovec part = {.iov_base = message, .iov_len = bytes};
  union control_room room;
  struct msghdr header = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
  for (int i = 0; i < WIRE_DESCRIPTORS_MAX; i++) descriptors[i] = -1;
  ssize_t count;
  do {
    count = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == ECONNRESET ? 0 : -errno;
  if (count == 0) return 0;
  for (struct cmsghdr *control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    size_t given = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < given; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof descriptor);
      if (i < WIRE_DESCRIPTORS_MAX && descriptors[i] < 0) {
        descriptors[i] = descriptor;
      } else {
        close(descriptor);
      }
    }
  }
  if ((size_t)count != bytes || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
    wire_close_all(descriptors, WIRE_DESCRIPTORS_MAX);
    return -EBADMSG;
  }
  return 1;
}
