public import SessionModel

public import struct NIOCore.ByteBuffer

/// Lengths of what is signed and signed with (Ed25519, RFC 8032; TLS exporter, RFC 8446 section 7.5).
public enum SignatureLengths {
  /// A public key, in bytes.
  public static let publicKeyBytes = 32
  /// A signature, in bytes.
  public static let signatureBytes = 64
  /// The TLS exporter's value that binds a signature to one connection, in bytes.
  public static let exporterBytes = 32
  /// The label to ask the TLS exporter with.
  public static let exporterLabel = "EXPORTER-fixline-tunnel"
}

/// The relay's answer to ``Hello``.
public struct Welcome: Hashable, Sendable {
  /// Keeps the signature from being taken for any other.
  public static let context = "fixline welcome 1"

  /// The version both will speak.
  public var version: UInt16
  /// This run of the relay.
  public var instance: InstanceID
  /// This tunnel.
  public var tunnel: InstanceID
  /// The relay's raw Ed25519 signing key, 32 bytes.
  public var signingKey: [UInt8]
  /// Its signature over ``signedBytes(exporter:version:instance:tunnel:agentSPKI:)``, 64 bytes.
  public var signature: [UInt8]
  /// How long the relay keeps the tunnel when its connection is gone, in seconds; 0 not at all.
  public var resumeWindowSeconds: UInt32
  /// Whose relay it is; at most ``TextLimits/shopBytes``.
  public var shop: String

  /// All of it, by hand.
  public init(
    version: UInt16 = TunnelVersion.current, instance: InstanceID, tunnel: InstanceID, signingKey: [UInt8],
    signature: [UInt8], resumeWindowSeconds: UInt32, shop: String
  ) {
    self.version = version
    self.instance = instance
    self.tunnel = tunnel
    self.signingKey = signingKey
    self.signature = signature
    self.resumeWindowSeconds = resumeWindowSeconds
    self.shop = shop
  }

  /// The exact bytes that are signed: context, NUL, the TLS exporter's value (32), version (2, big endian), relay
  /// instance (16), tunnel (16), SHA-256 of the agent's SPKI (32).
  public static func signedBytes(
    exporter: [UInt8], version: UInt16, instance: InstanceID, tunnel: InstanceID, agentSPKI: Fingerprint
  ) -> [UInt8] {
    var bytes = Array(context.utf8) + [0] + exporter
    bytes += [UInt8(truncatingIfNeeded: version >> 8), UInt8(truncatingIfNeeded: version)]
    bytes += instance.bytes
    bytes += tunnel.bytes
    bytes += agentSPKI.bytes
    return bytes
  }

  /// The exact bytes that ``signature`` has to be over.
  public func signedBytes(exporter: [UInt8], agentSPKI: Fingerprint) -> [UInt8] {
    Self.signedBytes(exporter: exporter, version: version, instance: instance, tunnel: tunnel, agentSPKI: agentSPKI)
  }

  /// The frame to send. Throws when a field has the wrong length.
  public func frame() throws(Malformation) -> Frame {
    var writer = WireWriter()
    writer.integer(version)
    writer.instance(instance)
    writer.instance(tunnel)
    try writer.fixed(signingKey, SignatureLengths.publicKeyBytes, "signing key")
    try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    writer.integer(resumeWindowSeconds)
    try writer.text(shop, limit: TextLimits.shopBytes, "shop")
    return Frame(type: .welcome, payload: try writer.finish())
  }

  /// Reads the payload of a WELCOME. The signature is not checked here.
  public init(payload: ByteBuffer) throws(Malformation) {
    var reader = WireReader(payload)
    version = try reader.integer("version")
    instance = try reader.instance("instance")
    tunnel = try reader.instance("tunnel")
    signingKey = try reader.fixed(SignatureLengths.publicKeyBytes, "signing key")
    signature = try reader.fixed(SignatureLengths.signatureBytes, "signature")
    resumeWindowSeconds = try reader.integer("resume window")
    shop = try reader.text(limit: TextLimits.shopBytes, "shop")
    try reader.finish()
  }
}
