import FileSystem
import SFTPProtocol
import SessionModel

extension FilePerformer {
  /// Work that needs nothing open.
  func performByPath(_ job: FileJob) throws(FileError) -> FileOutcome {
    switch job.work {
    case .status(let path, let followsLinks):
      return attributes(job, try root.status(path, followLinks: followsLinks))
    case .setStatus(let path, let attributes, let followsLinks):
      return setAttributes(job, path: path, attributes, followsLinks: followsLinks)
    case .remove(let path):
      let reported = entry(path)
      try root.remove(path)
      return success(job, .did([.removed(path: reported)]))
    case .makeDirectory(let path, let permissions):
      try root.makeDirectory(path, mode: permissions)
      return success(job, .did([.madeDirectory(path: entry(path))]))
    case .removeDirectory(let path):
      let reported = entry(path)
      try root.removeDirectory(path)
      return success(job, .did([.removedDirectory(path: reported)]))
    case .realPath(let path, let expandsHome):
      guard expandsHome else { return name(job, try root.realPath(path)) }
      guard let expanded = expand(path) else {
        return FileOutcome(reply: job.replies.status(.noSuchFile, of: job.request, text: "no such user"))
      }
      return name(job, try root.realPath(expanded))
    case .rename(let path, let other, let replaces):
      let reported = entry(path)
      if replaces {
        try root.rename(path, to: other)
      } else {
        try root.renameWithoutReplacing(path, to: other)
      }
      return success(job, .did([.renamed(path: reported, to: entry(other))]))
    case .link(let path, let other):
      try root.link(path, to: other)
      return success(job, .did([.linked(path: entry(path), to: entry(other))]))
    case .readLink(let path): return name(job, try root.readLink(path))
    case .symlink(let target, let path):
      try root.symlink(target: target, at: path)
      return success(job, .did([.symlinked(path: entry(path), target: target.reportable)]))
    case .volume(let path): return volume(job, try root.volume(path))
    case .homeDirectory(let user):
      guard let home = workers.accounts.current().homeDirectory(ofUser: user) else {
        return FileOutcome(reply: job.replies.status(.failure, of: job.request))
      }
      return name(job, home)
    case .accountNames(let users, let groups):
      let table = workers.accounts.current()
      return FileOutcome(
        reply: job.replies.accountNames(
          users: users.map { table.userName($0) ?? [] }, groups: groups.map { table.groupName($0) ?? [] },
          of: job.request))
    case .open, .openDirectory, .close, .read, .write, .list, .handleStatus, .setHandleStatus, .handleVolume, .sync,
      .copy:
      throw FileError.badDescriptor
    }
  }

  private func name(_ job: FileJob, _ name: [UInt8]) -> FileOutcome {
    FileOutcome(reply: job.replies.name(name, of: job.request))
  }

  /// What is reported of a path: where the machine has it.
  private func entry(_ path: [UInt8]) -> [UInt8] { (root.machinePath(ofEntry: path) ?? root.absolute(path)).reportable }

  /// A leading `~` is where relative paths start, `~user` that user's home. Nil when there is no such user.
  private func expand(_ path: [UInt8]) -> [UInt8]? {
    guard path.first == UInt8(ascii: "~") else { return path }
    let slash = path.firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
    let user = path[1..<slash]
    guard !user.isEmpty else { return root.workingDirectory + path[slash...] }
    guard let home = workers.accounts.current().homeDirectory(ofUser: Array(user)) else { return nil }
    return home + path[slash...]
  }

  // MARK: - Attributes

  private func setAttributes(
    _ job: FileJob, path: [UInt8], _ attributes: FileAttributes, followsLinks: Bool
  ) -> FileOutcome {
    var setting = Setting()
    if let size = attributes.sizeBytes {
      setting.step { () throws(FileError) in try root.setSize(path, bytes: size) }
    }
    if let mode = attributes.mode {
      setting.step { () throws(FileError) in try root.setMode(path, mode & 0o7777, followLinks: followsLinks) }
    }
    if let times = attributes.times {
      setting.step { () throws(FileError) in
        try root.setTimes(
          path, accessedSeconds: Int64(times.accessedSeconds), modifiedSeconds: Int64(times.modifiedSeconds),
          followLinks: followsLinks)
      }
    }
    if let owner = attributes.owner {
      setting.step { () throws(FileError) in
        try root.setOwner(path, userID: owner.userID, groupID: owner.groupID, followLinks: followsLinks)
      }
    }
    return outcome(job, setting) { entry(path) }
  }

  func setAttributes(_ job: FileJob, _ file: OpenFile, path: [UInt8], _ attributes: FileAttributes) -> FileOutcome {
    var setting = Setting()
    if let size = attributes.sizeBytes {
      setting.step { () throws(FileError) in try file.setSize(bytes: size) }
    }
    if let mode = attributes.mode {
      setting.step { () throws(FileError) in try file.setMode(mode & 0o7777) }
    }
    if let times = attributes.times {
      setting.step { () throws(FileError) in
        try file.setTimes(
          accessedSeconds: Int64(times.accessedSeconds), modifiedSeconds: Int64(times.modifiedSeconds))
      }
    }
    if let owner = attributes.owner {
      setting.step { () throws(FileError) in try file.setOwner(userID: owner.userID, groupID: owner.groupID) }
    }
    return outcome(job, setting) { (file.machinePath() ?? root.absolute(path)).reportable }
  }

  private func outcome(_ job: FileJob, _ setting: Setting, path: () -> [UInt8]) -> FileOutcome {
    FileOutcome(
      reply: job.replies.status(setting.code, of: job.request),
      effect: setting.changedSomething ? .did([.changed(path: path())]) : .none)
  }
}

/// Setting several attributes: each is tried whatever came of those before, and the last failure is the answer, as with
/// sftp-server.
private struct Setting {
  var code = StatusCode.ok
  var changedSomething = false

  mutating func step(_ set: () throws(FileError) -> Void) {
    do throws(FileError) {
      try set()
      changedSomething = true
    } catch {
      code = StatusCode(error)
    }
  }
}
