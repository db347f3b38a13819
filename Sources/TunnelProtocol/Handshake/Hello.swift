public import SessionModel

public import struct NIOCore.ByteBuffer

/// Versions of this protocol.
public enum TunnelVersion {
  /// The version described in this module.
  public static let current: UInt16 = 1
  /// The oldest version this build still speaks.
  public static let oldest: UInt16 = 1
  /// The name offered in TLS (ALPN, RFC 7301). It changes only when HELLO itself does.
  public static let applicationProtocol = "fixline/1"

  /// The newest version that this build and the sender of `hello` both speak; nil when there is none.
  public static func agreed(with hello: Hello) -> UInt16? {
    let version = min(current, hello.maximumVersion)
    return version >= max(oldest, hello.minimumVersion) ? version : nil
  }
}

/// The agent's first frame.
public struct Hello: Hashable, Sendable {
  /// Most sessions that an agent may still hold.
  public static let maximumHeldSessions = 256

  /// The oldest version the agent speaks.
  public var minimumVersion: UInt16
  /// The newest version the agent speaks; not less than the oldest.
  public var maximumVersion: UInt16
  /// This run of the agent.
  public var instance: InstanceID
  /// Program and version, for logs; at most ``TextLimits/softwareBytes``.
  public var software: String
  /// The language the customer should be asked in (RFC 5646); at most ``TextLimits/languageBytes``.
  public var language: String
  /// The most that this machine permits to any session.
  public var allowances: Allowances
  /// Sessions whose consent the agent still holds; at most ``maximumHeldSessions``.
  public var heldSessions: [SessionID]

  /// All of it, by hand.
  public init(
    minimumVersion: UInt16 = TunnelVersion.oldest, maximumVersion: UInt16 = TunnelVersion.current,
    instance: InstanceID, software: String, language: String, allowances: Allowances, heldSessions: [SessionID] = []
  ) {
    self.minimumVersion = minimumVersion
    self.maximumVersion = maximumVersion
    self.instance = instance
    self.software = software
    self.language = language
    self.allowances = allowances
    self.heldSessions = heldSessions
  }

  /// The frame to send. Throws when a field is over its limit.
  public func frame() throws(Malformation) -> Frame {
    var writer = WireWriter()
    writer.integer(minimumVersion)
    writer.integer(maximumVersion)
    writer.instance(instance)
    try writer.allowances(allowances)
    try writer.text(software, limit: TextLimits.softwareBytes, "software")
    try writer.text(language, limit: TextLimits.languageBytes, "language")
    if heldSessions.count > Self.maximumHeldSessions { throw .tooLong(field: "held sessions") }
    writer.integer(UInt16(truncatingIfNeeded: heldSessions.count))
    for session in heldSessions { writer.session(session) }
    return Frame(type: .hello, payload: try writer.finish())
  }

  /// Reads the payload of a HELLO.
  public init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    minimumVersion = try reader.integer("minimum version")
    maximumVersion = try reader.integer("maximum version")
    instance = try reader.instance("instance")
    allowances = try reader.allowances()
    software = try reader.text(limit: TextLimits.softwareBytes, "software")
    language = try reader.text(limit: TextLimits.languageBytes, "language")
    let count = Int(try reader.integer("held sessions", as: UInt16.self))
    if count > Self.maximumHeldSessions { throw .tooLong(field: "held sessions") }
    heldSessions = []
    for _ in 0..<count { heldSessions.append(try reader.session("held sessions")) }
    try reader.finish()
    if minimumVersion > maximumVersion { throw .invalid(field: "maximum version") }
  }
}
