import Glibc
import SessionModel

/// An address to listen on, as the command line writes it: `HOST:PORT`, `[V6]:PORT`; port 0 picks a free one.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A numeric address.
  public let host: String
  /// 0 to 65,535; 0 picks a free one.
  public let port: Int

  /// The address, or nil when `text` is not `HOST:PORT` with a numeric host.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    var four = in_addr()
    var six = in6_addr()
    guard unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1 else { return nil }
    self.host = host
    self.port = Int(port)
  }

  /// An address by its parts.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// `HOST:PORT`, brackets around IPv6.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A listening TCP socket that is handed to the SSH front door, which accepts on it.
enum ListeningSocket {
  /// Connections the kernel holds ready while the front door is busy.
  static let backlog: Int32 = 128

  /// Opens the socket and tells the address it got.
  static func open(_ address: ListenAddress) throws(RelayFailure) -> (descriptor: Int32, bound: ListenAddress) {
    let isSix = address.host.contains(":")
    let descriptor = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(address) }
    var one: Int32 = 1
    var zero: Int32 = 0
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
    // "[::]" means everywhere: IPv4 comes in through the same socket.
    if isSix { unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &zero, size) }
    guard bindSocket(descriptor, address, isSix: isSix) == 0, listen(descriptor, backlog) == 0 else {
      let error = failure(address)
      close(descriptor)
      throw error
    }
    return (descriptor, ListenAddress(host: address.host, port: boundPort(descriptor, isSix: isSix)))
  }

  private static func bindSocket(_ descriptor: Int32, _ address: ListenAddress, isSix: Bool) -> Int32 {
    let port = in_port_t(UInt16(address.port).bigEndian)
    if isSix {
      var storage = sockaddr_in6()
      storage.sin6_family = sa_family_t(AF_INET6)
      storage.sin6_port = port
      unsafe inet_pton(AF_INET6, address.host, &storage.sin6_addr)
      return unsafe withUnsafePointer(to: &storage) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var storage = sockaddr_in()
    storage.sin_family = sa_family_t(AF_INET)
    storage.sin_port = port
    unsafe inet_pton(AF_INET, address.host, &storage.sin_addr)
    return unsafe withUnsafePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func boundPort(_ descriptor: Int32, isSix: Bool) -> Int {
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = unsafe withUnsafeMutablePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    // The port stands at the same place in both families (RFC 3493, 3.3).
    return result == 0 ? Int(UInt16(bigEndian: storage.sin6_port)) : 0
  }

  private static func failure(_ address: ListenAddress) -> RelayFailure {
    let code = errno
    let why = code == EADDRINUSE ? "the port is taken" : unsafe String(cString: strerror(code)).lowercased()
    return RelayFailure(
      .unavailable, "Cannot listen on \(address): \(why). Choose another address or port (0 picks one).")
  }
}
