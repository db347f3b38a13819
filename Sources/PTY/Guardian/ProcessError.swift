internal import CGuardian

/// Why something about processes did not work. Its description is one line for people.
public enum ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
  /// ``Guardian/start()`` was called when other threads existed.
  case threadsRunning(count: Int)
  /// /proc is not mounted, or not readable.
  case procUnavailable(errno: Int32)
  /// The guardian could not be started.
  case startFailed(errno: Int32)
  /// The guardian could not make a keeper.
  case sessionFailed(errno: Int32)
  /// ``GuardianLimits/maximumSessions`` are open.
  case tooManySessions
  /// ``GuardianLimits/maximumProcesses`` are running in this session.
  case tooManyProcesses
  /// Arguments and environment exceed ``GuardianLimits``, or the kernel's limits.
  case tooLarge
  /// An argument, environment entry or path contains a NUL byte, which no program can be given.
  case containsNUL
  /// Pipes, terminal or process could not be made: what, and why.
  case resourcesUnavailable(what: String, errno: Int32)
  /// The program could not be executed.
  case cannotExecute(path: String, errno: Int32)
  /// The program was not executed within ``GuardianLimits/replyLimitMilliseconds``, for example on a stalled disk.
  case executionStalled(path: String)
  /// The session is being ended.
  case sessionEnding
  /// No answer within ``GuardianLimits/replyLimitMilliseconds``.
  case noAnswer
  /// Guardian or keeper does not exist any more.
  case gone
  /// The agent has no controlling terminal, or it cannot be opened.
  case noTerminal(errno: Int32)

  /// One line: what was wrong and what to do.
  public var description: String {
    switch self {
    case .threadsRunning(let count):
      "The guardian must be started before any thread exists, and there are \(count) threads already."
    case .procUnavailable(let errno):
      "/proc cannot be read (\(Self.text(errno))): mount it, and start again."
    case .startFailed(let errno):
      "The process that looks after sessions could not be started: \(Self.text(errno))."
    case .sessionFailed(let errno):
      "The session could not be prepared on this machine: \(Self.text(errno))."
    case .tooManySessions:
      "There are \(GuardianLimits.maximumSessions) sessions open already: close one first."
    case .tooManyProcesses:
      "This session runs \(GuardianLimits.maximumProcesses) commands already: end one first."
    case .tooLarge:
      "The command with its environment is too large to be started here: shorten it."
    case .containsNUL:
      "The command or its environment contains a NUL byte, which no program can be given."
    case .resourcesUnavailable(let what, let errno):
      "This machine could not provide \(what): \(Self.text(errno))."
    case .cannotExecute(let path, let errno):
      "\(path) could not be started: \(Self.text(errno))."
    case .executionStalled(let path):
      "\(path) could not be started in time: a disk or network file system may be stalled."
    case .sessionEnding:
      "The session is being closed: nothing new is started."
    case .noAnswer:
      "The process that looks after this session does not answer."
    case .gone:
      "The process that looks after this session is gone."
    case .noTerminal(let errno):
      "There is no terminal to ask on: \(Self.text(errno))."
    }
  }

  private static func text(_ number: Int32) -> String {
    unsafe String(cString: fixline_error_text(number))
  }

  /// nil when there is no problem.
  init?(_ problem: fixline_problem, executable: String) {
    let errno = problem.error
    switch fixline_stage(UInt32(bitPattern: problem.stage)) {
    case FIXLINE_OK: return nil
    case FIXLINE_THREADS: self = .threadsRunning(count: Int(errno))
    case FIXLINE_NO_PROC: self = .procUnavailable(errno: errno)
    case FIXLINE_START: self = .startFailed(errno: errno)
    case FIXLINE_SESSION: self = .sessionFailed(errno: errno)
    case FIXLINE_TOO_MANY_SESSIONS: self = .tooManySessions
    case FIXLINE_TOO_MANY_PROCESSES: self = .tooManyProcesses
    case FIXLINE_TOO_LARGE: self = .tooLarge
    case FIXLINE_STREAMS: self = .resourcesUnavailable(what: "pipes for the command", errno: errno)
    case FIXLINE_TERMINAL: self = .resourcesUnavailable(what: "a terminal", errno: errno)
    case FIXLINE_FORK: self = .resourcesUnavailable(what: "a new process", errno: errno)
    case FIXLINE_EXEC: self = .cannotExecute(path: executable, errno: errno)
    case FIXLINE_EXEC_SLOW: self = .executionStalled(path: executable)
    case FIXLINE_ENDING: self = .sessionEnding
    case FIXLINE_NO_ANSWER: self = .noAnswer
    case FIXLINE_GONE: self = .gone
    case let other:  // A C enumeration is open; FIXLINE_MALFORMED and anything unknown mean that the link is unusable.
      _ = other
      self = .gone
    }
  }
}
