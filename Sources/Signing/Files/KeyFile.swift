/// Keys kept in a state directory.
public enum KeyFile {
  /// The Ed25519 key at `path` (PKCS#8 PEM), made on first use. The file has mode 0600 and appears whole or not at all;
  /// when two processes create it at once, both end up with the same key. A missing directory is created with mode 0700.
  ///
  /// Refused: a file that group or others may read, one that belongs to somebody else, anything but a regular file, a
  /// directory others may write to, a file without an Ed25519 key.
  public static func loadOrCreateEd25519(path: String) throws(SigningError) -> Ed25519PrivateKey {
    if let existing = try PrivateFile.readIfPresent(path: path) {
      return try parse(existing, path: path)
    }
    let created = try Ed25519PrivateKey.generate()
    if try PrivateFile.create(path: path, bytes: created.pem()) { return created }
    guard let winner = try PrivateFile.readIfPresent(path: path) else {
      throw .file(path: path, reason: "somebody else creates and removes this file; stop that and try again")
    }
    return try parse(winner, path: path)
  }

  private static func parse(_ bytes: [UInt8], path: String) throws(SigningError) -> Ed25519PrivateKey {
    guard let key = try? Ed25519PrivateKey(pem: bytes) else {
      throw .file(path: path, reason: "this is not an Ed25519 private key in PEM form; restore it or move it away")
    }
    return key
  }
}
