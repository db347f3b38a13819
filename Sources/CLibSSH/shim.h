// libssh's server side as Swift sees it. Header-only: what Swift cannot import or call (macros, calls marked deprecated in
// favour of callbacks this project does not use, C callbacks), each as an inline function of the same meaning, and nothing
// else. No policy: that belongs to SSHFrontDoor.
#ifndef FIXLINE_CLIBSSH_SHIM_H
#define FIXLINE_CLIBSSH_SHIM_H

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <libssh/callbacks.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>

#if LIBSSH_VERSION_INT < SSH_VERSION_INT(0, 10, 6)
#error "libssh 0.10.6 or later is needed: earlier releases have known holes"
#endif

// Signals kept for one channel between two looks at it; more in between are dropped.
#define FIXLINE_SSH_SIGNALS 8
// Room for a signal's name with its NUL; a longer one is dropped. RFC 4254 names are at most four letters.
#define FIXLINE_SSH_SIGNAL_BYTES 32

// What libssh tells only through callbacks, written down for the connection's thread to look at. The callbacks themselves do
// nothing else, since libssh also runs them from inside its write functions.
struct fixline_ssh_watch {
  struct ssh_channel_callbacks_struct callbacks;
  uint32_t unread;
  bool eof;
  bool closed;
  bool agent; // Agent forwarding was asked for.
  bool decides_window; // This side, and not libssh, decides what the peer may send.
  bool overrun;        // The peer sent more than that.
  uint32_t window;     // What the peer may still send, in bytes; only with decides_window.
  uint32_t signal_count;
  char signals[FIXLINE_SSH_SIGNALS][FIXLINE_SSH_SIGNAL_BYTES];
};

static inline void fixline_ssh_spend_window(struct fixline_ssh_watch *watch, uint32_t length) {
  if (length > watch->window) watch->overrun = watch->decides_window;
  watch->window -= length < watch->window ? length : watch->window;
}

static inline int fixline_ssh_on_data(ssh_session session, ssh_channel channel, void *data, uint32_t length,
                                      int is_stderr, void *userdata) {
  struct fixline_ssh_watch *watch = (struct fixline_ssh_watch *)userdata;
  (void)session;
  (void)channel;
  (void)data;
  if (is_stderr) { // A client has no business sending on that stream: swallowed.
    fixline_ssh_spend_window(watch, length);
    return (int)length;
  }
  fixline_ssh_spend_window(watch, length > watch->unread ? length - watch->unread : 0);
  watch->unread = length;
  return 0; // Left in libssh's buffer: that holds the window back.
}

static inline void fixline_ssh_on_eof(ssh_session session, ssh_channel channel, void *userdata) {
  (void)session;
  (void)channel;
  ((struct fixline_ssh_watch *)userdata)->eof = true;
}

static inline void fixline_ssh_on_close(ssh_session session, ssh_channel channel, void *userdata) {
  (void)session;
  (void)channel;
  ((struct fixline_ssh_watch *)userdata)->closed = true;
}

static inline void fixline_ssh_on_signal(ssh_session session, ssh_channel channel, const char *name, void *userdata) {
  struct fixline_ssh_watch *watch = (struct fixline_ssh_watch *)userdata;
  (void)session;
  (void)channel;
  if (name == NULL || watch->signal_count >= FIXLINE_SSH_SIGNALS) return;
  size_t length = strlen(name);
  if (length >= FIXLINE_SSH_SIGNAL_BYTES) return;
  memcpy(watch->signals[watch->signal_count], name, length + 1);
  watch->signal_count += 1;
}

static inline void fixline_ssh_on_agent(ssh_session session, ssh_channel channel, void *userdata) {
  (void)session;
  (void)channel;
  ((struct fixline_ssh_watch *)userdata)->agent = true;
}

// The beginning of libssh 0.10's struct ssh_channel_struct (include/libssh/channels.h there).
struct fixline_ssh_channel_head {
  ssh_session session;
  uint32_t local_channel;
  uint32_t local_window;
  int local_eof;
  uint32_t local_maxpacket;
  uint32_t remote_channel;
  uint32_t remote_window;
  int remote_eof;
  uint32_t remote_maxpacket;
};

