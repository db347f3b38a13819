/// Every limit of a tunnel, with what this product uses. Tests may build tighter ones.
public struct TunnelLimits: Hashable, Sendable {
  /// Streams open at once.
  public var maximumStreams = 256
  /// What a new stream's peer may send before the first credit, in bytes.
  public var initialWindowBytes = 256 * 1024
  /// What a stream gets when the tunnel's share is used up, in bytes. Never less, so that nothing starves.
  public var floorWindowBytes = 32 * 1024
  /// The largest window a stream grows to, in bytes: 100 ms × 1 Gbit/s is 12.5 MB.
  public var maximumWindowBytes = 16 * 1024 * 1024
  /// The sum over all streams of what their windows exceed ``floorWindowBytes`` by, in bytes. It is what stalled readers
  /// can hold of the tunnel's memory, on top of the floors. One stream may have it all.
  public var tunnelWindowBytes = 16 * 1024 * 1024
  /// What of ``tunnelWindowBytes`` windows may take that the line's length does not ask for, in bytes: what streams begin with,
  /// and what grows by ``growthFloorNanoseconds``. A hundred streams that all stall on a short line hold little more.
  public var shortLineWindowBytes = 3 * 1024 * 1024
  /// Numbered frames kept until acknowledged, in bytes; DATA waits when they are full.
  public var retainedBytes = 16 * 1024 * 1024
  /// What frames other than DATA may keep on top of ``retainedBytes``, in bytes.
  public var retainedReserveBytes = 1024 * 1024
  /// What a stream's writer may hand over before it was sent, in bytes. The writer is told what was freed.
  public var sendBufferBytes = 1024 * 1024
  /// Control messages not yet sent, in bytes. More ends the tunnel: the peer takes none.
  public var controlQueueBytes = 1024 * 1024
  /// Answers to streams that were refused, not yet sent. More ends the tunnel.
  public var maximumPendingResets = 1024
  /// Control messages that the peer may send at once. More ends the tunnel.
  public var controlBurst: Int64 = 1000
  /// Control messages that the peer may send in the long run, a second.
  public var controlPerSecond: Int64 = 200
  /// Received bytes after which they are acknowledged at once.
  public var acknowledgeBytes = 512 * 1024
  /// The longest that a received frame waits for its acknowledgement, in milliseconds.
  public var acknowledgeMilliseconds: Int64 = 50
  /// Between pings, in milliseconds.
  public var idlePingMilliseconds: Int64 = 15_000
  /// Between pings while a session is active, in milliseconds.
  public var activePingMilliseconds: Int64 = 1_000
  /// How long a peer that should answer may be silent, in milliseconds.
  public var deadPeerMilliseconds: Int64 = 15_000

  /// What this product uses.
  public init() {}
  /// What this product uses.
  public static let standard = TunnelLimits()

  /// What a DATA frame costs of a window besides its payload, in bytes: about what its receiver needs to hold it. A peer
  /// that sends single bytes gets no more memory out of a window than one that sends full frames.
  public static let frameCostBytes = 64
  /// The most that a peer may be allowed to send on one stream, in bytes. Credit beyond it resets the stream.
  public static let maximumCreditBytes = 1 << 30
  /// A credit returns at least this part of the window: 1/4.
  public static let creditStep = 4
  /// A window that is drained within this many round trips doubles.
  public static let growthRoundTrips: Int64 = 2
  /// A window that is drained within this time doubles on any line, in nanoseconds: on short lines the reader's own
  /// steps take longer than the round trip.
  public static let growthFloorNanoseconds: Int64 = 4_000_000
  /// A writer's pieces up to this length are joined to the piece before them while both wait, in bytes.
  public static let joinedPieceBytes = 4096
  /// Pings leave at whole multiples of this on the sender's clock, the interval being the longest time between two, in
  /// milliseconds.
  public static let pingStepMilliseconds: Int64 = 50
  /// Pings whose answers can still be told apart.
  public static let maximumPingsInFlight = 32
}
