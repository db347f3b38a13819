import struct NIOCore.ByteBuffer
import SessionModel

/// Reads a payload's fields one after the other. Every read names its field, so that a refusal can say what was wrong.
struct WireReader {
  private var bytes: ByteBuffer

  init(_ payload: ByteBuffer) { bytes = payload }

  mutating func integer<Value: FixedWidthInteger>(_ field: String, as: Value.Type = Value.self)
    throws(Malformation) -> Value
  {
    guard let value = bytes.readInteger(as: Value.self) else { throw .truncated(field: field) }
    return value
  }

  /// An integer that may not be negative.
  mutating func natural(_ field: String) throws(Malformation) -> Int64 {
    let value: Int64 = try integer(field)
    if value < 0 { throw .invalid(field: field) }
    return value
  }

  /// One byte: 0 or 1.
  mutating func flag(_ field: String) throws(Malformation) -> Bool {
    switch try integer(field, as: UInt8.self) {
    case 0: return false
    case 1: return true
    default: throw .invalid(field: field)
    }
  }

  mutating func fixed(_ count: Int, _ field: String) throws(Malformation) -> [UInt8] {
    guard let value = bytes.readBytes(length: count) else { throw .truncated(field: field) }
    return value
  }

  /// A length of two bytes and as many bytes, at most `limit`.
  mutating func counted(limit: Int, _ field: String) throws(Malformation) -> [UInt8] {
    let length = Int(try integer(field, as: UInt16.self))
    if length > limit { throw .tooLong(field: field) }
    return try fixed(length, field)
  }

  /// A length of two bytes and as many bytes of UTF-8, at most `limit`.
  mutating func text(limit: Int, _ field: String) throws(Malformation) -> String {
    let value = try counted(limit: limit, field)
    guard let text = String(validating: value, as: UTF8.self) else { throw .notText(field: field) }
    return text
  }

  mutating func session(_ field: String = "session") throws(Malformation) -> SessionID {
    let value = try fixed(SessionID.length, field)
    guard let text = String(validating: value, as: UTF8.self), let session = SessionID(text) else {
      throw .invalid(field: field)
    }
    return session
  }

  mutating func instance(_ field: String) throws(Malformation) -> InstanceID {
    guard let instance = InstanceID(try fixed(InstanceID.length, field)) else { throw .invalid(field: field) }
    return instance
  }

  mutating func fingerprint(_ field: String) throws(Malformation) -> Fingerprint {
    guard let value = Fingerprint(try fixed(Fingerprint.length, field)) else { throw .invalid(field: field) }
    return value
  }

  mutating func allowances() throws(Malformation) -> Allowances {
    let value = Allowances(rawValue: try integer("allowances"))
    if !Allowances.all.isSuperset(of: value) { throw .invalid(field: "allowances") }
    return value
  }

  /// Everything has to have been read.
  func finish() throws(Malformation) {
    if bytes.readableBytes > 0 { throw .trailingBytes }
  }
}

/// Writes a payload's fields, under the same limits that ``WireReader`` reads them with.
struct WireWriter {
  private(set) var bytes = ByteBuffer()

  mutating func integer(_ value: some FixedWidthInteger) { bytes.writeInteger(value) }

  mutating func natural(_ value: Int64, _ field: String) throws(Malformation) {
    if value < 0 { throw .invalid(field: field) }
    bytes.writeInteger(value)
  }

  mutating func flag(_ value: Bool) { bytes.writeInteger(value ? UInt8(1) : 0) }

  mutating func fixed(_ value: [UInt8], _ count: Int, _ field: String) throws(Malformation) {
    if value.count != count { throw .invalid(field: field) }
    bytes.writeBytes(value)
  }

  mutating func counted(_ value: [UInt8], limit: Int, _ field: String) throws(Malformation) {
    guard value.count <= limit, let length = UInt16(exactly: value.count) else { throw .tooLong(field: field) }
    bytes.writeInteger(length)
    bytes.writeBytes(value)
  }

  mutating func text(_ value: String, limit: Int, _ field: String) throws(Malformation) {
    guard value.utf8.count <= limit, let length = UInt16(exactly: value.utf8.count) else {
      throw .tooLong(field: field)
    }
    bytes.writeInteger(length)
    bytes.writeString(value)
  }

  mutating func session(_ value: SessionID) { bytes.writeString(value.rawValue) }

  mutating func instance(_ value: InstanceID) { bytes.writeBytes(value.bytes) }

  mutating func fingerprint(_ value: Fingerprint) { bytes.writeBytes(value.bytes) }

  mutating func allowances(_ value: Allowances) throws(Malformation) {
    if !Allowances.all.isSuperset(of: value) { throw .invalid(field: "allowances") }
    bytes.writeInteger(value.rawValue)
  }

  /// What was written, which has to fit one frame.
  func finish() throws(Malformation) -> ByteBuffer {
    if bytes.readableBytes > Frame.maximumPayloadBytes { throw .tooLong(field: "payload") }
    return bytes
  }
}

/// Limits on texts in payloads, in bytes of UTF-8.
public enum TextLimits {
  /// A technician's name.
  public static let technicianBytes = 64
  /// A purpose.
  public static let purposeBytes = 1024
  /// The words a customer is shown: 2,000 characters of up to four bytes.
  public static let wordsBytes = 8000
  /// A reason, or why a stream ended.
  public static let reasonBytes = 512
  /// A line or a few for the customer.
  public static let noticeBytes = 4096
  /// What the customer is shown when a session is over.
  public static let closingTextBytes = 16_384
  /// A receipt: as much as its file may have.
  public static let receiptBytes = 24 * 1024
  /// The name and version of a program.
  public static let softwareBytes = 128
  /// A language tag (RFC 5646).
  public static let languageBytes = 64
  /// A shop's name.
  public static let shopBytes = 128
  /// A terminal's type, such as `xterm-256color`.
  public static let termBytes = 64
  /// A host's name (RFC 1035 section 3.1 allows 255 octets).
  public static let hostBytes = 255
  /// An address in numbers with its port: 39 of IPv6, a zone of at most 15, brackets and a port.
  public static let addressBytes = 64
  /// The name of an environment variable.
  public static let environmentNameBytes = 128
  /// The value of an environment variable.
  public static let environmentValueBytes = 4096
  /// The name of a signal (RFC 4254 section 6.9), without `SIG`.
  public static let signalBytes = 32
}
