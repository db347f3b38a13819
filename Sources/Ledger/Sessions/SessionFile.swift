public import SessionModel

/// One thing that was done with files in a session, put together from what the agent reported.
public struct SessionFile: Hashable, Sendable {
  /// The channel.
  public let channel: UInt64
  /// The number of the event it began with, within the channel.
  public let number: UInt64
  /// What was done.
  public let action: FileEvent.Action
  /// Of an opened file: the bytes it was closed with; nil when it never was, because the transfer was interrupted.
  public internal(set) var bytes: TransferredBytes?
  /// When the relay put its beginning on record.
  public let time: WallTime

  /// A closed file's bytes.
  public struct TransferredBytes: Hashable, Sendable {
    /// Written to the file.
    public let toMachine: Int64
    /// Read from the file.
    public let fromMachine: Int64
  }
}

/// Folds reports to a list of files: the first ``maximumHeld``, the others are counted.
struct SessionFiles: Hashable, Sendable {
  /// Most files held of one session.
  static let maximumHeld = 10_000

  private struct Opening: Hashable {
    let channel: UInt64
    let number: UInt64
  }

  private(set) var held: [SessionFile] = []
  private(set) var notHeld = 0
  /// Where an opened file that was not closed yet stands in ``held``.
  private var open: [Opening: Int] = [:]

  mutating func apply(_ report: FilesReported, at time: WallTime) {
    for event in report.events {
      if case .closed(let opening, let toMachine, let fromMachine) = event.action {
        guard let place = open.removeValue(forKey: Opening(channel: report.channel, number: opening)) else { continue }
        held[place].bytes = SessionFile.TransferredBytes(toMachine: toMachine, fromMachine: fromMachine)
        continue
      }
      guard held.count < Self.maximumHeld else {
        notHeld += 1
        continue
      }
      if case .opened = event.action { open[Opening(channel: report.channel, number: event.number)] = held.count }
      held.append(
        SessionFile(channel: report.channel, number: event.number, action: event.action, bytes: nil, time: time))
    }
  }
}

extension SessionFile {
  /// For scripts: the event as it was reported, and of an opened file what became of it.
  var json: JSONValue {
    var members = FileEvent(number: number, action: action).json.object ?? JSONObject()
    members["channel"] = .integer(Int64(clamping: channel))
    if case .opened = action {
      members["complete"] = .bool(bytes != nil)
      members["bytes_to_machine"] = JSONValue(bytes?.toMachine)
      members["bytes_from_machine"] = JSONValue(bytes?.fromMachine)
    }
    members["time"] = .string(time.rfc3339)
    members["source"] = "agent"
    return .object(members)
  }

  /// For people: what was done, to which path, how much of it; escaped.
  public var words: (action: String, detail: String, bytes: String) {
    func text(_ path: [UInt8]) -> String { TextSafety.escaped(bytes: path) }
    switch action {
    case .opened(let path, let direction):
      let action =
        switch direction {
        case .toMachine: "put"
        case .fromMachine: "get"
        case .both: "edit"
        }
      let amount =
        switch (bytes, direction) {
        case (nil, _): "interrupted"
        case (let bytes?, .toMachine): "\(bytes.toMachine) B"
        case (let bytes?, .fromMachine): "\(bytes.fromMachine) B"
        case (let bytes?, .both): "\(bytes.toMachine) B in, \(bytes.fromMachine) B out"
        }
      return (action, text(path), amount)
    case .listed(let path): return ("list", text(path), "")
    case .removed(let path): return ("remove", text(path), "")
    case .madeDirectory(let path): return ("mkdir", text(path), "")
    case .removedDirectory(let path): return ("rmdir", text(path), "")
    case .changed(let path): return ("change", text(path), "")
    case .renamed(let path, let other): return ("rename", "\(text(path)) to \(text(other))", "")
    case .linked(let path, let other): return ("link", "\(text(path)) as \(text(other))", "")
    case .symlinked(let path, let target): return ("symlink", "\(text(path)) to \(text(target))", "")
    case .copied(let from, let to, let bytes): return ("copy", "file \(from) to file \(to)", "\(bytes) B")
    case .closed: return ("close", "", "")
    }
  }
}
