import NIOCore

/// Whom a technician's client wants to be connected with: checked text, and a port that exists.
struct ForwardTarget: Hashable, Sendable {
  /// Longest host, in bytes: what a domain name may have (RFC 1035 section 2.3.4).
  static let maximumHostBytes = 255
  /// Longest name of a network interface, in bytes: IFNAMSIZ without its NUL.
  static let maximumZoneBytes = 15

  /// Why a host or a port is none. Each is one line for people; what was sent is not repeated in it.
  enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case noHost
    case tooLong
    case badCharacter
    case notASCII
    case badBrackets
    case noPort

    var description: String {
      switch self {
      case .noHost: "there is no host to connect to: name one"
      case .tooLong: "the host name has more than \(ForwardTarget.maximumHostBytes) bytes: no host name has"
      case .badCharacter: "the host name has a space or a control character in it: no host name has"
      case .notASCII: "the host name has letters outside ASCII: write it in its xn-- form"
      case .badBrackets: "only an IPv6 address stands in brackets"
      case .noPort: "port 0 is no port to connect to"
      }
    }
  }

  /// A name or an address, without brackets: printable ASCII.
  let host: String
  let port: UInt16
  /// The address, when `host` is one: it needs no look-up.
  let address: SocketAddress?

  init(host: String, port: UInt16) throws(Fault) {
    if host.isEmpty { throw .noHost }
    if host.utf8.count > Self.maximumHostBytes { throw .tooLong }
    for byte in host.utf8 {
      if byte <= 0x20 || byte == 0x7f { throw .badCharacter }
      if byte >= 0x80 { throw .notASCII }
    }
    if port == 0 { throw .noPort }
    self.port = port
    if host.utf8.first == UInt8(ascii: "[") {
      let inner = host.dropFirst().dropLast()
      guard host.utf8.last == UInt8(ascii: "]"), inner.contains(":"),
        let address = try? SocketAddress(ipAddress: String(inner), port: Int(port))
      else { throw .badBrackets }
      self.host = String(inner)
      self.address = address
    } else {
      self.host = host
      address = try? SocketAddress(ipAddress: host, port: Int(port))
    }
  }

  /// As people write it: `printer.lan:80`, `[2001:db8::1]:80`.
  var text: String { Self.text(host, port: port) }

  private static func text(_ host: String, port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// `address` and its port as people write them, at most 63 bytes. The zone of a link-local address is shown as it was
  /// asked for, when it can be an interface's name.
  func dialled(_ address: SocketAddress) -> String {
    var text = address.ipAddress ?? host
    if address == self.address, let percent = host.firstIndex(of: "%"),
      host[percent...].utf8.count <= 1 + Self.maximumZoneBytes
    {
      text += host[percent...]
    }
    return Self.text(text, port: UInt16(clamping: address.port ?? Int(port)))
  }
}
