public import SessionModel

/// The relay's Ed25519 identity towards technicians.
public struct HostKey: Sendable {
  /// The largest key file read, in bytes.
  public static let maximumFileBytes = 16_384

  /// The public half.
  public let publicKey: SSHPublicKey
  /// The private half in OpenSSH's format, as it stands in the file. Each connection's thread reads it anew, so that no libssh
  /// object is ever shared between threads.
  let privateText: String

  /// The SHA-256 of the public key's wire form.
  public var fingerprint: Fingerprint { publicKey.fingerprint }
  /// The fingerprint as `ssh` shows it: `SHA256:` and base 64 without padding.
  public var display: String { publicKey.display }

  /// Reads the key file, or makes a new key when there is none: mode 0600, complete or not there at all. A file that others
  /// may read, or that holds anything but an unencrypted Ed25519 key, is refused.
  public static func loadOrCreate(path: String) throws(SSHFrontDoorError) -> HostKey {
    try HostKeyFile.loadOrCreate(path: path)
  }
}
