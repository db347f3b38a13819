public import SessionModel
import struct NIOCore.ByteBuffer

/// Something about a stream that is not bytes. Keeps its place among the stream's bytes in the same direction. The relay
/// sends the first three, the agent the last three, of those one a stream: messages are under no credit.
public enum StreamMessage: Hashable, Sendable {
  /// The technician's window has another size.
  case windowChange(TerminalSize)
  /// A signal for the program: a name of RFC 4254 section 6.9, without `SIG`.
  case signal(name: String)
  /// The technician's side reads no more of what the program writes.
  case outputClosed
  /// The program ended with a status.
  case exitStatus(UInt32)
  /// The program was ended by a signal.
  case exitSignal(name: String, coreDumped: Bool, message: String)
  /// A forward is connected: the address that was dialled, such as `192.0.2.7:80` or `[2001:db8::1]:80`.
  case dialled(address: String)
}

extension StreamMessage {
  /// Who may send it.
  var sender: TunnelRole {
    switch self {
    case .windowChange, .signal, .outputClosed: .relay
    case .exitStatus, .exitSignal, .dialled: .agent
    }
  }

  private enum Code {
    static let windowChange: UInt8 = 1
    static let signal: UInt8 = 2
    static let outputClosed: UInt8 = 3
    static let exitStatus: UInt8 = 4
    static let exitSignal: UInt8 = 5
    static let dialled: UInt8 = 6
  }

  /// The payload of a MESSAGE; throws when a text is too long.
  func encoded() throws(Malformation) -> ByteBuffer {
    var writer = WireWriter()
    switch self {
    case .windowChange(let size):
      writer.integer(Code.windowChange)
      size.write(into: &writer)
    case .signal(let name):
      writer.integer(Code.signal)
      try writer.text(name, limit: TextLimits.signalBytes, "name")
    case .outputClosed:
      writer.integer(Code.outputClosed)
    case .exitStatus(let status):
      writer.integer(Code.exitStatus)
      writer.integer(status)
    case .exitSignal(let name, let coreDumped, let message):
      writer.integer(Code.exitSignal)
      try writer.text(name, limit: TextLimits.signalBytes, "name")
      writer.flag(coreDumped)
      try writer.text(message, limit: TextLimits.reasonBytes, "message")
    case .dialled(let address):
      writer.integer(Code.dialled)
      try writer.text(address, limit: TextLimits.addressBytes, "address")
    }
    return try writer.finish()
  }

  /// Nil for a message that this build does not know: it is skipped.
  static func decode(_ payload: ByteBuffer) throws(Malformation) -> StreamMessage? {
    var reader = WireReader(payload)
    let message: StreamMessage
    switch try reader.integer("kind", as: UInt8.self) {
    case Code.windowChange: message = .windowChange(try TerminalSize(from: &reader))
    case Code.signal: message = .signal(name: try reader.text(limit: TextLimits.signalBytes, "name"))
    case Code.outputClosed: message = .outputClosed
    case Code.exitStatus: message = .exitStatus(try reader.integer("status"))
    case Code.exitSignal:
      let name = try reader.text(limit: TextLimits.signalBytes, "name")
      let coreDumped = try reader.flag("core dumped")
      let text = try reader.text(limit: TextLimits.reasonBytes, "message")
      message = .exitSignal(name: name, coreDumped: coreDumped, message: text)
    case Code.dialled: message = .dialled(address: try reader.text(limit: TextLimits.addressBytes, "address"))
    default: return nil
    }
    try reader.finish()
    return message
  }
}
