import Glibc
import NIOCore
import Synchronization

/// SIGINT, SIGTERM and SIGHUP, each as one call on the event loop.
///
/// A signal handler may do next to nothing. This one shuts down a socket that nobody talks to, which is one system call
/// on an integer; the loop sees the socket's end of file. SIGPIPE is ignored, and so is SIGTSTP: an agent stopped by
/// Ctrl+Z would leave a technician's programs running unwatched.
final class StopSignals {
  /// What the handler shuts down; -1 while there is nothing to tell.
  private static let bell = Atomic<CInt>(-1)

  private let loop: any EventLoop
  private let received: () -> Void
  private var watch: DescriptorWatch?

  /// Starts to listen. To be called on `loop`, once in a program.
  init(on loop: any EventLoop, received: @escaping () -> Void) {
    self.loop = loop
    self.received = received
    arm()
    for number in [SIGINT, SIGTERM, SIGHUP] {
      _ = signal(number) { _ in
        let socket = StopSignals.bell.exchange(-1, ordering: .acquiringAndReleasing)
        if socket >= 0 { shutdown(socket, CInt(SHUT_RDWR)) }
      }
    }
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGTSTP, SIG_IGN)
  }

  private func arm() {
    let socket = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    watch = DescriptorWatch(socket, on: loop) { [weak self] in
      close(socket)
      self?.arm()
      self?.received()
    }
    Self.bell.store(socket, ordering: .releasing)
  }
}
