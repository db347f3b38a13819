public import SessionModel

/// A technician's channel was opened.
public struct ChannelOpened: EntryPayload {
  /// ``EntryKind/channelOpened``.
  public static let kind = EntryKind.channelOpened
  /// The channel's number within its session.
  public var channel: UInt64
  /// `shell`, `exec`, `sftp` or `forward`.
  public var channelKind: String
  /// The command of an exec or the target of a forward, escaped.
  public var command: String?
  /// Of a forward: the address the machine dialled, as it says; escaped.
  public var address: String?

  /// All of it, by hand.
  public init(channel: UInt64, channelKind: String, command: String? = nil, address: String? = nil) {
    self.channel = channel
    self.channelKind = channelKind
    self.command = command
    self.address = address
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      channel: try members.count("channel"), channelKind: try members.text("kind"),
      command: try members.optionalText("command"), address: try members.optionalText("address"))
  }

  /// Members: `channel`, `kind`, `command`, `address`.
  public var json: JSONValue {
    var members = Members()
    members.put("channel", .integer(Int64(clamping: channel)))
    members.put("kind", .string(channelKind))
    members.put("command", ifPresent: command)
    members.put("address", ifPresent: address)
    return members.json
  }
}

/// A forward was asked for and came to nothing: the target refused, was not found, or the customer's side allows none.
public struct ForwardRefused: EntryPayload {
  /// ``EntryKind/forwardRefused``.
  public static let kind = EntryKind.forwardRefused
  /// The channel's number within its session.
  public var channel: UInt64
  /// Host and port as the technician's client named them, escaped.
  public var target: String
  /// Why, escaped.
  public var reason: String

  /// All of it, by hand.
  public init(channel: UInt64, target: String, reason: String) {
    self.channel = channel
    self.target = target
    self.reason = reason
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      channel: try members.count("channel"), target: try members.text("target"), reason: try members.text("reason"))
  }

  /// Members: `channel`, `target`, `reason`.
  public var json: JSONValue {
    var members = Members()
    members.put("channel", .integer(Int64(clamping: channel)))
    members.put("target", .string(target))
    members.put("reason", .string(reason))
    return members.json
  }
}

/// How a channel's process ended.
public enum ChannelExit: Hashable, Sendable {
  /// With that status; written as a number.
  case status(UInt32)
  /// By that signal, named as in RFC 4254 section 6.10 without `SIG`; written as a text.
  case signal(String)

  var json: JSONValue {
    switch self {
    case .status(let status): .integer(Int64(status))
    case .signal(let name): .string(name)
    }
  }
}

/// A technician's channel ended.
public struct ChannelClosed: EntryPayload {
  /// ``EntryKind/channelClosed``.
  public static let kind = EntryKind.channelClosed
  /// The channel's number within its session.
  public var channel: UInt64
  /// Bytes carried from the technician to the machine.
  public var bytesToMachine: Int64
  /// Bytes carried from the machine to the technician.
  public var bytesFromMachine: Int64
  /// How its process ended; nil when there was none or nobody knows.
  public var exit: ChannelExit?

  /// All of it, by hand.
  public init(channel: UInt64, bytesToMachine: Int64, bytesFromMachine: Int64, exit: ChannelExit? = nil) {
    self.channel = channel
    self.bytesToMachine = bytesToMachine
    self.bytesFromMachine = bytesFromMachine
    self.exit = exit
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    let exit: ChannelExit?
    switch members.value("exit") {
    case nil: exit = nil
    case .string(let signal)?: exit = .signal(signal)
    case .integer(let number)?:
      guard let status = UInt32(exactly: number) else { throw members.wrong("exit", "an exit status") }
      exit = .status(status)
    case .null?, .bool?, .array?, .object?: throw members.wrong("exit", "an exit status or a signal's name")
    }
    self.init(
      channel: try members.count("channel"), bytesToMachine: try members.integer("bytes_to_machine"),
      bytesFromMachine: try members.integer("bytes_from_machine"), exit: exit)
  }

  /// Members: `channel`, `bytes_to_machine`, `bytes_from_machine`, `exit`.
  public var json: JSONValue {
    var members = Members()
    members.put("channel", .integer(Int64(clamping: channel)))
    members.put("bytes_to_machine", .integer(bytesToMachine))
    members.put("bytes_from_machine", .integer(bytesFromMachine))
    if let exit { members.put("exit", exit.json) }
    return members.json
  }
}
