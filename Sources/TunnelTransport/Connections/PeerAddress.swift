import NIOCore

/// A peer's address as it is shown, and as it is counted.
struct PeerAddress: Hashable {
  /// Numeric, without port; IPv4 also for an IPv4 address that came by an IPv6 socket.
  let text: String
  /// Whom connections are counted against: the address, or the first 64 bits of an IPv6 address.
  let network: String

  init(_ address: SocketAddress?) {
    guard let address, let ip = address.ipAddress else {
      text = "local"
      network = "local"
      return
    }
    let mapped = "::ffff:"
    if ip.hasPrefix(mapped), ip.contains(".") {
      text = String(ip.dropFirst(mapped.count))
      network = text
    } else if ip.contains(":") {
      text = ip
      network = Self.first64Bits(of: ip)
    } else {
      text = ip
      network = ip
    }
  }

  /// The first four groups of an IPv6 address as `inet_ntop` writes it, with `::` spelled out.
  static func first64Bits(of address: String) -> String {
    let plain = address.prefix { $0 != "%" }
    let halves = plain.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    let head = halves[0].split(separator: ":").map(String.init)
    let tail = halves.count > 1 ? halves[1].split(separator: ":").map(String.init) : []
    let zeros = halves.count > 1 ? [String](repeating: "0", count: max(0, 8 - head.count - tail.count)) : []
    return (head + zeros + tail).prefix(4).joined(separator: ":") + "::/64"
  }
}
