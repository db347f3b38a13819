internal import CGuardian

/// Turns the bytes of a keeper's events pipe into events. Records have one size and are written whole.
struct KeeperEventDecoder: Sendable {
  /// Bytes to read at once.
  static let readBytes = 64 * recordBytes
  private static let recordBytes = MemoryLayout<fixline_event>.size

  private var bytes: [UInt8] = []
  private var position = 0
  private var list: [EndedProcess] = []
  private var isFinished = false

  mutating func append(_ more: ArraySlice<UInt8>) {
    bytes.removeFirst(position)
    position = 0
    bytes.append(contentsOf: more)
  }

  /// The next complete event. Names of ended processes are gathered until their summary has come.
  mutating func next() -> KeeperEvent? {
    while !isFinished, bytes.count - position >= Self.recordBytes {
      let record = fixline_event(bytes[position..<position + Self.recordBytes])
      position += Self.recordBytes
      switch record.kind {
      case FIXLINE_EVENT_STATUS.rawValue:
        return .exited(ProcessExit(pid: record.pid, cause: .status(record.value)))
      case FIXLINE_EVENT_SIGNAL.rawValue:
        let name = SignalName.name(of: record.value)
        return .exited(
          ProcessExit(
            pid: record.pid, cause: .signal(number: record.value, name: name, coreDumped: record.flags & 1 == 1)))
      case FIXLINE_EVENT_ENDED_ONE.rawValue:
        list.append(EndedProcess(pid: record.pid, command: record.command, survives: record.flags & 1 == 1))
      case FIXLINE_EVENT_ENDED_ALL.rawValue:
        isFinished = true
        return .ended(EndedProcesses(list: list, total: Int(record.value), survivors: Int(record.flags)))
      case let unknown:  // Both sides are one program: this is a damaged pipe, and its end will be seen.
        _ = unknown
      }
    }
    return nil
  }

  /// The pipe has ended: `lost`, once, unless the session's end was reported.
  mutating func finish() -> KeeperEvent? {
    if isFinished { return nil }
    isFinished = true
    return .lost
  }
}

extension fixline_event {
  /// A record from its bytes, field by field.
  fileprivate init(_ bytes: ArraySlice<UInt8>) {
    self.init()
    unsafe withUnsafeMutableBytes(of: &self) { unsafe $0.copyBytes(from: bytes) }
  }

  /// The name up to its NUL.
  fileprivate var command: String {
    unsafe withUnsafeBytes(of: name) { raw in
      unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
