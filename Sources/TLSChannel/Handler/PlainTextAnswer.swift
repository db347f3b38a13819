import NIOCore

/// Judges the first byte of a connection, and what to tell somebody who does not speak TLS.
enum PlainTextAnswer {
  /// Record types a connection may begin with (RFC 8446 section 5.1): a handshake, or an alert from a server.
  static func mayBeTLS(_ first: UInt8, isClient: Bool) -> Bool { first == 22 || (isClient && first == 21) }

  /// One line for a program or person that connected in plain text; nil when the bytes are no text.
  static func answer(to bytes: ByteBuffer) -> String? {
    let line = "This port speaks Fixline over TLS 1.3. It is for fixline-agent only.\r\n"
    let start = bytes.readableBytesView.prefix(8)
    guard start.allSatisfy({ (32...126).contains($0) || $0 == 13 || $0 == 10 || $0 == 9 }) else { return nil }
    let methods = ["GET ", "HEAD ", "POST ", "PUT ", "OPTIONS ", "CONNECT "]
    guard methods.contains(where: { start.starts(with: $0.utf8) }) else { return line }
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(line.utf8.count)\r\n"
      + "Connection: close\r\n\r\n" + line
  }
}
