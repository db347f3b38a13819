import Glibc
import Synchronization

/// What a child has written to one of its descriptors so far.
final class Capture: Sendable {
  /// Bytes kept; a test that means to move more sends them through a file or a digest.
  static let keptBytes = 64 << 20

  private struct State {
    var bytes: [UInt8] = []
    var total = 0
    var ended = false
  }

  private let state = Mutex(State())

  /// Everything kept.
  var bytes: [UInt8] { state.withLock { $0.bytes } }
  /// Everything kept, as text; what is not UTF-8 becomes U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Bytes written, kept or not.
  var total: Int { state.withLock { $0.total } }
  /// Whether every holder of the other end has closed it.
  var ended: Bool { state.withLock { $0.ended } }

  /// Reads `descriptor` to its end on a thread of its own, and closes it.
  func read(from descriptor: CInt) {
    detach {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        // A terminal whose last holder has gone reads as EIO.
        guard count > 0 else { break }
        self.append(buffer[0..<count])
      }
      close(descriptor)
      self.end()
    }
  }

  /// Nothing will come.
  func end() {
    state.withLock { $0.ended = true }
    Bell.ring()
  }

  private func append(_ bytes: ArraySlice<UInt8>) {
    state.withLock {
      $0.total += bytes.count
      if $0.bytes.count < Self.keptBytes { $0.bytes += bytes }
    }
    Bell.ring()
  }
}
