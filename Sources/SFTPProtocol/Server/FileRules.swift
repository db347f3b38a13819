/// What a technician may do with files, by the customer's consent. With neither, paths and attributes can still be looked
/// at.
public struct FileRules: Hashable, Sendable {
  /// Files may be opened for reading and directories listed.
  public var canRead: Bool
  /// Anything may be changed.
  public var canWrite: Bool

  /// Both or less.
  public init(canRead: Bool, canWrite: Bool) {
    self.canRead = canRead
    self.canWrite = canWrite
  }

  /// Everything.
  public static let everything = FileRules(canRead: true, canWrite: true)

  /// Whether a type of request may be answered at all; judged before its fields are read, as `sftp-server -R` does. OPEN
  /// is judged by what it asks for.
  func allows(_ type: PacketType) -> Bool {
    switch type {
    case .write, .setStatus, .setHandleStatus, .remove, .makeDirectory, .removeDirectory, .rename, .symlink: canWrite
    case .read, .openDirectory, .readDirectory: canRead
    case .initialise, .version, .open, .close, .linkStatus, .handleStatus, .realPath, .status, .readLink, .statusReply,
      .handleReply, .dataReply, .nameReply, .attributesReply, .extended, .extendedReply:
      true
    }
  }

  func allows(_ known: SFTPExtension) -> Bool {
    if known == .copyData { return canRead && canWrite }
    return canWrite || !known.changesSomething
  }

  func allows(_ mode: OpenMode) -> Bool {
    (canWrite || !mode.changesSomething) && (canRead || !mode.canRead)
  }
}
