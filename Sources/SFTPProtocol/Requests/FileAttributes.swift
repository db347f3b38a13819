/// Attributes of a file as they travel (draft-ietf-secsh-filexfer-02 section 5): each group there or not.
public struct FileAttributes: Hashable, Sendable {
  /// Who owns it.
  public struct Owner: Hashable, Sendable {
    /// Of the user.
    public var userID: UInt32
    /// Of the group.
    public var groupID: UInt32

    /// Both.
    public init(userID: UInt32, groupID: UInt32) {
      self.userID = userID
      self.groupID = groupID
    }
  }

  /// When it was last touched, in seconds since 1970. Times outside of what 32 bits hold are cut to their low 32 bits.
  public struct Times: Hashable, Sendable {
    /// Last read.
    public var accessedSeconds: UInt32
    /// Last written.
    public var modifiedSeconds: UInt32

    /// Both.
    public init(accessedSeconds: UInt32, modifiedSeconds: UInt32) {
      self.accessedSeconds = accessedSeconds
      self.modifiedSeconds = modifiedSeconds
    }
  }

  enum Flag {
    static let size: UInt32 = 0x1
    static let owner: UInt32 = 0x2
    static let mode: UInt32 = 0x4
    static let times: UInt32 = 0x8
    static let extended: UInt32 = 0x8000_0000
  }

  /// The size.
  public var sizeBytes: UInt64?
  /// The owner.
  public var owner: Owner?
  /// Kind and permissions, as stat(2) has them.
  public var mode: UInt32?
  /// The times.
  public var times: Times?

  /// None, or those given.
  public init(sizeBytes: UInt64? = nil, owner: Owner? = nil, mode: UInt32? = nil, times: Times? = nil) {
    self.sizeBytes = sizeBytes
    self.owner = owner
    self.mode = mode
    self.times = times
  }

  /// Which groups are there.
  var flags: UInt32 {
    (sizeBytes == nil ? 0 : Flag.size) | (owner == nil ? 0 : Flag.owner) | (mode == nil ? 0 : Flag.mode)
      | (times == nil ? 0 : Flag.times)
  }
}
