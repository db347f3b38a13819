import SFTPProtocol

/// A job with what is open for it.
struct FileTask: Sendable {
  let job: FileJob
  /// What the job's slot holds; of a copy its source.
  let resource: FileResource?
  /// A copy's target.
  let target: FileResource?
}

/// What came of a task.
struct FileCompletion: Sendable {
  let job: UInt64
  let outcome: FileOutcome
  /// What was opened.
  let opened: FileResource?

  init(_ task: FileTask, _ outcome: FileOutcome, opened: FileResource? = nil) {
    job = task.job.number
    self.outcome = outcome
    self.opened = opened
  }
}
