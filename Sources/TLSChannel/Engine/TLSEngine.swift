import COpenSSL
import NIOCore
import SessionModel
import Signing

/// One TLS connection without any I/O: cipher text in and out through ``WireBuffers``, plain text through `read` and
/// `write`. Not Sendable: it belongs to one channel's event loop.
///
/// Who owns what:
/// ```
/// TLSHandler ─▶ TLSEngine ──owns──▶ SSL ──reference──▶ SSL_CTX ◀──reference── ContextHandle ◀─ TLSConfiguration
///                 │  │               │ ──owns──▶ BIO (both ways) ┄┄unretained┄┄▶ WireBuffers
///                 │  │               └┄┄ app data, unretained ┄┄▶ HandshakeRecord
///                 │  └──retains──▶ WireBuffers, HandshakeRecord
///                 └──retains──▶ ContextHandle
/// SSL_CTX ──references──▶ X509 chain, EVP_PKEY ◀──references── CertificateHandle, KeyHandle ◀─ TLSIdentity
/// ```
/// `deinit` frees the `SSL` (and with it the BIO) before Swift lets go of the objects the dotted pointers lead to.
@safe final class TLSEngine {
  /// What came of a step of the handshake.
  enum HandshakeStep {
    case done
    case needsInput
    case failed(TLSError)
  }

  /// What came of reading.
  enum ReadStep {
    /// There is more, but no room for it.
    case full
    /// Everything that had arrived is decrypted.
    case needsInput
    /// The peer sent close_notify: nothing follows.
    case closedByPeer
    case failed(TLSError)
  }

  private let ssl: OpaquePointer
  private let configuration: TLSConfiguration
  private let record: HandshakeRecord
  /// Cipher text on its way.
  let wire = WireBuffers()
  private var isConnected = false
  /// Whether the peer has ended the connection with an alert: it neither says nor reads anything more.
  private(set) var isEndedByPeer = false

  init(configuration: TLSConfiguration) throws(TLSError) {
    self.configuration = configuration
    record = HandshakeRecord(verification: configuration.verification)
    guard let ssl = unsafe SSL_new(configuration.context.pointer) else { throw .library(OpenSSLLibrary.takeError()) }
    unsafe self.ssl = ssl
    guard let bio = unsafe BufferBIO.make(wire) else { throw .library(OpenSSLLibrary.takeError()) }
    // One BIO for both directions: SSL_set_bio(3) takes over exactly the one reference made above.
    unsafe SSL_set_bio(ssl, bio, bio)
    guard unsafe fixline_ssl_set_app_data(ssl, Unmanaged.passUnretained(record).toOpaque()) == 1 else {
      throw .library(OpenSSLLibrary.takeError())
    }
    switch configuration.role {
    case .server: unsafe SSL_set_accept_state(ssl)
    case .client:
      unsafe SSL_set_connect_state(ssl)
      if let name = configuration.serverName, unsafe fixline_ssl_set_tlsext_host_name(ssl, name) != 1 {
        throw .library(OpenSSLLibrary.takeError())
      }
    }
  }

  deinit { unsafe SSL_free(ssl) }

  /// Whether this side connected to the other.
  var isClient: Bool { configuration.role == .client }

  /// Goes on with the handshake as far as what arrived allows.
  func handshake() -> HandshakeStep {
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(ssl)
    if result == 1 {
      guard hasChosenProtocol else { return .failed(.wrongProtocol) }
      isConnected = true
      return .done
    }
    switch unsafe SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .needsInput
    default: return .failed(takeFailure())
    }
  }

  /// A client's server may ignore ALPN; a server has refused in ``ServerChoice`` already.
  private var hasChosenProtocol: Bool {
    var data: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &data, &count)
    return unsafe UnsafeBufferPointer(start: data, count: Int(count))
      .elementsEqual(TLSLimits.applicationProtocol.utf8)
  }

  /// The peer's identity; nil before the handshake is done, or when it showed no certificate.
  var peer: TLSPeer? {
    guard isConnected, let certificate = unsafe SSL_get0_peer_certificate(ssl),
      let spki = unsafe CertificateHandle.spki(of: certificate)
    else { return nil }
    return unsafe TLSPeer(spki: spki, ed25519PublicKey: CertificateHandle.ed25519PublicKey(of: certificate))
  }

  /// Bytes of a record that are decrypted already but did not fit the last buffer given to ``read(into:)``.
  var decryptedBytes: Int { Int(unsafe SSL_pending(ssl)) }

  /// Whether ``read(into:)`` has anything to work on.
  var hasArrivals: Bool { wire.inbound.readableBytes > 0 || decryptedBytes > 0 }

  /// Decrypts what has arrived into the room `plain` has left.
  func read(into plain: inout ByteBuffer) -> ReadStep {
    while hasArrivals {
      if plain.writableBytes == 0 { return .full }
      ERR_clear_error()
      let count = unsafe plain.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { room in
        var count = 0
        let result = unsafe SSL_read_ex(ssl, room.baseAddress, room.count, &count)
        return result == 1 ? count : 0
      }
      if count > 0 { continue }
      switch unsafe SSL_get_error(ssl, 0) {
      case SSL_ERROR_WANT_READ: return .needsInput
      case SSL_ERROR_ZERO_RETURN: return .closedByPeer
      default: return .failed(takeFailure())
      }
    }
    return .needsInput
  }

  /// Encrypts `bytes` into the outgoing cipher text, as records of up to ``TLSLimits/recordBytes``.
  func write(_ bytes: ByteBufferView) throws(TLSError) {
    var rest = bytes
    while !rest.isEmpty {
      ERR_clear_error()
      var count = 0
      let result = unsafe rest.withUnsafeBytes { unsafe SSL_write_ex(ssl, $0.baseAddress, $0.count, &count) }
      // The BIO takes everything at once, so anything but progress is a failure.
      guard result == 1, count > 0 else { throw takeFailure() }
      rest = rest.dropFirst(count)
    }
  }

  /// Puts close_notify into the outgoing cipher text.
  func shutdown() {
    ERR_clear_error()
    unsafe SSL_shutdown(ssl)
    ERR_clear_error()
  }

  /// Keying material bound to this connection (RFC 8446 section 7.5); both sides get the same bytes.
  func exportKeyingMaterial(label: String, context: [UInt8], length: Int) throws(TLSError) -> [UInt8] {
    guard isConnected else { throw .notConnected }
    var material = [UInt8](repeating: 0, count: length)
    let labelBytes = label.utf8.map { CChar(bitPattern: $0) }
    let ok = unsafe SSL_export_keying_material(
      ssl, &material, length, labelBytes, labelBytes.count, context, context.count, 1)
    guard ok == 1 else { throw .library(OpenSSLLibrary.takeError()) }
    return material
  }

  /// The reason of the failure just reported, as a callback or OpenSSL's error queue tells it.
  private func takeFailure() -> TLSError {
    let code = ERR_get_error()
    ERR_clear_error()
    if let refusal = record.refusal { return refusal }
    isEndedByPeer = FailureReason.isAlert(code)
    return FailureReason.error(code: code)
  }
}
