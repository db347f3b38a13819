/// How a file is to be opened: pflags (draft section 6.3). With neither read nor write it is opened for reading, as
/// sftp-server does.
public struct OpenMode: OptionSet, Hashable, Sendable {
  /// pflags as they came.
  public let rawValue: UInt32

  /// pflags, unknown bits included; they mean nothing.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// For reading.
  public static let read = OpenMode(rawValue: 0x1)
  /// For writing.
  public static let write = OpenMode(rawValue: 0x2)
  /// Each write goes to the end, whatever its offset says.
  public static let append = OpenMode(rawValue: 0x4)
  /// Made when it does not exist.
  public static let create = OpenMode(rawValue: 0x8)
  /// Emptied.
  public static let truncate = OpenMode(rawValue: 0x10)
  /// With ``create``: must not exist.
  public static let exclusive = OpenMode(rawValue: 0x20)

  /// Bytes may be read.
  public var canRead: Bool { contains(.read) || !contains(.write) }
  /// Bytes may be written.
  public var canWrite: Bool { contains(.write) }
  /// What `sftp-server -R` refuses.
  public var changesSomething: Bool { canWrite || contains(.create) || contains(.truncate) }
}
