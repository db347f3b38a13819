import FileSystem
import PTY
import SFTPProtocol
import SessionModel

/// What every session of a run works with.
struct SessionTools {
  /// Forks, and ends, what sessions run.
  let guardian: Guardian
  /// Who the agent runs as.
  let shell: LoginShell
  /// Where file work takes place: `/`, or the directory of `--files`.
  let root: RootDirectory
  /// What all file transfers share.
  let fileWorkers: FileWorkers
  /// The connections of all sessions.
  let forwards: Forwards
}

extension FileRules {
  /// What the customer consented to.
  init(_ allowances: Allowances) {
    self.init(canRead: allowances.contains(.readFiles), canWrite: allowances.contains(.writeFiles))
  }
}
