import Glibc

/// A DNS name or an IP address in the form certificates and SNI need. Nothing else gets into an extension or a check.
enum HostName: Equatable {
  /// A DNS name: letters, digits, hyphens, dots and underscores, at most 253 characters, no dot at the end.
  case dns(String)
  /// An IPv4 or IPv6 address without brackets or zone.
  case address(String)

  /// Longest DNS name, in characters.
  static let maximumLength = 253

  /// Reads a host as people write it; `[::1]`, `fe80::1%eth0` and a dot at the end are understood.
  init(_ text: String) throws(TLSError) {
    var name = text
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    if let zone = name.firstIndex(of: "%"), name.contains(":") { name = String(name[..<zone]) }
    if Self.isAddress(name) {
      self = .address(name)
      return
    }
    if name.hasSuffix(".") { name = String(name.dropLast()) }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName =
      !name.isEmpty && name.utf8.count <= Self.maximumLength
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(Self.isNameByte)
      }
    guard isName else { throw .invalidName(text) }
    self = .dns(name)
  }

  /// As it stands in a subjectAltName of OpenSSL's configuration syntax. The check in `init` keeps commas out.
  var alternativeName: String {
    switch self {
    case .dns(let name): "DNS:\(name)"
    case .address(let address): "IP:\(address)"
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isAddress(_ text: String) -> Bool {
    var room = in6_addr()
    return unsafe inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
  }
}
