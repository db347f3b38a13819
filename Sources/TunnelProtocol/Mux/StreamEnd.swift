import struct NIOCore.ByteBuffer

/// Why a stream ended. Codes this build does not know are read as ``failed``, with their text.
public enum ResetCode: UInt16, Sendable, CaseIterable {
  /// Everything was sent and received; stands behind the last byte.
  case finished = 0
  /// The other side does not offer that.
  case refused = 1
  /// The customer did not consent to it.
  case noConsent = 2
  /// Whoever asked no longer wants it.
  case cancelled = 3
  /// The technician's connection broke; a shell may live on.
  case detached = 4
  /// The technician closed the channel.
  case hangup = 5
  /// The session is over.
  case sessionClosed = 6
  /// A limit was reached.
  case limit = 7
  /// Something went wrong.
  case failed = 8
}

/// How and why a stream ended.
public struct StreamEnd: Hashable, Sendable, CustomStringConvertible {
  /// Longest text, in bytes of UTF-8. Longer ones are cut at a character.
  public static let maximumTextBytes = TextLimits.reasonBytes

  /// Why.
  public let code: ResetCode
  /// One line for people, or nothing.
  public let text: String

  /// An end; a text over ``maximumTextBytes`` is cut.
  public init(_ code: ResetCode, _ text: String = "") {
    self.code = code
    self.text = text.prefix(utf8Bytes: Self.maximumTextBytes)
  }

  /// The same.
  public init(code: ResetCode, text: String) { self.init(code, text) }

  /// The code and the text.
  public var description: String { text.isEmpty ? "\(code)" : "\(code): \(text)" }

  var payload: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(4 + text.utf8.count)
    buffer.writeInteger(code.rawValue)
    buffer.writeInteger(UInt16(truncatingIfNeeded: text.utf8.count))
    buffer.writeString(text)
    return buffer
  }

  init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    let code = ResetCode(rawValue: try reader.integer("code")) ?? .failed
    let text = try reader.text(limit: Self.maximumTextBytes, "text")
    try reader.finish()
    self.init(code, text)
  }
}

extension String {
  /// As many whole characters from the start as fit into `limit` bytes of UTF-8.
  func prefix(utf8Bytes limit: Int) -> String {
    if utf8.count <= limit { return self }
    var cut = ""
    var used = 0
    for character in self {
      used += character.utf8.count
      if used > limit { break }
      cut.append(character)
    }
    return cut
  }
}
