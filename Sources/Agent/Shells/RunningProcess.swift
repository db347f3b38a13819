import Glibc
import NIOCore
import PTY
import SessionModel
import TunnelProtocol

/// What a process's owner is told. On the event loop.
protocol RunningProcessOwner: AnyObject {
  /// Everything it wrote was read and its exit is known: it can be forgotten. `unseen`: it was waiting for somebody.
  func processCompleted(_ process: RunningProcess, unseen: Bool)
}

/// A shell or command, and whoever it talks to at the moment.
///
/// ```
///              detach(…)                        adopt(port)
///   attached ─────────────▶ detached(retention) ───────────▶ attached
///      │ hangUp                │ hangUp, exit
///      └───────────────────────┴─────────▶ dropped
/// ```
/// Attached, output is read only while the stream's send buffer has room. Detached, a shell's output goes into the ring:
/// with the link down reading stops when the ring is full, so that nothing is lost; with the technician gone the oldest
/// is dropped. Dropped, the descriptors are closed and the exit is awaited.
final class RunningProcess {
  /// What happens to output nobody takes.
  enum Retention: Hashable, Sendable {
    /// Reading stops when the ring is full.
    case everything
    /// The oldest is dropped.
    case latest
  }

  private enum Attachment {
    case attached(StreamPort)
    case detached(Retention)
    case dropped
  }

  let session: SessionID
  let pid: Int32
  private let spawned: SpawnedProcess
  private let keeper: SessionKeeper
  private let loop: any EventLoop
  private weak var owner: (any RunningProcessOwner)?

  private var attachment: Attachment
  private var ending: ProcessEnding
  /// Only a shell on a terminal can be detached; it alone has one.
  private var ring: OutputRing?
  private var outputs: [ProcessOutput] = []
  private let input = ProcessInput()
  private var inputIsFinished = false
  private var outgoing = OutgoingQueue()
  /// Waits for quiet, or for an exit; never for both.
  private var timer: Scheduled<Void>?
  /// What is to be said behind everything held.
  private var farewell = ProcessEnding.Action.none

  /// A process that was just spawned; its stream is accepted.
  init(
    _ spawned: SpawnedProcess, session: SessionID, canBeDetached: Bool, keeper: SessionKeeper, port: StreamPort,
    loop: any EventLoop, owner: any RunningProcessOwner
  ) {
    self.spawned = spawned
    self.session = session
    pid = spawned.pid
    self.keeper = keeper
    self.loop = loop
    self.owner = owner
    attachment = .attached(port)
    ending = ProcessEnding(isTerminal: spawned.terminal != nil)
    if canBeDetached, spawned.terminal != nil { ring = OutputRing(capacity: OutputRing.standardBytes) }
    port.accept()
  }

  /// The stream it is attached to.
  var port: StreamPort? {
    switch attachment {
    case .attached(let port): port
    case .detached, .dropped: nil
    }
  }

  /// Whether it waits for somebody to come back.
  var isDetached: Bool {
    switch attachment {
    case .detached: true
    case .attached, .dropped: false
    }
  }

  /// Begins to watch its descriptors. Once, when the owner knows it: what it wrote already may arrive at once.
  func start() {
    switch spawned.streams {
    case .terminal(let master):
      // Two descriptors of one terminal: each direction is closed by itself.
      outputs = [ProcessOutput(lane: .standard, owner: self)]
      let second = fcntl(master, F_DUPFD_CLOEXEC, 0)
      if second >= 0 {
        input.start(descriptor: second, on: loop)
      } else {
        input.close()
      }
      outputs[0].start(descriptor: master, on: loop)
    case .pipes(let inputEnd, let outputEnd, let errorEnd):
      outputs = [ProcessOutput(lane: .standard, owner: self), ProcessOutput(lane: .error, owner: self)]
      input.start(descriptor: inputEnd, on: loop)
      outputs[0].start(descriptor: outputEnd, on: loop)
      outputs[1].start(descriptor: errorEnd, on: loop)
    }
  }

  // MARK: - From the technician

  /// Input; its room is given back when the process's side took it.
  func write(_ bytes: ByteBuffer, from port: StreamPort) {
    let count = bytes.readableBytes
    if inputIsFinished {
      port.consumed(count)
    } else {
      input.write(bytes) { port.consumed(count) }
    }
  }

  /// The technician sends no more. A terminal has no end of input but what is typed.
  func finishInput() {
    guard spawned.terminal == nil, !inputIsFinished else { return }
    inputIsFinished = true
    input.finish()
  }

  /// A message of the stream.
  func handle(_ message: StreamMessage) {
    switch message {
    case .windowChange(let size): resize(to: size)
    case .signal(let name): keeper.signal(process: pid, name: name)
    case .outputClosed:
      // On a terminal this would hang the shell up, and what it shows is still wanted by whoever comes back.
      if spawned.terminal == nil { outputs.first { $0.lane == .standard }?.close() }
    case .exitStatus, .exitSignal, .dialled: break
    }
  }

  /// The tunnel sent some of what was handed to it.
  func freed(_ bytes: Int) {
    outgoing.freed(bytes)
    handOver()
    readMore()
    if ending.isDraining { watchForQuiet() }
  }

  // MARK: - Coming and going

  /// Nobody is attached any more; of what was sent, `unseenBytes` may not have arrived. False when this process cannot wait for somebody: hang it up.
  func detach(_ retention: Retention, unseenBytes: Int = 0) -> Bool {
    // A shell that has exited has nobody to wait for.
    guard !ending.isComplete, var ring, case .attached = attachment else { return isDetached }
    // What the technician has not been sent, and a little of what he saw last, is what he will be shown.
    ring.keepLast(outgoing.backlogBytes + unseenBytes + OutputRing.contextBytes)
    self.ring = ring
    attachment = .detached(retention)
    outgoing = OutgoingQueue()
    readMore()
    return true
  }

