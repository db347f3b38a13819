public import SessionModel
public import struct NIOCore.ByteBuffer

/// One piece of file work. Paths are as the client gave them: relative ones start in the technician's home.
public struct FileJob: Hashable, Sendable {
  /// What tells jobs of one stream apart.
  public let number: UInt64
  /// The request it answers; of a gathered write the first.
  public let request: UInt32
  /// What is to be done.
  public let work: FileWork
  /// What to write the answer with.
  public let replies: ReplyWriter
}

/// A place in the table of handles. Whoever does the work keeps the open file or directory under it.
public typealias HandleSlot = Int

/// What file work there is.
public enum FileWork: Hashable, Sendable {
  /// Open a file and keep it under the slot.
  case open(HandleSlot, path: [UInt8], OpenMode, permissions: UInt32?)
  /// Open a directory and keep it under the slot.
  case openDirectory(HandleSlot, path: [UInt8])
  /// Close what is kept there.
  case close(HandleSlot)
  /// One read of at most so many bytes.
  case read(HandleSlot, offset: UInt64, bytes: Int)
  /// Writes for one place after the other.
  case write(HandleSlot, [WritePart])
  /// The next names.
  case list(HandleSlot)
  /// Attributes by handle.
  case handleStatus(HandleSlot)
  /// Set attributes by handle; `path` is what it was opened by.
  case setHandleStatus(HandleSlot, path: [UInt8], FileAttributes)
  /// Numbers of the file system, by handle.
  case handleVolume(HandleSlot)
  /// To the disk.
  case sync(HandleSlot)
  /// Copy on the machine; a length of 0 is all there is. `writesAtEnd`: the target was opened for appending.
  case copy(from: HandleSlot, offset: UInt64, bytes: UInt64, to: HandleSlot, targetOffset: UInt64)
  /// Attributes by path.
  case status(path: [UInt8], followsLinks: Bool)
  /// Set attributes by path.
  case setStatus(path: [UInt8], FileAttributes, followsLinks: Bool)
  /// Remove a file.
  case remove(path: [UInt8])
  /// Make a directory.
  case makeDirectory(path: [UInt8], permissions: UInt32)
  /// Remove a directory.
  case removeDirectory(path: [UInt8])
  /// Name a path without links. `expandsHome`: a leading `~` or `~user` is a home directory.
  case realPath(path: [UInt8], expandsHome: Bool)
  /// Rename; `replaces`: over what is there.
  case rename(path: [UInt8], to: [UInt8], replaces: Bool)
  /// One more name for a file.
  case link(path: [UInt8], to: [UInt8])
  /// What a link says.
  case readLink(path: [UInt8])
  /// Make a link.
  case symlink(target: [UInt8], path: [UInt8])
  /// Numbers of the file system.
  case volume(path: [UInt8])
  /// A user's home directory.
  case homeDirectory(user: [UInt8])
  /// Names of users and groups.
  case accountNames(users: [UInt32], groups: [UInt32])

  /// Whether it may be done beside others of its kind: it changes nothing that another request could notice. All else is
  /// done alone: after everything before it, before everything behind it.
  public var isSharable: Bool {
    switch self {
    case .read, .handleStatus, .handleVolume, .status, .realPath, .readLink, .volume, .homeDirectory, .accountNames:
      true
    case .open, .openDirectory, .close, .write, .list, .setHandleStatus, .sync, .copy, .setStatus, .remove,
      .makeDirectory, .removeDirectory, .rename, .link, .symlink:
      false
    }
  }

  /// Whether the table of handles is another one afterwards: nothing behind it can be judged before.
  var changesHandles: Bool {
    switch self {
    case .open, .openDirectory, .close: true
    case .read, .handleStatus, .handleVolume, .status, .realPath, .readLink, .volume, .homeDirectory, .accountNames,
      .write, .list, .setHandleStatus, .sync, .copy, .setStatus, .remove, .makeDirectory, .removeDirectory, .rename,
      .link, .symlink:
      false
    }
  }

  /// What its answer counts for before it is known, in bytes.
  var expectedReplyBytes: Int {
    switch self {
    case .read(_, _, let bytes): ReplyWriter.dataHeadBytes + bytes
    case .list: SFTPLimits.listingReplyBytes
    case .write(_, let parts): 32 * parts.count
    case .open, .openDirectory, .close, .handleStatus, .setHandleStatus, .handleVolume, .sync, .copy, .status,
      .setStatus, .remove, .makeDirectory, .removeDirectory, .realPath, .rename, .link, .readLink, .symlink, .volume,
      .homeDirectory:
      SFTPLimits.smallReplyBytes
    case .accountNames(let users, let groups): 36 * (users.count + groups.count)
    }
  }
}

/// One WRITE.
public struct WritePart: Hashable, Sendable {
  /// Its request.
  public let request: UInt32
  /// Where the data goes.
  public let offset: UInt64
  /// The data, in the pieces it came in.
  public let data: [ByteBuffer]
  /// All of it, in bytes.
  public let bytes: Int
}

/// What came of a job.
public struct FileOutcome: Hashable, Sendable {
  /// What is to be remembered or reported.
  public enum Effect: Hashable, Sendable {
    /// Nothing.
    case none
    /// A file or directory is open; `path` is what is reported of it.
    case opened(path: [UInt8])
    /// What was open is closed.
    case closed
    /// So many bytes were read.
    case read(bytes: Int)
    /// So many bytes were written.
    case wrote(bytes: Int)
    /// So many bytes were copied on the machine.
    case copied(bytes: Int64)
    /// Something else was done that is reported.
    case did([FileEvent.Action])
  }

  /// The answer, or several; nil only when a file or directory was opened: the server names the handle.
  public let reply: ByteBuffer?
  /// What is to be remembered or reported.
  public let effect: Effect

  /// An outcome.
  public init(reply: ByteBuffer?, effect: Effect = .none) {
    self.reply = reply
    self.effect = effect
  }
}
