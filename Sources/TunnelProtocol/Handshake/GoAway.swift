public import struct NIOCore.ByteBuffer

/// Why one side leaves. Codes this build does not know are read as ``GoAway/Code/unspecified``, with their text.
public struct GoAway: Hashable, Sendable, CustomStringConvertible {
  /// The reason, for programs.
  public enum Code: UInt16, Sendable, CaseIterable {
    /// None of the others; redial.
    case unspecified = 0
    /// The program ends; an agent may redial, a relay forgets it.
    case shutdown = 1
    /// Another connection of the same agent took over; do not redial.
    case replaced = 2
    /// No version in common; do not redial.
    case version = 3
    /// Not permitted here; do not redial.
    case refused = 4
    /// Too many connections or codes; redial later.
    case busy = 5
    /// The other side broke the protocol.
    case fault = 6
    /// The customer ended it.
    case customer = 7
    /// The relay does not have the tunnel that is to be resumed, or not so; dial anew with HELLO.
    case cannotResume = 8
  }

  /// The reason, for programs.
  public let code: Code
  /// One line for people, or nothing; at most ``TextLimits/reasonBytes``, longer ones are cut.
  public let text: String

  /// A reason.
  public init(_ code: Code, _ text: String = "") {
    self.code = code
    self.text = text.prefix(utf8Bytes: TextLimits.reasonBytes)
  }

  /// Whether an agent that is told this should dial again.
  public var redial: Bool {
    switch code {
    case .unspecified, .shutdown, .busy, .fault, .cannotResume: true
    case .replaced, .version, .refused, .customer: false
    }
  }

  /// The code and the text.
  public var description: String { text.isEmpty ? "\(code)" : "\(code): \(text)" }

  /// The frame to send.
  public func frame() -> Frame {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(4 + text.utf8.count)
    buffer.writeInteger(code.rawValue)
    buffer.writeInteger(UInt16(truncatingIfNeeded: text.utf8.count))
    buffer.writeString(text)
    return Frame(type: .goAway, payload: buffer)
  }

  /// Reads the payload of a GOAWAY.
  public init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    let code = Code(rawValue: try reader.integer("code")) ?? .unspecified
    let text = try reader.text(limit: TextLimits.reasonBytes, "text")
    try reader.finish()
    self.init(code, text)
  }
}
