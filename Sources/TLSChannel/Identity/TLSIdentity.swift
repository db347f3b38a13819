import COpenSSL
public import SessionModel
public import Signing

/// A certificate (with its chain) and its private key: who one side is. Copies share the same OpenSSL objects.
public struct TLSIdentity: Sendable {
  /// The certificate first, then what leads from it to a known authority.
  let chain: [CertificateHandle]
  /// The private key of the first certificate.
  let key: KeyHandle
  /// SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): for a relay the pin, for an agent its identity.
  public let spki: Fingerprint

  init(chain: [CertificateHandle], key: KeyHandle) throws(TLSError) {
    guard let leaf = chain.first, let spki = leaf.spki else { throw .library("the certificate has no usable key") }
    self.chain = chain
    self.key = key
    self.spki = spki
  }

  /// The private key as a signing key when it is Ed25519, as every agent's is; nil otherwise. Consents and checkpoints
  /// are signed with it.
  public var signingKey: Ed25519PrivateKey? {
    key.isEd25519 ? try? Ed25519PrivateKey(handle: key) : nil
  }

  /// File name of a relay's private key in its state directory.
  public static let relayKeyFile = "tls.key"
  /// File name of a relay's certificate in its state directory.
  public static let relayCertificateFile = "tls.crt"
  /// File name of an agent's private key in its state directory.
  public static let agentKeyFile = "agent.key"

  /// A relay's own ECDSA P-256 identity, made on first use: `tls.key` (0600) and `tls.crt` in `directory` (created with
  /// 0700). A missing certificate is made anew from the key, which keeps the pin; a missing key is never replaced
  /// silently, since every pinned agent would then refuse the relay.
  /// - Parameter hostName: the DNS name or IP address the certificate is for.
  public static func loadOrCreateRelay(directory: String, hostName: String) throws(TLSError) -> TLSIdentity {
    let host = try HostName(hostName)
    let keyPath = directory + "/" + relayKeyFile
    let certificatePath = directory + "/" + relayCertificateFile
    if try mapped(keyPath, { () throws(SigningError) in try PrivateFile.readIfPresent(path: keyPath) }) == nil {
      let orphan = try mapped(certificatePath) { () throws(SigningError) in
        try PrivateFile.readPublicIfPresent(path: certificatePath)
      }
      guard orphan == nil else {
        throw .keyFile(
          path: keyPath,
          reason: "missing, while \(relayCertificateFile) is there: restore it, or remove both for a new identity")
      }
      _ = try mapped(keyPath) { () throws(SigningError) in
        try PrivateFile.create(path: keyPath, bytes: KeyHandle.generateP256().pem())
      }
    }
    let key = try loadKey(keyPath, followsLinks: false)
    if try mapped(
      certificatePath, { () throws(SigningError) in try PrivateFile.readPublicIfPresent(path: certificatePath) }) == nil
    {
      let pem = try CertificateMaker.selfSigned(key: key, usage: .server(host)).pem()
      _ = try mapped(certificatePath) { () throws(SigningError) in
        try PrivateFile.create(path: certificatePath, bytes: pem, mode: 0o644)
      }
    }
    return try load(certificatePath: certificatePath, keyPath: keyPath, key: key)
  }

  /// An agent's Ed25519 identity. The key is kept as `agent.key` (0600) in `directory`, or in memory only when that is
  /// nil; the certificate around it is made anew each time and means nothing.
  public static func loadOrCreateAgent(directory: String?) throws(TLSError) -> TLSIdentity {
    let key: Ed25519PrivateKey
    if let directory {
      let path = directory + "/" + agentKeyFile
      key = try mapped(path) { () throws(SigningError) in try KeyFile.loadOrCreateEd25519(path: path) }
    } else {
      key = try mapped(agentKeyFile) { () throws(SigningError) in try Ed25519PrivateKey.generate() }
    }
    return try TLSIdentity(
      chain: [CertificateMaker.selfSigned(key: key.handle, usage: .client)], key: key.handle)
  }

  /// The operator's own certificate: a PEM file with the certificate first and its chain after it, and a PEM file with
  /// the private key (ECDSA, Ed25519 or RSA of at least 2,048 bits) that only its owner can read.
  public static func load(certificateFile: String, keyFile: String) throws(TLSError) -> TLSIdentity {
    try load(certificatePath: certificateFile, keyPath: keyFile, key: loadKey(keyFile, followsLinks: true))
  }

  private static func load(
    certificatePath: String, keyPath: String, key: KeyHandle
  ) throws(TLSError) -> TLSIdentity {
    let pem = try mapped(certificatePath) { () throws(SigningError) in
      try PrivateFile.readPublicIfPresent(path: certificatePath)
    }
    guard let pem else { throw .certificateFile(path: certificatePath, reason: "there is no such file") }
    guard let chain = CertificateHandle.chain(pem: pem), let leaf = chain.first else {
      throw .certificateFile(path: certificatePath, reason: "this is not a certificate in PEM form")
    }
    guard unsafe X509_check_private_key(leaf.pointer, key.pointer) == 1 else {
      ERR_clear_error()
      throw .certificateFile(path: certificatePath, reason: "the key in \(keyPath) belongs to another certificate")
    }
    return try TLSIdentity(chain: chain, key: key)
  }

  private static func loadKey(_ path: String, followsLinks: Bool) throws(TLSError) -> KeyHandle {
    let pem = try mapped(path) { () throws(SigningError) in
      try PrivateFile.readIfPresent(path: path, followsLinks: followsLinks)
    }
    guard let pem else { throw .keyFile(path: path, reason: "there is no such file") }
    guard let key = KeyHandle(pem: pem) else {
      throw .keyFile(path: path, reason: "this is not a private key in PEM form without passphrase")
    }
    return key
  }

  private static func mapped<Value>(
    _ path: String, _ body: () throws(SigningError) -> Value
  ) throws(TLSError) -> Value {
    do throws(SigningError) {
      return try body()
    } catch {
      switch error {
      case .file(let path, let reason):
        throw path.hasSuffix(".crt")
          ? .certificateFile(path: path, reason: reason) : .keyFile(path: path, reason: reason)
      case .malformedKey(let reason): throw .keyFile(path: path, reason: reason)
      case .library(let reason): throw .library(reason)
      }
    }
  }
}
