import Glibc

/// poll(2) for two descriptors: a socket and a `Wake`.
enum PollWait {
  /// What may be done with the socket without waiting.
  struct Readiness {
    var socketReadable = false
    var socketWritable = false
    var woken = false
    /// The kernel could not be asked.
    var failed = false
  }

  /// Waits for the socket to become readable or writable, as wished, or to break, for the wake, or for the time to pass (nil: no limit).
  static func wait(
    socket: CInt, reading: Bool, writing: Bool, wake: Wake, milliseconds: Int64?
  ) -> Readiness {
    let wished = (reading ? POLLIN : 0) | (writing ? POLLOUT : 0)
    var slots = [
      pollfd(fd: socket, events: Int16(wished), revents: 0),
      pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let timeout = milliseconds.map { CInt(clamping: max(0, $0)) } ?? -1
    let count = unsafe poll(&slots, nfds_t(slots.count), timeout)
    guard count >= 0 else { return Readiness(failed: errno != EINTR) }
    let socketEvents = CInt(slots[0].revents)
    let broken = socketEvents & (POLLERR | POLLHUP | POLLNVAL) != 0
    return Readiness(
      socketReadable: socketEvents & POLLIN != 0 || broken, socketWritable: socketEvents & POLLOUT != 0 || broken,
      woken: slots[1].revents != 0, failed: false)
  }
}
