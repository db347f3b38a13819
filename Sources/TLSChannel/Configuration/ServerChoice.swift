import COpenSSL

/// What a server makes of a ClientHello.
enum ServerChoice {
  /// OpenSSL's ALPN callback: takes ``TLSLimits/applicationProtocol`` if offered, ends the handshake otherwise.
  static func selectProtocol(
    _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: UnsafeMutablePointer<UInt8>?,
    offered: UnsafePointer<UInt8>?, length: UInt32
  ) -> CInt {
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(length))
    let wanted = TLSLimits.applicationProtocol.utf8
    var index = 0
    while index < list.count {
      let size = Int(unsafe list[index])
      guard index + 1 + size <= list.count else { break }
      if unsafe list[(index + 1)..<(index + 1 + size)].elementsEqual(wanted) {
        // The answer may point into the offer: OpenSSL copies it before it lets go of the ClientHello.
        unsafe out?.pointee = offered.map { unsafe $0 + index + 1 }
        unsafe count?.pointee = UInt8(size)
        return SSL_TLSEXT_ERR_OK
      }
      index += 1 + size
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }

  /// OpenSSL's ClientHello callback: a TLS 1.3 client that names no application protocol at all is refused here, since
  /// OpenSSL would not ask ``selectProtocol(_:_:offered:length:)`` about it. Older clients pass, so that they are told
  /// about the version.
  static func judgeHello(_ ssl: OpaquePointer?, alert: UnsafeMutablePointer<CInt>?) -> CInt {
    guard unsafe offersTLS13(ssl) else { return SSL_CLIENT_HELLO_SUCCESS }
    var data: UnsafePointer<UInt8>?
    var count = 0
    let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
    if unsafe SSL_client_hello_get0_ext(ssl, kind, &data, &count) == 1 { return SSL_CLIENT_HELLO_SUCCESS }
    unsafe HandshakeRecord.of(ssl)?.refusal = .wrongProtocol
    unsafe alert?.pointee = CInt(SSL_AD_NO_APPLICATION_PROTOCOL)
    return SSL_CLIENT_HELLO_ERROR
  }

  /// Whether the supported_versions extension (RFC 8446 section 4.2.1) lists 0x0304.
  private static func offersTLS13(_ ssl: OpaquePointer?) -> Bool {
    var data: UnsafePointer<UInt8>?
    var count = 0
    guard unsafe SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_supported_versions), &data, &count) == 1 else {
      return false
    }
    let bytes = unsafe UnsafeBufferPointer(start: data, count: count)
    return stride(from: 1, to: count - 1, by: 2).contains { unsafe bytes[$0] == 3 && bytes[$0 + 1] == 4 }
  }
}