// What libssh 0.10 lets a client send on a channel it just accepted, and the largest packet it asks for, in bytes
// (src/messages.c there).
#define FIXLINE_SSH_FIRST_WINDOW 32000u
#define FIXLINE_SSH_FIRST_PACKET 35000u
// What libssh 0.10 opens a window to, of itself whenever less than half of it is left (src/channels.c there), in bytes.
#define FIXLINE_SSH_FULL_WINDOW 1280000u
// What libssh is made to believe is left of a window this side decides about, in bytes: never so little that it opens it.
#define FIXLINE_SSH_SHOWN_WINDOW (1u << 30)

static inline void fixline_ssh_show_window(ssh_channel channel, uint32_t bytes) {
  memcpy((char *)channel + offsetof(struct fixline_ssh_channel_head, local_window), &bytes, sizeof(bytes));
}

// Takes the decision over what the peer may send away from libssh 0.10, which opens 1,280,000 bytes for every channel, read or
// not: a hundred forwards whose targets read nothing would hold as many. To be called as soon as the channel was accepted. That
// its beginning is laid out as known is checked by five values that are certain then; where it is not, libssh goes on deciding.
static inline void fixline_ssh_decide_window(ssh_channel channel, struct fixline_ssh_watch *watch) {
  struct fixline_ssh_channel_head head;
  if (ssh_version(SSH_VERSION_INT(0, 11, 0)) != NULL) return;
  memcpy(&head, (const void *)channel, sizeof(head));
  if (head.session != ssh_channel_get_session(channel) || head.local_window != FIXLINE_SSH_FIRST_WINDOW || head.local_eof != 0 ||
      head.local_maxpacket != FIXLINE_SSH_FIRST_PACKET || head.remote_window != ssh_channel_window_size(channel)) {
    return;
  }
  fixline_ssh_show_window(channel, FIXLINE_SSH_SHOWN_WINDOW);
  watch->window = head.local_window;
  watch->decides_window = true;
}

// Reads up to `length` bytes of what waits and lets the peer send `grant` more: at most FIXLINE_SSH_FULL_WINDOW, and more than
// half of that unless everything that waits is read. The number of bytes, or less than 1 when there are none. libssh sends the
// grant when it is shown a window that is short by as much, and asked for more than that would hold.
static inline int fixline_ssh_channel_take(ssh_channel channel, struct fixline_ssh_watch *watch, void *target,
                                           uint32_t length, uint32_t grant) {
  struct fixline_ssh_channel_head head;
  int waiting = ssh_channel_poll(channel, 0);
  if (waiting <= 0 || length == 0) return 0;
  bool all = (uint32_t)waiting <= length;
  if (!watch->decides_window || (!all && grant <= FIXLINE_SSH_FULL_WINDOW / 2)) grant = 0;
  if (grant > 0) fixline_ssh_show_window(channel, FIXLINE_SSH_FULL_WINDOW - grant);
  // Nothing comes in between the poll and the copy: with something waiting, 0.10 sends the grant without reading the socket.
  uint32_t wanted = all && grant > 0 ? (uint32_t)waiting + FIXLINE_SSH_FULL_WINDOW : length;
  int count = ssh_channel_read_timeout(channel, target, wanted, 0, 0);
  if (grant > 0) {
    memcpy(&head, (const void *)channel, sizeof(head));
    if (head.local_window > FIXLINE_SSH_FULL_WINDOW - grant) watch->window += grant;
    fixline_ssh_show_window(channel, FIXLINE_SSH_SHOWN_WINDOW);
  }
  if (count > 0) watch->unread -= (uint32_t)count < watch->unread ? (uint32_t)count : watch->unread;
  return count;
}

