import Glibc

/// How a file is opened (draft-ietf-secsh-filexfer-02, section 6.3).
public struct OpenFlags: OptionSet, Hashable, Sendable {
  /// The bits, as SSH_FXP_OPEN has them.
  public let rawValue: UInt32

  /// Flags with these bits; unknown ones mean nothing.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// SSH_FXF_READ. Without `write`, or without both, the file is opened for reading.
  public static let read = OpenFlags(rawValue: 0x01)
  /// SSH_FXF_WRITE.
  public static let write = OpenFlags(rawValue: 0x02)
  /// SSH_FXF_APPEND: writes go to the end, whatever their offset.
  public static let append = OpenFlags(rawValue: 0x04)
  /// SSH_FXF_CREAT.
  public static let create = OpenFlags(rawValue: 0x08)
  /// SSH_FXF_TRUNC.
  public static let truncate = OpenFlags(rawValue: 0x10)
  /// SSH_FXF_EXCL: with `create`, the file must not exist.
  public static let exclusive = OpenFlags(rawValue: 0x20)

  /// For open(2).
  var systemFlags: CInt {
    var flags: CInt =
      switch (contains(.read), contains(.write)) {
      case (true, true): O_RDWR
      case (false, true): O_WRONLY
      case (true, false), (false, false): O_RDONLY
      }
    if contains(.append) { flags |= O_APPEND }
    if contains(.create) { flags |= O_CREAT }
    if contains(.truncate) { flags |= O_TRUNC }
    if contains(.exclusive) { flags |= O_EXCL }
    return flags
  }
}
