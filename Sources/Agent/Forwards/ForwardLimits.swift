/// Every limit of connections to other computers, with what this product uses. Tests may build tighter ones.
struct ForwardLimits: Hashable, Sendable {
  /// Connections at once for all sessions together; as many as a tunnel has streams.
  var maximumConnections = 256
  /// Connections at once for one session.
  var maximumPerSession = 128
  /// Addresses of one name that are tried. What else the name resolves to is not looked at.
  var maximumAddresses = 8
  /// How long one address has to answer, in milliseconds.
  var addressMilliseconds: Int64 = 10_000
  /// How long the look-up and all addresses together have, in milliseconds.
  var overallMilliseconds: Int64 = 20_000

  /// Names looked up at once, each on a thread of its own. One that nobody waits for any more holds its thread until the
  /// name servers have answered or been given up.
  var lookupsAtOnce = 8
  /// Look-ups that wait for a thread. More are refused.
  var waitingLookups = 64
  /// How long a look-up takes at most, the waiting included, in milliseconds.
  var lookupMilliseconds: Int64 = 10_000

  /// What the connections may have read and not sent, all together, when another one is opened, in bytes. One alone reads
  /// on while it holds less than `OutgoingQueue.unsentBytes`; but when its target closes, the rest of what the kernel
  /// received comes in one piece: as much as `net.ipv4.tcp_rmem` lets its buffer grow, 6 MiB or 32 MiB.
  var heldBytes = 64 * 1024 * 1024

  /// What this product uses.
  static let standard = ForwardLimits()

  /// The most that one read of a socket brings, in bytes.
  static let readBytes = 64 * 1024
  /// The first and the smallest buffer read into, in bytes. NIO grows it up to ``readBytes`` while reads fill it.
  static let firstReadBytes = 4 * 1024
  static let smallestReadBytes = 512
  /// Reads that follow one another before the event loop looks after something else.
  static let readsPerTurn = 4
  /// A read that fills less than this part of its buffer is copied to one of its own size, so that a few bytes waiting
  /// to be sent do not hold a whole buffer.
  static let copyBelowPart = 4
}
