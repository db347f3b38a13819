internal import CGuardian
internal import Glibc
internal import Synchronization

/// The agent's single-threaded child that forks, and ends, everything a session runs on the machine.
///
/// ```
///  agent (threads) ──── guardian ──forks── keeper (one per session) ──forks── the session's processes
///       └───────── commands, events ─────────┘
/// ```
/// It exists because a process with threads cannot fork safely, and because only a child subreaper keeps sight of
/// processes that call setsid or outlive their parent. It has its own session, blocks every signal, and ends all
/// sessions when this object, or the whole agent, is gone, however that came about.
public final class Guardian: Sendable {
  /// Becomes readable when the guardian is gone (it never speaks unasked). Not to be closed by the caller.
  public let descriptor: CInt
  /// The guardian's process id.
  public let pid: Int32
  /// Numbers requests; held from a request to its answer, since answers come in order on one socket.
  private let sequence = Mutex<UInt32>(0)

  private init(descriptor: CInt, pid: Int32) {
    self.descriptor = descriptor
    self.pid = pid
  }

  deinit {
    close(descriptor)
  }

  /// Forks the guardian and waits until it is ready.
  ///
  /// To be called first thing in main: throws ``ProcessError/threadsRunning(count:)`` when another thread exists.
  public static func start() throws(ProcessError) -> Guardian {
    var descriptor: CInt = -1
    var pid: Int32 = 0
    let problem = unsafe fixline_guardian_start(&descriptor, &pid)
    if let error = ProcessError(problem, executable: "") { throw error }
    return Guardian(descriptor: descriptor, pid: pid)
  }

  /// Makes a keeper for one more session.
  public func openSession() throws(ProcessError) -> SessionKeeper {
    var commands: CInt = -1
    var events: CInt = -1
    let problem = sequence.withLock { sequence in
      sequence &+= 1
      return unsafe fixline_guardian_open_session(descriptor, sequence, &commands, &events)
    }
    if let error = ProcessError(problem, executable: "") { throw error }
    return SessionKeeper(commands: commands, events: events)
  }
}
