import SessionModel

/// A relay the agent has met, and its signing key: one line `HOST:PORT sha256:HEX`.
struct KnownRelay: Hashable, Sendable {
  /// As it was given on the command line.
  var address: String
  /// The SHA-256 of its raw signing key.
  var signingKey: Fingerprint

  init(address: RelayAddress, signingKey: Fingerprint) {
    self.address = address.description
    self.signingKey = signingKey
  }

  /// From a file's text; nil when it is not exactly one such line.
  init?(text: String) {
    let lines = text.split(separator: "\n")
    guard lines.count == 1 else { return nil }
    let parts = lines[0].split(separator: " ")
    guard parts.count == 2, RelayAddress(String(parts[0])) != nil, let key = Fingerprint(String(parts[1])) else {
      return nil
    }
    address = String(parts[0])
    signingKey = key
  }

  /// The file's text.
  var text: String { "\(address) \(signingKey)\n" }
}
