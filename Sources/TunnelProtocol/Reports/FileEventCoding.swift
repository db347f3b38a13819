public import SessionModel
public import struct NIOCore.ByteBuffer

extension FileEvent {
  enum Code {
    static let opened: UInt8 = 1
    static let closed: UInt8 = 2
    static let listed: UInt8 = 3
    static let removed: UInt8 = 4
    static let madeDirectory: UInt8 = 5
    static let removedDirectory: UInt8 = 6
    static let renamed: UInt8 = 7
    static let linked: UInt8 = 8
    static let symlinked: UInt8 = 9
    static let changed: UInt8 = 10
    static let copied: UInt8 = 11
  }

  /// The most that one event takes behind its length, in bytes: a number, a kind and two paths.
  static let maximumEncodedBytes = 8 + 1 + 2 * (2 + maximumPathBytes)

  /// The event as it travels on ``Lane/report``: a length (u16) and as many bytes. Throws when a path is longer than
  /// ``maximumPathBytes`` or a count is negative.
  public func encoded() throws(Malformation) -> ByteBuffer {
    var writer = WireWriter()
    writer.integer(number)
    switch action {
    case .opened(let path, let direction):
      writer.integer(Code.opened)
      try writer.path(path)
      writer.integer(direction.code)
    case .closed(let opening, let toMachine, let fromMachine):
      writer.integer(Code.closed)
      writer.integer(opening)
      try writer.natural(toMachine, "bytes to the machine")
      try writer.natural(fromMachine, "bytes from the machine")
    case .listed(let path): try writer.event(Code.listed, path)
    case .removed(let path): try writer.event(Code.removed, path)
    case .madeDirectory(let path): try writer.event(Code.madeDirectory, path)
    case .removedDirectory(let path): try writer.event(Code.removedDirectory, path)
    case .renamed(let path, let other): try writer.event(Code.renamed, path, other)
    case .linked(let path, let other): try writer.event(Code.linked, path, other)
    case .symlinked(let path, let target): try writer.event(Code.symlinked, path, target)
    case .changed(let path): try writer.event(Code.changed, path)
    case .copied(let from, let to, let bytes):
      writer.integer(Code.copied)
      writer.integer(from)
      writer.integer(to)
      try writer.natural(bytes, "bytes")
    }
    var result = ByteBuffer()
    let body = try writer.finish()
    result.reserveCapacity(2 + body.readableBytes)
    result.writeInteger(UInt16(truncatingIfNeeded: body.readableBytes))
    result.writeImmutableBuffer(body)
    return result
  }

  /// Nil for a kind of event that this build does not know.
  static func decode(_ body: ByteBuffer) throws(Malformation) -> FileEvent? {
    var reader = WireReader(body)
    let number: UInt64 = try reader.integer("number")
    let action: Action
    switch try reader.integer("kind", as: UInt8.self) {
    case Code.opened:
      let path = try reader.path()
      guard let direction = FileDirection(code: try reader.integer("direction")) else {
        throw .invalid(field: "direction")
      }
      action = .opened(path: path, direction)
    case Code.closed:
      let opening: UInt64 = try reader.integer("opening")
      let toMachine = try reader.natural("bytes to the machine")
      action = .closed(
        opening: opening, bytesToMachine: toMachine, bytesFromMachine: try reader.natural("bytes from the machine"))
    case Code.listed: action = .listed(path: try reader.path())
    case Code.removed: action = .removed(path: try reader.path())
    case Code.madeDirectory: action = .madeDirectory(path: try reader.path())
    case Code.removedDirectory: action = .removedDirectory(path: try reader.path())
    case Code.renamed:
      let path = try reader.path()
      action = .renamed(path: path, to: try reader.path())
    case Code.linked:
      let path = try reader.path()
      action = .linked(path: path, to: try reader.path())
    case Code.symlinked:
      let path = try reader.path()
      action = .symlinked(path: path, target: try reader.path())
    case Code.changed: action = .changed(path: try reader.path())
    case Code.copied:
      let from: UInt64 = try reader.integer("from")
      let to: UInt64 = try reader.integer("to")
      action = .copied(from: from, to: to, bytes: try reader.natural("bytes"))
    default: return nil
    }
    try reader.finish()
    return FileEvent(number: number, action: action)
  }
}

extension FileDirection {
  fileprivate var code: UInt8 {
    switch self {
    case .toMachine: 1
    case .fromMachine: 2
    case .both: 3
    }
  }

  fileprivate init?(code: UInt8) {
    guard let direction = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = direction
  }
}

extension WireWriter {
  fileprivate mutating func path(_ path: [UInt8]) throws(Malformation) {
    try counted(path, limit: FileEvent.maximumPathBytes, "path")
  }

  fileprivate mutating func event(_ code: UInt8, _ paths: [UInt8]...) throws(Malformation) {
    integer(code)
    for path in paths { try self.path(path) }
  }
}

extension WireReader {
  fileprivate mutating func path() throws(Malformation) -> [UInt8] {
    try counted(limit: FileEvent.maximumPathBytes, "path")
  }
}
