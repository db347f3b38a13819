import FileSystem
import SFTPProtocol

extension FilePerformer {
  /// The next names. What goes wrong meanwhile is the end of the directory, as with sftp-server.
  func list(_ job: FileJob, _ directory: OpenDirectory?) -> FileOutcome {
    var reply = ListingReply(writer: job.replies, request: job.request)
    if let directory, let entries = try? directory.next(limit: SFTPLimits.entriesPerListing), !entries.isEmpty {
      let accounts = workers.accounts.current()
      let now = LocalTime.nowUnixSeconds
      for entry in entries {
        let longName = LongName(entry.status, accounts: accounts)
        reply.append(
          name: entry.name, longName: longName.line(name: entry.name, nowSeconds: now),
          attributes: FileAttributes(entry.status))
      }
    }
    return FileOutcome(reply: reply.finish())
  }
}

extension LongName {
  fileprivate init(_ status: FileStatus, accounts: AccountTable) {
    self.init(
      mode: status.mode, linkCount: status.linkCount, userName: accounts.userName(status.userID), userID: status.userID,
      groupName: accounts.groupName(status.groupID), groupID: status.groupID, sizeBytes: status.sizeBytes,
      modifiedSeconds: status.modifiedSeconds,
      modified: LocalTime.parts(ofUnixSeconds: status.modifiedSeconds).map {
        WallClock(year: $0.year, month: $0.month, day: $0.day, hour: $0.hour, minute: $0.minute)
      })
  }
}