// Starts to watch a channel; NULL when there is no memory. To be given to fixline_ssh_unwatch before the channel is freed.
// With agent_requests a wish for agent forwarding is written down too; libssh then answers yes to whoever wants an answer, so
// that is for clients that want none (OpenSSH's). Without, libssh answers no. The channel was accepted a moment ago.
static inline struct fixline_ssh_watch *fixline_ssh_watch(ssh_channel channel, bool agent_requests) {
  struct fixline_ssh_watch *watch = (struct fixline_ssh_watch *)calloc(1, sizeof(*watch));
  if (watch == NULL) return NULL;
  watch->callbacks.userdata = watch;
  watch->callbacks.channel_data_function = fixline_ssh_on_data;
  watch->callbacks.channel_eof_function = fixline_ssh_on_eof;
  watch->callbacks.channel_close_function = fixline_ssh_on_close;
  watch->callbacks.channel_signal_function = fixline_ssh_on_signal;
  if (agent_requests) watch->callbacks.channel_auth_agent_req_function = fixline_ssh_on_agent;
  ssh_callbacks_init(&watch->callbacks);
  if (ssh_set_channel_callbacks(channel, &watch->callbacks) != SSH_OK) {
    free(watch);
    return NULL;
  }
  fixline_ssh_decide_window(channel, watch);
  return watch;
}

static inline void fixline_ssh_unwatch(ssh_channel channel, struct fixline_ssh_watch *watch) {
  ssh_remove_channel_callbacks(channel, &watch->callbacks);
  free(watch);
}

static inline const char *fixline_ssh_watch_signal(const struct fixline_ssh_watch *watch, uint32_t index) {
  return index < watch->signal_count ? watch->signals[index] : NULL;
}

// The largest packet a client takes on a channel, or 0 when it cannot be known. libssh 0.10 takes ten bytes off it before it
// divides by it: a client that says 10 makes ssh_channel_write queue empty packets until 256 MiB are full, and nothing in the
// public interface tells. 0.11 has neither the subtraction nor the need to look. That the beginning is laid out as known is
// checked by the one neighbour the public interface does tell; where it is not, nothing is concluded.
static inline uint32_t fixline_ssh_channel_packet_bytes(ssh_channel channel) {
  struct fixline_ssh_channel_head head;
  if (ssh_version(SSH_VERSION_INT(0, 11, 0)) != NULL) return 0;
  memcpy(&head, (const void *)channel, sizeof(head));
  return head.remote_window == ssh_channel_window_size(channel) ? head.remote_maxpacket : 0;
}

// A thread that nobody joins, with all signals blocked: they are for the main thread. 0, or an errno value.
static inline int fixline_ssh_start_thread(size_t stack_bytes, void *(*body)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t all, before;
  int result = pthread_attr_init(&attributes);
  if (result != 0) return result;
  result = pthread_attr_setstacksize(&attributes, stack_bytes);
  if (result == 0) result = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (result == 0) {
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    result = pthread_create(&thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  pthread_attr_destroy(&attributes);
  return result;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline ssh_key fixline_ssh_auth_key(ssh_message message) { return ssh_message_auth_pubkey(message); }
static inline int fixline_ssh_auth_key_state(ssh_message message) {
  return (int)ssh_message_auth_publickey_state(message);
}
static inline const char *fixline_ssh_pty_term(ssh_message message) {
  return ssh_message_channel_request_pty_term(message);
}
static inline int fixline_ssh_pty_columns(ssh_message message) { return ssh_message_channel_request_pty_width(message); }
static inline int fixline_ssh_pty_rows(ssh_message message) { return ssh_message_channel_request_pty_height(message); }
static inline int fixline_ssh_pty_width_pixels(ssh_message message) {
  return ssh_message_channel_request_pty_pxwidth(message);
}
static inline int fixline_ssh_pty_height_pixels(ssh_message message) {
  return ssh_message_channel_request_pty_pxheight(message);
}
#pragma GCC diagnostic pop

static inline int fixline_ssh_bind_set_text(ssh_bind bind, enum ssh_bind_options_e option, const char *value) {
  return ssh_bind_options_set(bind, option, value);
}
// No file of the system may change what the front door offers.
static inline int fixline_ssh_bind_ignore_system_configuration(ssh_bind bind) {
  bool process = false;
  return ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &process);
}
static inline int fixline_ssh_bind_set_minimum_rsa_bits(ssh_bind bind, unsigned int bits) {
  return ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &bits);
}
// The bind owns the key afterwards, unless this fails.
static inline int fixline_ssh_bind_give_key(ssh_bind bind, ssh_key key) {
  return ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
}

#endif
