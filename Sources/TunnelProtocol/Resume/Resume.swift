public import SessionModel

public import struct NIOCore.ByteBuffer

/// The agent's first frame on a new connection when it wants its tunnel back. The proof is the agent's key in TLS: there
/// is no other secret. A relay that does not have it, or not so, answers with GOAWAY(``GoAway/Code/cannotResume``).
public struct Resume: Hashable, Sendable {
  /// The version the tunnel was made with.
  public var version: UInt16
  /// This run of the agent: only the run that had the tunnel can have it back.
  public var instance: InstanceID
  /// The tunnel, as ``Welcome/tunnel`` named it.
  public var tunnel: InstanceID
  /// The highest number the agent received; the relay sends again from the next.
  public var received: UInt64

  /// All of it, by hand.
  public init(version: UInt16 = TunnelVersion.current, instance: InstanceID, tunnel: InstanceID, received: UInt64) {
    self.version = version
    self.instance = instance
    self.tunnel = tunnel
    self.received = received
  }

  /// The frame to send.
  public func frame() -> Frame {
    var writer = WireWriter()
    writer.integer(version)
    writer.instance(instance)
    writer.instance(tunnel)
    writer.integer(received)
    return Frame(type: .resume, payload: writer.bytes)
  }

  /// Reads the payload of a RESUME.
  public init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    version = try reader.integer("version")
    instance = try reader.instance("instance")
    tunnel = try reader.instance("tunnel")
    received = try reader.integer("received")
    try reader.finish()
  }
}

/// The relay's answer to ``Resume`` when the tunnel lives on.
public struct Resumed: Hashable, Sendable {
  /// Keeps the signature from being taken for any other.
  public static let context = "fixline resumed 1"

  /// This run of the relay: the same as in the tunnel's ``Welcome``.
  public var instance: InstanceID
  /// The tunnel.
  public var tunnel: InstanceID
  /// The highest number the relay received; the agent sends again from the next.
  public var received: UInt64
  /// Signature of the relay's signing key over ``signedBytes(exporter:agentSPKI:)``, 64 bytes.
  public var signature: [UInt8]

  /// All of it, by hand.
  public init(instance: InstanceID, tunnel: InstanceID, received: UInt64, signature: [UInt8]) {
    self.instance = instance
    self.tunnel = tunnel
    self.received = received
    self.signature = signature
  }

  /// The exact bytes that are signed: context, NUL, the TLS exporter's value (32), relay instance (16), tunnel (16),
  /// received (8, big endian), SHA-256 of the agent's SPKI (32).
  public func signedBytes(exporter: [UInt8], agentSPKI: Fingerprint) -> [UInt8] {
    var bytes = Array(Self.context.utf8) + [0] + exporter
    bytes += instance.bytes
    bytes += tunnel.bytes
    bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: received >> (8 * UInt64($0))) }
    bytes += agentSPKI.bytes
    return bytes
  }

  /// The frame to send. Throws when the signature has the wrong length.
  public func frame() throws(Malformation) -> Frame {
    var writer = WireWriter()
    writer.instance(instance)
    writer.instance(tunnel)
    writer.integer(received)
    try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    return Frame(type: .resumed, payload: try writer.finish())
  }

  /// Reads the payload of a RESUMED. The signature is not checked here.
  public init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    instance = try reader.instance("instance")
    tunnel = try reader.instance("tunnel")
    received = try reader.integer("received")
    signature = try reader.fixed(SignatureLengths.signatureBytes, "signature")
    try reader.finish()
  }
}
