/// Every limit of a TLS connection, by name.
public enum TLSLimits {
  /// How long a handshake may take from the connection's start, in seconds.
  public static let handshakeGraceSeconds: Int64 = 10
  /// Most bytes a peer may send before its handshake is complete. An honest one needs about 1 to 6 KiB.
  public static let handshakeBytes = 64 * 1024
  /// Largest certificate chain accepted from a peer, in bytes.
  public static let certificateListBytes = 16 * 1024
  /// How long a closing side waits for the other's close_notify, in milliseconds. It discards what still arrives:
  /// closing a socket with unread bytes would reset it and could destroy the last words before they are read.
  public static let closeGraceMilliseconds: Int64 = 1_000
  /// The largest plain text of one record, in bytes (RFC 8446 section 5.1).
  public static let recordBytes = 16 * 1024
  /// What one record adds: header, content type, authentication tag, in bytes (RFC 8446 section 5.2).
  public static let recordOverheadBytes = 5 + 1 + 16
  /// Largest buffer decrypted data is handed on in, in bytes. A slice of it may be kept long by a slow reader.
  public static let largestBufferBytes = 64 * 1024
  /// Smallest such buffer, in bytes.
  public static let smallestBufferBytes = 256
  /// Most bytes that may be written before the handshake is complete.
  public static let earlyWriteBytes = 1024 * 1024
  /// The application protocol both sides must name (RFC 7301).
  public static let applicationProtocol = "fixline/1"
}
