import SessionModel
import struct NIOCore.ByteBuffer

extension SFTPServer {
  /// What is to be done about a request.
  enum Verdict {
    /// It is answered without file work.
    case answer(ByteBuffer)
    case work(FileWork)
    /// Work that needs a free place in the table of handles.
    case open((HandleSlot) -> FileWork)
  }

  /// Looks handles up and applies the rules. The answers without file work are sftp-server's.
  func judge(_ request: SFTPRequest, number: UInt32) -> Verdict {
    func refuse(_ code: StatusCode) -> Verdict { .answer(replies.status(code, of: number)) }
    switch request {
    case .open(let path, let mode, let attributes):
      guard rules.allows(mode) else { return refuse(.permissionDenied) }
      guard table.count < limits.maximumHandles else { return refuse(.failure) }
      return .open { .open($0, path: path, mode, permissions: attributes.mode) }
    case .openDirectory(let path):
      guard table.count < limits.maximumHandles else { return refuse(.failure) }
      return .open { .openDirectory($0, path: path) }
    case .close(let handle):
      guard let slot = table.file(handle)?.slot ?? table.directory(handle) else { return refuse(.noSuchFile) }
      return .work(.close(slot))
    case .read(let handle, let offset, let bytes):
      guard let slot = table.file(handle)?.slot else { return refuse(.failure) }
      return .work(.read(slot, offset: offset, bytes: Int(min(bytes, SFTPLimits.maximumReadBytes))))
    case .write(let handle, let offset, let data, let bytes):
      guard let slot = table.file(handle)?.slot else { return refuse(.failure) }
      return .work(.write(slot, [WritePart(request: number, offset: offset, data: data, bytes: bytes)]))
    case .status(let path, let followsLinks): return .work(.status(path: path, followsLinks: followsLinks))
    case .handleStatus(let handle):
      guard let slot = table.file(handle)?.slot else { return refuse(.failure) }
      return .work(.handleStatus(slot))
    case .setStatus(let path, let attributes, let followsLinks):
      // A link has no size to be set.
      if !followsLinks, attributes.sizeBytes != nil { return refuse(.badMessage) }
      return .work(.setStatus(path: path, attributes, followsLinks: followsLinks))
    case .setHandleStatus(let handle, let attributes):
      guard let (slot, file) = table.file(handle) else { return refuse(.failure) }
      return .work(.setHandleStatus(slot, path: file.path, attributes))
    case .readDirectory(let handle):
      guard let slot = table.directory(handle) else { return refuse(.failure) }
      return .work(.list(slot))
    case .remove(let path): return .work(.remove(path: path))
    case .makeDirectory(let path, let attributes):
      return .work(.makeDirectory(path: path, permissions: (attributes.mode ?? 0o777) & 0o7777))
    case .removeDirectory(let path): return .work(.removeDirectory(path: path))
    case .realPath(let path, let expandsHome): return .work(.realPath(path: path, expandsHome: expandsHome))
    case .rename(let path, let other, let replaces): return .work(.rename(path: path, to: other, replaces: replaces))
    case .readLink(let path): return .work(.readLink(path: path))
    case .symlink(let target, let path): return .work(.symlink(target: target, path: path))
    case .link(let path, let other): return .work(.link(path: path, to: other))
    case .volume(let path): return .work(.volume(path: path))
    case .handleVolume(let handle):
      guard let slot = table.file(handle)?.slot else { return refuse(.failure) }
      return .work(.handleVolume(slot))
    case .sync(let handle):
      guard let slot = table.file(handle)?.slot else { return refuse(.noSuchFile) }
      return .work(.sync(slot))
    case .limits:
      return .answer(
        replies.numbers(
          [
            UInt64(SFTPLimits.maximumPacketBytes), UInt64(SFTPLimits.maximumReadBytes),
            UInt64(SFTPLimits.maximumWriteBytes), UInt64(clamping: limits.maximumHandles),
          ], of: number))
    case .copy(let from, let offset, let bytes, let to, let targetOffset):
      guard let source = table.file(from), let target = table.file(to), source.slot != target.slot,
        source.file.path != target.file.path
      else { return refuse(.failure) }
      return .work(.copy(from: source.slot, offset: offset, bytes: bytes, to: target.slot, targetOffset: targetOffset))
    case .homeDirectory(let user): return .work(.homeDirectory(user: user))
    case .accountNames(let users, let groups): return .work(.accountNames(users: users, groups: groups))
    }
  }

  /// Keeps the table and reports, as far as `effect` says that something happened. The handle of what was opened.
  mutating func settle(_ work: FileWork, _ effect: FileOutcome.Effect) -> UInt32? {
    switch (work, effect) {
    case (.open(let slot, let path, let mode, _), .opened(let reported)):
      let opening = report(.opened(path: reported, mode.direction))
      // A file that is only read was made or emptied all the same.
      if !mode.canWrite, mode.changesSomething { _ = report(.changed(path: reported)) }
      table.fill(slot, with: HandleTable.File(path: path, mode: mode, opening: opening))
      return UInt32(truncatingIfNeeded: slot)
    case (.openDirectory(let slot, _), .opened(let reported)):
      _ = report(.listed(path: reported))
      table.fillWithDirectory(slot)
      return UInt32(truncatingIfNeeded: slot)
    case (.open(let slot, _, _, _), _), (.openDirectory(let slot, _), _):
      table.free(slot)
    case (.close(let slot), _):
      if let file = table.file(at: slot) {
        _ = report(
          .closed(
            opening: file.opening, bytesToMachine: file.bytesToMachine, bytesFromMachine: file.bytesFromMachine))
      }
      table.free(slot)
    case (.read(let slot, _, _), .read(let bytes)): table.update(slot) { $0.bytesFromMachine += Int64(bytes) }
    case (.write(let slot, _), .wrote(let bytes)): table.update(slot) { $0.bytesToMachine += Int64(bytes) }
    case (.copy(let from, _, _, let to, _), .copied(let bytes)):
      if bytes > 0, let source = table.file(at: from), let target = table.file(at: to) {
        _ = report(.copied(from: source.opening, to: target.opening, bytes: bytes))
      }
    case (_, .did(let actions)):
      for action in actions { _ = report(action) }
    case (_, .none), (_, .opened), (_, .closed), (_, .read), (_, .wrote), (_, .copied): break
    }
    return nil
  }
}

extension OpenMode {
  /// Which way bytes may go.
  var direction: FileDirection {
    switch (canRead, canWrite) {
    case (true, true): .both
    case (false, true): .toMachine
    case (true, false), (false, false): .fromMachine
    }
  }
}
