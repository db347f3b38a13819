public import SessionModel

import struct NIOCore.ByteBuffer

/// What a stream carries.
public enum StreamKind: Hashable, Sendable {
  /// The user's login shell.
  case shell
  /// One command, as the bytes that the technician's client sent.
  case exec(command: [UInt8])
  /// The SFTP subsystem.
  case sftp
  /// A TCP connection from the machine.
  case forward(host: String, port: UInt16)
}

/// What an OPEN asks for.
public struct StreamOpening: Hashable, Sendable {
  /// Most variables in an environment.
  public static let maximumEnvironment = 64

  /// The session under whose consent it is asked for.
  public var session: SessionID
  /// What it is to carry.
  public var kind: StreamKind
  /// The terminal, when there is to be one.
  public var terminal: TerminalRequest?
  /// Variables for the program; at most ``maximumEnvironment``.
  public var environment: [EnvironmentVariable]

  /// A request.
  public init(
    session: SessionID, kind: StreamKind, terminal: TerminalRequest? = nil, environment: [EnvironmentVariable] = []
  ) {
    self.session = session
    self.kind = kind
    self.terminal = terminal
    self.environment = environment
  }
}

// MARK: - On the wire

extension StreamOpening {
  private enum Code {
    static let shell: UInt8 = 1
    static let exec: UInt8 = 2
    static let sftp: UInt8 = 3
    static let forward: UInt8 = 4
  }

  /// The payload of an OPEN, after the four bytes of the window.
  func write(into writer: inout WireWriter) throws(Malformation) {
    writer.session(session)
    switch kind {
    case .shell:
      writer.integer(Code.shell)
    case .exec(let command):
      writer.integer(Code.exec)
      try writer.counted(command, limit: Frame.maximumPayloadBytes, "command")
    case .sftp:
      writer.integer(Code.sftp)
    case .forward(let host, let port):
      writer.integer(Code.forward)
      try writer.text(host, limit: TextLimits.hostBytes, "host")
      writer.integer(port)
    }
    writer.flag(terminal != nil)
    if let terminal {
      try writer.text(terminal.term, limit: TextLimits.termBytes, "term")
      terminal.size.write(into: &writer)
    }
    if environment.count > Self.maximumEnvironment { throw .tooLong(field: "environment") }
    writer.integer(UInt8(truncatingIfNeeded: environment.count))
    for variable in environment {
      try writer.text(variable.name, limit: TextLimits.environmentNameBytes, "environment name")
      try writer.text(variable.value, limit: TextLimits.environmentValueBytes, "environment value")
    }
  }

  /// Nil for a kind of stream that this build does not know.
  static func read(from reader: inout WireReader) throws(Malformation) -> StreamOpening? {
    let session = try reader.session()
    let kind: StreamKind
    switch try reader.integer("kind", as: UInt8.self) {
    case Code.shell: kind = .shell
    case Code.exec: kind = .exec(command: try reader.counted(limit: Frame.maximumPayloadBytes, "command"))
    case Code.sftp: kind = .sftp
    case Code.forward:
      let host = try reader.text(limit: TextLimits.hostBytes, "host")
      kind = .forward(host: host, port: try reader.integer("port"))
    default: return nil
    }
    var terminal: TerminalRequest?
    if try reader.flag("terminal") {
      let term = try reader.text(limit: TextLimits.termBytes, "term")
      terminal = TerminalRequest(term: term, size: try TerminalSize(from: &reader))
    }
    let count = Int(try reader.integer("environment", as: UInt8.self))
    if count > Self.maximumEnvironment { throw .tooLong(field: "environment") }
    var environment: [EnvironmentVariable] = []
    environment.reserveCapacity(count)
    for _ in 0..<count {
      let name = try reader.text(limit: TextLimits.environmentNameBytes, "environment name")
      let value = try reader.text(limit: TextLimits.environmentValueBytes, "environment value")
      environment.append(EnvironmentVariable(name: name, value: value))
    }
    try reader.finish()
    return StreamOpening(session: session, kind: kind, terminal: terminal, environment: environment)
  }
}

extension TerminalSize {
  func write(into writer: inout WireWriter) {
    writer.integer(columns)
    writer.integer(rows)
    writer.integer(widthPixels)
    writer.integer(heightPixels)
  }

  init(from reader: inout WireReader) throws(Malformation) {
    self.init(
      columns: try reader.integer("columns"), rows: try reader.integer("rows"),
      widthPixels: try reader.integer("width"), heightPixels: try reader.integer("height"))
  }
}
