public import SessionModel

/// What the machine's side reported of file work on one channel, in order. The relay counts bytes itself; this says which
/// files they belonged to, and only the agent can know it: hence `source`.
public struct FilesReported: EntryPayload {
  /// ``EntryKind/filesReported``.
  public static let kind = EntryKind.filesReported
  /// Most path bytes in one entry. What does not read as text is written three times over, and still fits
  /// ``LedgerLimits/maximumPayloadBytes``.
  public static let maximumPathBytes = 64 * 1024
  /// Most events in one entry.
  public static let maximumEvents = 1000

  /// The channel's number within its session.
  public var channel: UInt64
  /// At most ``maximumEvents``.
  public var events: [FileEvent]

  /// All of it, by hand.
  public init(channel: UInt64, events: [FileEvent]) {
    self.channel = channel
    self.events = events
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    guard try members.text("source") == "agent" else { throw members.wrong("source", "\"agent\"") }
    channel = try members.count("channel")
    events = []
    for event in try members.objects("events") { events.append(try FileEvent(event)) }
  }

  /// Members: `channel`, `source`, `events`.
  public var json: JSONValue {
    var members = Members()
    members.put("channel", .integer(Int64(clamping: channel)))
    members.put("source", "agent")
    members.put("events", .array(events.map(\.json)))
    return members.json
  }
}

extension FileEvent {
  /// Path bytes it holds.
  public var pathBytes: Int {
    switch action {
    case .opened(let path, _), .listed(let path), .removed(let path), .madeDirectory(let path),
      .removedDirectory(let path), .changed(let path):
      path.count
    case .renamed(let path, let other), .linked(let path, let other), .symlinked(let path, let other):
      path.count + other.count
    case .closed, .copied: 0
    }
  }

  /// `number`, `action`, and what belongs to the action. A path is escaped text; when that is not the very bytes, they
  /// stand beside it in hexadecimal.
  var json: JSONValue {
    var members = Members()
    members.put("number", .integer(Int64(clamping: number)))
    members.put("action", .string(action.word))
    switch action {
    case .opened(let path, let direction):
      members.put("path", path: path)
      members.put("direction", .string(direction.rawValue))
    case .closed(let opening, let toMachine, let fromMachine):
      members.put("opening", .integer(Int64(clamping: opening)))
      members.put("bytes_to_machine", .integer(toMachine))
      members.put("bytes_from_machine", .integer(fromMachine))
    case .listed(let path), .removed(let path), .madeDirectory(let path), .removedDirectory(let path),
      .changed(let path):
      members.put("path", path: path)
    case .renamed(let path, let other), .linked(let path, let other):
      members.put("path", path: path)
      members.put("to", path: other)
    case .symlinked(let path, let target):
      members.put("path", path: path)
      members.put("target", path: target)
    case .copied(let from, let to, let bytes):
      members.put("from_opening", .integer(Int64(clamping: from)))
      members.put("to_opening", .integer(Int64(clamping: to)))
      members.put("bytes", .integer(bytes))
    }
    return members.json
  }

  init(_ members: Members) throws(PayloadError) {
    let action: Action
    switch try members.text("action") {
    case "opened": action = .opened(path: try members.path("path"), try members.word("direction"))
    case "closed":
      action = .closed(
        opening: try members.count("opening"), bytesToMachine: try members.integer("bytes_to_machine"),
        bytesFromMachine: try members.integer("bytes_from_machine"))
    case "listed": action = .listed(path: try members.path("path"))
    case "removed": action = .removed(path: try members.path("path"))
    case "made-directory": action = .madeDirectory(path: try members.path("path"))
    case "removed-directory": action = .removedDirectory(path: try members.path("path"))
    case "changed": action = .changed(path: try members.path("path"))
    case "renamed": action = .renamed(path: try members.path("path"), to: try members.path("to"))
    case "linked": action = .linked(path: try members.path("path"), to: try members.path("to"))
    case "symlinked": action = .symlinked(path: try members.path("path"), target: try members.path("target"))
    case "copied":
      action = .copied(
        from: try members.count("from_opening"), to: try members.count("to_opening"),
        bytes: try members.integer("bytes"))
    default: throw members.wrong("action", "a word of its list")
    }
    self.init(number: try members.count("number"), action: action)
  }
}

extension FileEvent.Action {
  /// As it stands on record.
  var word: String {
    switch self {
    case .opened: "opened"
    case .closed: "closed"
    case .listed: "listed"
    case .removed: "removed"
    case .madeDirectory: "made-directory"
    case .removedDirectory: "removed-directory"
    case .renamed: "renamed"
    case .linked: "linked"
    case .symlinked: "symlinked"
    case .changed: "changed"
    case .copied: "copied"
    }
  }
}

extension Members {
  mutating func put(_ key: String, path: [UInt8]) {
    let text = TextSafety.escaped(bytes: path)
    put(key, .string(text))
    if !text.utf8.elementsEqual(path) { put(key + "_hex", .string(Hex.encode(path))) }
  }

  func path(_ key: String) throws(PayloadError) -> [UInt8] {
    try value(key + "_hex") == nil ? Array(text(key).utf8) : bytes(key + "_hex")
  }
}
