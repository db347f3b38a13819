import COpenSSL
import Signing

/// Everything two sides of a connection must agree on, and who this side is. Made once and shared by all connections:
/// it holds an `SSL_CTX` with the certificate, the key and, for clients, the trusted authorities.
public struct TLSConfiguration: Sendable {
  /// Which part this side takes in the handshake.
  enum Role { case client, server }

  let role: Role
  let context: ContextHandle
  let verification: PeerVerification
  /// The name sent in the clear (SNI, RFC 6066 section 3); never an address.
  let serverName: String?

  /// For a side that connects.
  /// - Parameters:
  ///   - identity: what this side shows when it is asked, as relays do; nil shows nothing.
  ///   - authorities: who is believed about a name; plays no part with a pin.
  ///   - serverName: the host connected to; it is sent as SNI unless it is an IP address. nil sends none.
  /// - Throws: ``TLSError/invalidName(_:)``, ``TLSError/noTrustStore(reason:)``, or what OpenSSL says of the identity.
  public static func client(
    identity: TLSIdentity?, verification: PeerVerification, serverName: String?,
    authorities: TrustedAuthorities = .system
  ) throws(TLSError) -> TLSConfiguration {
    let context = try ContextHandle(identity: identity, verification: verification, authorities: authorities)
    var sent: String?
    if let serverName, case .dns(let name) = try HostName(serverName) { sent = name }
    return TLSConfiguration(role: .client, context: context, verification: verification, serverName: sent)
  }

  /// For a side that is connected to: it demands a certificate with an Ed25519 key of everybody.
  /// - Throws: what OpenSSL says of the identity.
  public static func server(identity: TLSIdentity) throws(TLSError) -> TLSConfiguration {
    let context = try ContextHandle(identity: identity, verification: .anyCertificate, authorities: .system)
    return TLSConfiguration(role: .server, context: context, verification: .anyCertificate, serverName: nil)
  }
}

/// Owns one reference to an `SSL_CTX`, made and set up in `init`, given back in `deinit`. Every `SSL` made from it holds
/// a reference of its own; so do the certificate and the key it was given.
///
/// Proof: nothing changes the context after `init`; `SSL_new` and handshakes only read it, count its
/// references atomically and take its lock where they must (SSL_CTX_new(3), openssl-threads(7)).
@safe final class ContextHandle: @unchecked Sendable {
  /// The context. Valid as long as this handle lives.
  let pointer: OpaquePointer

  init(
    identity: TLSIdentity?, verification: PeerVerification, authorities: TrustedAuthorities
  ) throws(TLSError) {
    guard OpenSSLLibrary.isReady, let context = unsafe SSL_CTX_new(TLS_method()) else {
      throw .library(OpenSSLLibrary.takeError())
    }
    unsafe pointer = context
    try setProtocol()
    if let identity { try use(identity) }
    try set(verification, authorities)
  }

  deinit { unsafe SSL_CTX_free(pointer) }

  /// TLS 1.3 and nothing else; no tickets, no resumption, no early data; small idle connections.
  private func setProtocol() throws(TLSError) {
    unsafe SSL_CTX_set_security_level(pointer, 2)
    let protocols = [UInt8(TLSLimits.applicationProtocol.utf8.count)] + Array(TLSLimits.applicationProtocol.utf8)
    var ok = unsafe fixline_ctx_set_min_proto_version(pointer, TLS1_3_VERSION) == 1
    ok = unsafe fixline_ctx_set_max_proto_version(pointer, TLS1_3_VERSION) == 1 && ok
    // 128 bits first: it is a third faster than 256, and nothing here outlives it.
    let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    ok = unsafe SSL_CTX_set_ciphersuites(pointer, suites) == 1 && ok
    ok = unsafe fixline_ctx_set1_groups_list(pointer, "X25519:P-256") == 1 && ok
    ok = unsafe SSL_CTX_set_num_tickets(pointer, 0) == 1 && ok
    ok = unsafe SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count)) == 0 && ok  // 0 is success here
    guard ok else { throw .library(OpenSSLLibrary.takeError()) }
    unsafe fixline_ctx_set_plain_options(pointer)
    unsafe fixline_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    unsafe fixline_ctx_set_max_cert_list(pointer, TLSLimits.certificateListBytes)
    let modes =
      SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE
      | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    unsafe fixline_ctx_set_mode(pointer, Int(modes))
    unsafe SSL_CTX_set_alpn_select_cb(
      pointer,
      { _, out, count, offered, length, _ in
        unsafe ServerChoice.selectProtocol(out, count, offered: offered, length: length)
      }, nil)
    unsafe SSL_CTX_set_client_hello_cb(
      pointer,
      { ssl, alert, _ in
        unsafe ServerChoice.judgeHello(ssl, alert: alert)
      }, nil)
  }

  private func use(_ identity: TLSIdentity) throws(TLSError) {
    guard let leaf = identity.chain.first else { throw .library("an identity without a certificate") }
    var ok = unsafe SSL_CTX_use_certificate(pointer, leaf.pointer) == 1
    ok = unsafe ok && SSL_CTX_use_PrivateKey(pointer, identity.key.pointer) == 1
    for certificate in identity.chain.dropFirst() {
      ok = unsafe ok && fixline_ctx_add1_chain_cert(pointer, certificate.pointer) == 1
    }
    guard ok else { throw .unsuitableCertificate(reason: OpenSSLLibrary.takeError()) }
  }

  private func set(_ verification: PeerVerification, _ authorities: TrustedAuthorities) throws(TLSError) {
    unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    unsafe SSL_CTX_set_cert_verify_callback(pointer, { store, _ in unsafe HandshakeRecord.verify(store) }, nil)
    guard case .systemTrust(let name) = verification else { return }
    try unsafe authorities.load(into: pointer)
    let parameters = unsafe SSL_CTX_get0_param(pointer)
    unsafe X509_VERIFY_PARAM_set_hostflags(
      parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
    let ok =
      switch try HostName(name) {
      case .dns(let name): unsafe X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
      case .address(let address): unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, address) == 1
      }
    guard ok else { throw .library(OpenSSLLibrary.takeError()) }
  }
}
