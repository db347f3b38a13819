import Glibc

/// A TCP connection in the test's own hands, without anything above it.
final class PlainSocket {
  /// How reading ended.
  enum End: Equatable { case ended, reset, stillOpen }

  private let descriptor: CInt

  /// Connects to a port of 127.0.0.1.
  init(to port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, length) }
    }
    guard descriptor >= 0, result == 0 else { throw Failure("no connection to \(port): errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// Sends all of it, waiting where nobody reads. Returns false when the connection has ended.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sends no more.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads until there are `count` bytes, the connection ends, or nothing comes for `limit` milliseconds.
  func read(_ count: Int = .max, quietFor limit: CInt = 10_000) -> (bytes: [UInt8], end: End) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < count {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, limit) > 0 else { return (bytes, .stillOpen) }
      let got = unsafe recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
      if got < 0, errno == EINTR { continue }
      if got == 0 { return (bytes, .ended) }
      if got < 0 { return (bytes, .reset) }
      bytes += buffer[0..<got]
    }
    return (bytes, .stillOpen)
  }
}