  /// The link is back, and with it the relay; it did not bring the technician.
  func relax() {
    guard isDetached else { return }
    attachment = .detached(.latest)
    readMore()
  }

  /// A technician takes this shell over: he is shown its last output, and whatever runs in it is told to draw anew.
  func adopt(_ port: StreamPort, size: TerminalSize) {
    guard isDetached, let ring else { return }
    attachment = .attached(port)
    port.accept()
    let replay = ring.replay()
    for start in stride(from: 0, to: replay.count, by: ProcessOutput.readBytes) {
      outgoing.append(.standard, ByteBuffer(bytes: replay[start...].prefix(ProcessOutput.readBytes)))
    }
    handOver()
    // The kernel sends SIGWINCH only when the size changes: so it changes twice.
    var other = size
    other.rows = size.rows > 1 ? size.rows - 1 : size.rows + 1
    resize(to: other)
    resize(to: size)
    readMore()
  }

  /// The channel is over: SIGHUP, and the descriptors are closed.
  func hangUp() {
    if case .dropped = attachment { return }
    attachment = .dropped
    outgoing = OutgoingQueue()
    keeper.hangUp(process: pid)
    input.close()
    for output in outputs { output.close() }
    // It had exited and waited for its last output to be sent: there is nobody left to tell.
    sayFarewell()
  }

  // MARK: - Its end

  /// The keeper reported its exit.
  func exited(_ cause: ProcessExit.Cause) {
    let action = ending.handle(.exited(cause))
    // Nobody is there to be told; what it wrote is not kept for anybody.
    if port == nil {
      close()
    } else {
      perform(action)
    }
  }

  /// The keeper is gone.
  func keeperLost() { perform(ending.handle(.lost)) }

  /// The session is over and so is the stream, whatever is unsent: no clock waits for it any more.
  func sessionEnded() {
    keeperLost()
    if outgoing.isEmpty {
      sayFarewell()
    } else {
      port?.end(StreamEnd(.sessionClosed, "the session is over"))
      close()
    }
  }

  private func perform(_ action: ProcessEnding.Action) {
    switch action {
    case .none: break
    case .finishWriting:
      timer?.cancel()
      timer = loop.assumeIsolated().scheduleTask(in: .milliseconds(ProcessEnding.exitGraceMilliseconds)) {
        self.conclude(.finishWriting)
      }
    case .complete, .fail: conclude(action)
    case .awaitQuiet:
      readMore()
      watchForQuiet()
    }
  }

  private func conclude(_ last: ProcessEnding.Action) {
    timer?.cancel()
    farewell = last
    handOver()
  }

  /// Says what is left to say.
  private func sayFarewell() {
    let action = farewell
    farewell = .none
    switch action {
    case .none, .awaitQuiet: break
    case .finishWriting:
      port?.finishWriting()
    case .complete(let cause):
      port?.post(cause.message)
      port?.end(StreamEnd(.finished))
      close()
    case .fail:
      port?.end(StreamEnd(.failed, "the process that looked after this session on the computer is gone"))
      close()
    }
  }

  private func close() {
    guard let owner else { return }
    self.owner = nil
    let unseen = isDetached
    attachment = .dropped
    outgoing = OutgoingQueue()
    timer?.cancel()
    input.close()
    for output in outputs { output.close() }
    owner.processCompleted(self, unseen: unseen)
  }

  /// A terminal is quiet when a read has been waiting for a while. While nothing may be read there is nothing to watch:
  /// ``freed(_:)`` comes back to it.
  private func watchForQuiet() {
    timer?.cancel()
    guard ending.isDraining, outputs.allSatisfy({ $0.isReading || $0.isEnded }) else { return }
    timer = loop.assumeIsolated().scheduleTask(in: .milliseconds(ProcessEnding.quietMilliseconds)) {
      self.perform(self.ending.handle(.quiet))
    }
  }

  // MARK: - Output

  private func resize(to size: TerminalSize) {
    guard outputs.first?.isEnded == false else { return }
    spawned.resize(to: size)
  }

  private var mayRead: Bool {
    switch attachment {
    case .attached: outgoing.hasRoom
    case .detached(.everything): (ring?.room ?? 0) >= ProcessOutput.readBytes
    case .detached(.latest): true
    case .dropped: false
    }
  }

  private func readMore() {
    for output in outputs where mayRead { output.read() }
  }

  /// Gives the tunnel what it takes. The farewell waits until all of it was sent, which ``freed(_:)`` tells: until then the
  /// technician is still being served, and this side's measure counts as the relay does.
  private func handOver() {
    if let port {
      while let (lane, bytes) = outgoing.next(room: port.room) { port.send(lane, bytes) }
      guard outgoing.isSent else { return }
    }
    sayFarewell()
  }
}

extension RunningProcess: ProcessOutputOwner {
  func outputReady(_ output: ProcessOutput) { readMore() }

  func output(_ output: ProcessOutput, wrote bytes: ByteBuffer) {
    ring?.append(bytes.readableBytesView)
    guard port != nil else { return }
    outgoing.append(output.lane, bytes)
    handOver()
  }

  func outputPaused(_ output: ProcessOutput) {
    readMore()
    if ending.isDraining { watchForQuiet() }
  }

  func outputEnded(_ output: ProcessOutput) { perform(ending.handle(.laneEnded(output.lane))) }
}

extension ProcessExit.Cause {
  /// What the technician's client is told.
  var message: StreamMessage {
    switch self {
    case .status(let status): .exitStatus(UInt32(bitPattern: status))
    case .signal(_, let name, let coreDumped): .exitSignal(name: name, coreDumped: coreDumped, message: "")
    }
  }
}
