import COpenSSL
import Glibc
import Signing

/// Whose word is taken for a peer's name.
public enum TrustedAuthorities: Sendable, Hashable {
  /// What the system trusts. A static build knows no distribution, so the usual places are tried, unless `SSL_CERT_FILE`
  /// or `SSL_CERT_DIR` (several directories with colons between them) is set: those replace them all.
  case system
  /// The certificates in this PEM file and no others.
  case file(String)

  /// Files with all authorities: Debian and Alpine, Fedora and its kin, openSUSE, newer Fedora, Alpine's other name.
  static let usualFiles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
  ]
  /// Directories of single authorities under their hashed names.
  static let usualDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]

  /// One place to load from.
  enum Place: Equatable {
    case file(String, setting: String)
    case directory(String, setting: String)
  }

  /// The places to load from, all of them, in order.
  /// - Parameters:
  ///   - environment: looks a variable up; empty counts as not set.
  ///   - isReadable: whether a file or directory is there to be read.
  func places(environment: (String) -> String?, isReadable: (String) -> Bool) -> [Place] {
    if case .file(let path) = self { return [.file(path, setting: "the file of authorities")] }
    let file = environment("SSL_CERT_FILE").flatMap { $0.isEmpty ? nil : $0 }
    let directories = environment("SSL_CERT_DIR")?.split(separator: ":").map(String.init) ?? []
    if file != nil || !directories.isEmpty {
      return (file.map { [.file($0, setting: "SSL_CERT_FILE")] } ?? [])
        + directories.map { .directory($0, setting: "SSL_CERT_DIR") }
    }
    if let usual = Self.usualFiles.first(where: isReadable) { return [.file(usual, setting: "the system's file")] }
    return Self.usualDirectories.filter(isReadable).map { .directory($0, setting: "the system's directory") }
  }

  /// Loads the authorities into `context`, which is borrowed and not yet shared.
  func load(into context: OpaquePointer) throws(TLSError) {
    let places = places(environment: Self.variable, isReadable: { unsafe access($0, R_OK) == 0 })
    if places.isEmpty { throw .noTrustStore(reason: "none of the usual files is there") }
    for place in places {
      switch place {
      case .file(let path, let setting):
        guard unsafe SSL_CTX_load_verify_file(context, path) == 1 else {
          throw .noTrustStore(reason: "\(setting) \(path): \(OpenSSLLibrary.takeError())")
        }
      case .directory(let path, let setting):
        guard unsafe SSL_CTX_load_verify_dir(context, path) == 1 else {
          throw .noTrustStore(reason: "\(setting) \(path): \(OpenSSLLibrary.takeError())")
        }
      }
    }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
