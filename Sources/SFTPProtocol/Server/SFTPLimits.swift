/// What the protocol and this server limit. Those that are static are OpenSSH's, and clients rely on them.
public struct SFTPLimits: Hashable, Sendable {
  /// The version this server speaks.
  public static let protocolVersion: UInt32 = 3
  /// The longest packet, its length field aside, in bytes (OpenSSH, SFTP_MAX_MSG_LENGTH).
  public static let maximumPacketBytes: UInt32 = 256 * 1024
  /// The most data one READ gets, in bytes; more is asked for in vain.
  public static let maximumReadBytes: UInt32 = maximumPacketBytes - 1024
  /// The most data one WRITE should bring, in bytes.
  public static let maximumWriteBytes: UInt32 = maximumPacketBytes - 1024
  /// Pieces of data that are written at once.
  public static let gatheredPieces = 64
  /// Names in one answer to READDIR.
  public static let entriesPerListing = 100
  /// What an answer to READDIR counts for before it is known, in bytes: names of 255 bytes fill it by half.
  public static let listingReplyBytes = 64 * 1024
  /// What any other answer counts for before it is known, in bytes.
  public static let smallReplyBytes = 256

  /// Files and directories open at once on one stream. One more is answered FAILURE. It is what sftp-server has under a
  /// limit of 1,024 descriptors.
  public var maximumHandles = 1019
  /// Jobs handed over and not finished.
  public var maximumJobs = 64
  /// WRITEs, or gathered ones, handed over at once: one that is being done and one behind it. What comes meanwhile gathers.
  static let maximumWriteJobs = 2

  /// Answers not yet sent, and those that jobs will bring, in bytes. A single answer may exceed it. Once it is reached,
  /// nothing is begun until half of it is sent: work is handed over in batches, with one wake-up for several.
  public var replyBytes = 2 * 1024 * 1024
  /// Data of WRITEs for one place after the other that are written at once, in bytes.
  public var gatheredBytes = 1024 * 1024
  /// WRITEs that are written at once.
  public var gatheredWrites = 32

  /// What this product uses.
  public init() {}
}
