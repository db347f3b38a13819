/// Limits of one tunnel's connection. Tests may build tighter ones.
public struct TransportLimits: Hashable, Sendable {
  /// How long it may take from the connection's start until HELLO and WELCOME have passed, in milliseconds.
  public var handshakeGraceMilliseconds: Int64 = 10_000
  /// How long dialling may take, name resolution not counted, in milliseconds.
  public var connectTimeoutMilliseconds: Int64 = 10_000
  /// Cipher text waiting in this process at which frames are no longer taken from the machine, in bytes. Small, so that
  /// a key stroke's echo never stands in a long queue: order among streams is decided when a frame leaves the machine.
  public var writeHighWaterBytes = 64 * 1024
  /// Cipher text left in this process at which frames are taken again, in bytes.
  public var writeLowWaterBytes = 32 * 1024

  /// What this product uses.
  public init() {}
  /// What this product uses.
  public static let standard = TransportLimits()

  /// What the kernel may hold unsent before it reports a full socket, in bytes (TCP_NOTSENT_LOWAT, tcp(7)). What is
  /// sent and not yet acknowledged comes on top, as far as the line can carry it.
  public static let unsentLowWaterBytes = 128 * 1024
  /// The most that one read of the socket brings, in bytes.
  public static let readBytes = 256 * 1024
  /// Frames are gathered into buffers of about this size, in bytes; one is encrypted and written at a time.
  public static let gatherBytes = 64 * 1024
  /// Most bytes written in one go before the event loop turns to its other connections.
  public static let turnBytes = 1024 * 1024
  /// The longest timer, in milliseconds. NIO's timers stop while a laptop sleeps; this is how late after waking a dead
  /// connection is noticed at most.
  public static let longestTimerMilliseconds: Int64 = 5_000
  /// The shortest wait before a deadline that could not be kept is looked at again, in milliseconds.
  public static let shortestTimerMilliseconds: Int64 = 20
  /// Tunnels that were replaced and are remembered as such, so that their agents are told when they come back.
  public static let rememberedReplacements = 1024
  /// The shortest time between two lines about refused connections, in seconds.
  public static let refusalNewsSeconds: Int64 = 10
  /// Connections the kernel keeps waiting to be accepted.
  public static let backlog: Int32 = 256
}

/// How many connections a relay takes.
public struct ListenerLimits: Hashable, Sendable {
  /// Connections at once.
  public var maximumConnections: Int
  /// Connections at once from one IPv4 address, or from one IPv6 network of 64 bits, which one host has to itself.
  public var perAddress: Int

  /// Limits by hand.
  public init(maximumConnections: Int = 4096, perAddress: Int = 64) {
    self.maximumConnections = maximumConnections
    self.perAddress = perAddress
  }
}
