import SessionModel
import Signing

/// The file in the state directory that remembers a relay's signing key: `known-relay` for the first relay met, and
/// `known-relay.HOST:PORT` for any other. Files are only ever created, so a crash leaves all or nothing. Without a
/// directory nothing is remembered.
struct KnownRelayFile: Sendable {
  /// The first relay's file.
  static let name = "known-relay"

  /// Where this relay's key is kept; nil keeps nothing.
  let path: String?
  private(set) var remembered: KnownRelay?
  private let address: RelayAddress

  /// Reads what is remembered of `address`. The error's description is one clear line.
  init(directory: String?, address: RelayAddress) throws(SigningError) {
    self.address = address
    guard let directory else {
      path = nil
      return
    }
    let first = "\(directory)/\(Self.name)"
    let relay = try Self.read(first)
    if relay == nil || relay?.address == address.description {
      path = first
      remembered = relay
      return
    }
    let own = "\(first).\(address)"
    path = own
    remembered = try Self.read(own)
  }

  /// Writes the key down when there is a file and nothing stands in it.
  mutating func remember(_ key: Fingerprint) throws(SigningError) {
    guard let path, remembered == nil else { return }
    let relay = KnownRelay(address: address, signingKey: key)
    guard try PrivateFile.create(path: path, bytes: Array(relay.text.utf8)) else {
      throw .file(path: path, reason: "another agent wrote it just now; give each agent a state directory of its own")
    }
    remembered = relay
  }

  private static func read(_ path: String) throws(SigningError) -> KnownRelay? {
    guard let bytes = try PrivateFile.readIfPresent(path: path) else { return nil }
    guard let relay = KnownRelay(text: String(decoding: bytes, as: UTF8.self)) else {
      throw .file(path: path, reason: "this is not a relay and its key; restore the file or move it away")
    }
    return relay
  }
}
