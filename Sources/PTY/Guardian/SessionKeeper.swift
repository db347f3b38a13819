import SessionModel

internal import CGuardian
internal import Glibc
internal import Synchronization

/// One session's process on the customer's machine below which all of the session's processes live.
///
/// Any thread may call it. ``spawn(_:)`` is a synchronous round trip of about a millisecond, bounded by
/// ``GuardianLimits/replyLimitMilliseconds``; everything else returns at once. Letting go of the last reference ends
/// the session like ``endEverything()``, unreported.
///
/// A process may exit so fast that another thread sees its exit before `spawn` has returned: call `spawn` and
/// ``nextEvent()`` on one thread, or keep exits of unknown processes for a moment.
public final class SessionKeeper: Sendable {
  /// Becomes readable when ``nextEvent()`` has something. Not to be closed by the caller. Level-triggered watchers call
  /// `nextEvent` until it returns nil.
  public let descriptor: CInt
  private let commands: CInt
  /// Numbers requests; held from a request to its answer, since answers come in order on one socket.
  private let sequence = Mutex<UInt32>(0)
  private let reader = Mutex(KeeperEventDecoder())

  init(commands: CInt, events: CInt) {
    self.commands = commands
    self.descriptor = events
  }

  deinit {
    close(commands)
    close(descriptor)
  }

  /// Starts a process and returns when it has been executed; a program that cannot be executed is an error here.
  public func spawn(_ request: SpawnRequest) throws(ProcessError) -> SpawnedProcess {
    let block = try SpawnBlock(request)
    let size = request.terminal
    var spawned = fixline_spawned()
    let problem = sequence.withLock { sequence in
      sequence &+= 1
      let number = sequence
      return unsafe block.bytes.withUnsafeBufferPointer { bytes in
        var wanted = unsafe fixline_spawn()
        unsafe wanted.block = bytes.baseAddress
        unsafe wanted.block_bytes = UInt32(bytes.count)
        unsafe wanted.argument_count = UInt32(block.argumentCount)
        unsafe wanted.environment_count = UInt32(block.environmentCount)
        unsafe wanted.terminal = size == nil ? 0 : 1
        unsafe wanted.columns = size?.columns ?? 0
        unsafe wanted.rows = size?.rows ?? 0
        unsafe wanted.width_pixels = size?.widthPixels ?? 0
        unsafe wanted.height_pixels = size?.heightPixels ?? 0
        return unsafe fixline_keeper_spawn(commands, number, &wanted, &spawned)
      }
    }
    if let error = ProcessError(problem, executable: request.executable) { throw error }
    let (first, second, third) = spawned.descriptors
    return SpawnedProcess(
      pid: spawned.pid,
      streams: size == nil ? .pipes(input: first, output: second, error: third) : .terminal(first))
  }

  /// Sends a signal, named as in RFC 4254 section 6.9 ("INT", "TERM", "KILL", …), to the process's group and, on a
  /// terminal, to the group in its foreground. False when the name is unknown or the keeper gone; a process that has
  /// ended already is no error.
  @discardableResult
  public func signal(process pid: Int32, name: String) -> Bool {
    guard let number = SignalName.number(of: name) else { return false }
    return fixline_keeper_signal(commands, pid, number).stage == FIXLINE_OK.rawValue
  }

  /// The end of one channel: SIGHUP and SIGCONT to the process's group and, on a terminal, to the group in its
  /// foreground. Everything else in the session lives on.
  public func hangUp(process pid: Int32) {
    _ = fixline_keeper_hang_up(commands, pid)
  }

  /// Begins to end every process of the session: SIGHUP, SIGTERM, then SIGSTOP and SIGKILL, until none is left.
  /// ``nextEvent()`` reports the remaining exits and then ``KeeperEvent/ended(_:)``. Spawning is refused from now on.
  public func endEverything() {
    _ = fixline_keeper_end(commands)
  }

  /// The next report, or nil when there is none now.
  public func nextEvent() -> KeeperEvent? {
    reader.withLock { reader in
      while true {
        if let event = reader.next() { return event }
        var buffer = [UInt8](repeating: 0, count: KeeperEventDecoder.readBytes)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
          reader.append(buffer[..<count])
        } else if count == 0 {
          return reader.finish()
        } else if errno != EINTR {
          return nil
        }
      }
    }
  }
}
