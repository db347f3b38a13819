import CLibSSH
import Glibc

/// An eventfd: wakes a thread that waits in poll(2). Any number of signals before it looks are one.
final class Wake: Sendable {
  /// To be polled for reading.
  let descriptor: CInt

  /// Nil when the process has no descriptors left.
  init?() {
    let descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Wakes the waiter, now or at its next wait.
  func signal() { eventfd_write(descriptor, 1) }

  /// Forgets the signals so far.
  func clear() {
    var count: eventfd_t = 0
    _ = unsafe eventfd_read(descriptor, &count)
  }
}
