internal import CGuardian

/// How a spawned process came to its end.
public struct ProcessExit: Hashable, Sendable {
  /// Its own exit, or a signal.
  public enum Cause: Hashable, Sendable {
    /// It exited with this status, 0...255.
    case status(Int32)
    /// A signal ended it: number, name without "SIG" (RFC 4254 section 6.10 where that has one), core dumped or not.
    case signal(number: Int32, name: String, coreDumped: Bool)
  }

  /// The process's id, as ``SpawnedProcess/pid`` said.
  public let pid: Int32
  /// Status or signal.
  public let cause: Cause

  /// An exit.
  public init(pid: Int32, cause: Cause) {
    self.pid = pid
    self.cause = cause
  }
}

/// One process that was still there when its session ended.
public struct EndedProcess: Hashable, Sendable {
  /// Its id.
  public let pid: Int32
  /// Its command name, at most 15 bytes, as the kernel knows it. Chosen by the process: escape it before showing it.
  public let command: String
  /// True when it could not be ended (it runs as another user, or hangs in the kernel).
  public let survives: Bool

  /// One process.
  public init(pid: Int32, command: String, survives: Bool) {
    self.pid = pid
    self.command = command
    self.survives = survives
  }
}

/// What a session's end found and ended.
public struct EndedProcesses: Hashable, Sendable {
  /// The first ``GuardianLimits/maximumEndedNames`` of them.
  public let list: [EndedProcess]
  /// How many there were in all.
  public let total: Int
  /// How many of them could not be ended. The keeper keeps trying.
  public let survivors: Int

  /// A result.
  public init(list: [EndedProcess], total: Int, survivors: Int) {
    self.list = list
    self.total = total
    self.survivors = survivors
  }
}

/// What a keeper reports.
public enum KeeperEvent: Hashable, Sendable {
  /// A spawned process ended. Exactly once for each ``SessionKeeper/spawn(_:)`` that succeeded, before `ended`.
  case exited(ProcessExit)
  /// ``SessionKeeper/endEverything()`` is complete. Once, and the last event.
  case ended(EndedProcesses)
  /// The keeper is gone without having said `ended` (somebody killed it): the guardian ends what it left. Once, and
  /// the last event; spawned processes not yet reported will not be.
  case lost
}
