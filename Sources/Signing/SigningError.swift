/// What can be wrong with a key or the file it lies in. The description is one line for the person who can mend it.
public enum SigningError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or its directory cannot be used; `reason` says why and what to do.
  case file(path: String, reason: String)
  /// The bytes are no Ed25519 private key in the form expected.
  case malformedKey(String)
  /// libcrypto refused; its own words.
  case library(String)

  /// One clear line.
  public var description: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .malformedKey(let reason): "not an Ed25519 private key: \(reason)"
    case .library(let reason): "libcrypto failed: \(reason)"
    }
  }
}
