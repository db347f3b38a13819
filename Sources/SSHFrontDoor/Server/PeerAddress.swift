import Glibc

/// Where a connection comes from.
struct PeerAddress {
  /// Numeric, an IPv4 address in IPv6 clothing written as IPv4.
  let text: String
  /// What the limits per address count by: the IPv4 address, or the /64 an IPv6 address is in, since one customer has all of that.
  let limitKey: [UInt8]

  /// The peer of a connected socket.
  init(ofSocket descriptor: CInt) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let family = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getpeername(descriptor, address, &length) == 0 ? CInt(address.pointee.sa_family) : -1
      }
    }
    let raw = unsafe withUnsafeBytes(of: storage) { unsafe Array($0) }
    switch family {
    case AF_INET:
      // struct sockaddr_in: family (2), port (2), address (4).
      self.init(bytes: Array(raw[4..<8]))
    case AF_INET6:
      // struct sockaddr_in6: family (2), port (2), flow (4), address (16).
      let bytes = Array(raw[8..<24])
      let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
      self.init(bytes: Array(bytes[0..<12]) == mapped ? Array(bytes[12..<16]) : bytes)
    default:
      self.init(bytes: [])
    }
  }

  /// From 4 bytes, 16 bytes, or none for what has no address.
  init(bytes: [UInt8]) {
    switch bytes.count {
    case 4:
      text = bytes.map { String($0) }.joined(separator: ".")
      limitKey = bytes
    case 16:
      var characters = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      let written = unsafe inet_ntop(AF_INET6, bytes, &characters, socklen_t(characters.count)) != nil
      let digits = characters.prefix(while: { $0 != 0 }).map { UInt8(bitPattern: $0) }
      text = written ? String(decoding: digits, as: UTF8.self) : "unknown"
      limitKey = Array(bytes.prefix(8))
    default:
      text = "local"
      limitKey = []
    }
  }
}
