import Glibc
public import NIOCore

/// Looks a host name up with what the computer has for it: the hosts file, then the name servers. Blocks for as long as
/// they take: to be called on a thread that has nothing else to do.
public enum NameLookup {
  /// Why a name has no addresses.
  public struct Failure: Error, Hashable, Sendable {
    /// What getaddrinfo returned, an `EAI_` number.
    public let code: Int32
    /// A failure with this number.
    public init(code: Int32) { self.code = code }
  }

  /// The addresses of `host`, in the order of RFC 6724 that getaddrinfo puts them in, with `port`.
  /// - Parameters:
  ///   - host: a name, or an address as text; without NUL.
  ///   - limit: how many are wanted at most; the rest is not looked at.
  public static func addresses(of host: String, port: UInt16, limit: Int) throws(Failure) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    unsafe hints.ai_protocol = CInt(IPPROTO_TCP)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else { throw Failure(code: code) }
    defer { unsafe freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next, found.count < limit {
      if let address = unsafe address(entry.pointee) { found.append(address) }
      unsafe next = entry.pointee.ai_next
    }
    return found
  }

  /// Nil for a family that is neither IPv4 nor IPv6, or an entry too short for its family.
  private static func address(_ entry: addrinfo) -> SocketAddress? {
    guard let bytes = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
    let length = unsafe Int(entry.ai_addrlen)
    switch unsafe entry.ai_family {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      return unsafe SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      return unsafe SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }
}
