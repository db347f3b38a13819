import Metering
import NIOCore
import PTY
import SFTPProtocol
import SessionModel
import TunnelProtocol
import TunnelTransport

/// What a session tells the rest of the agent. On the event loop.
protocol AgentSessionOwner: AnyObject {
  /// A shell that waited for somebody ended by itself.
  func sessionLostDetachedShell(_ session: AgentSession)
  /// Everything it had started is ended. Once.
  func session(_ session: AgentSession, ended processes: EndedProcesses?)
}

/// One session the customer agreed to: its keeper, its processes, the shells that wait for somebody, and this side's own
/// measure of its time.
///
/// ```
///   open ──end()──▶ ending ──keeper reports, or limit──▶ ended
/// ```
/// The keeper is made with the first process; a session without one ends at once.
final class AgentSession {
  /// Shells that wait for a technician, at most; the one waiting longest is hung up for another.
  static let maximumDetachedShells = 8

  private enum State {
    case open
    case ending
    case ended
  }

  let id: SessionID
  /// As the customer read him.
  let technician: String
  /// Why he asked.
  let purpose: String
  /// When the customer said yes.
  let agreedAt: WallTime
  private(set) var measure: AgentMeasure
  /// What the relay last said of it.
  var lastReport: SessionReport? {
    didSet { if lastReport?.showsArrivedYes == true { hasBegun = true } }
  }
  /// Whether the customer's yes is known to have arrived: the relay said so, or acted on it.
  private(set) var hasBegun = false

  private let tools: SessionTools
  private let loop: any EventLoop
  private weak var owner: (any AgentSessionOwner)?
  private var state = State.open
  private var watch: KeeperWatch?
  private var processes: [Int32: RunningProcess] = [:]
  /// In the order in which they were detached.
  private var detached: [RunningProcess] = []
  /// Streams of the present tunnel.
  private var streams: [StreamID: RunningProcess] = [:]
  /// Streams without a process: file transfers and forwards. They end with their tunnel.
  private var services: [StreamID: any StreamService] = [:]
  private var limit: Scheduled<Void>?

  init(
    id: SessionID, technician: String, purpose: String, agreedAt: WallTime, consentAt now: MonotonicInstant,
    tools: SessionTools, loop: any EventLoop, owner: any AgentSessionOwner
  ) {
    self.id = id
    self.technician = technician
    self.purpose = purpose
    self.agreedAt = agreedAt
    measure = AgentMeasure(session: id, consentAt: now)
    self.tools = tools
    self.loop = loop
    self.owner = owner
  }

  /// Whether the relay counts time in it.
  var isWorking: Bool { isOpen && lastReport?.state == .active }

  /// Whether nothing of it is left.
  var isEnded: Bool {
    switch state {
    case .ended: true
    case .open, .ending: false
    }
  }

  /// Whether streams can be opened in it.
  var isOpen: Bool {
    switch state {
    case .open: true
    case .ending, .ended: false
    }
  }

  // MARK: - Streams

  /// Starts, or finds, what the stream asks for. The consent was checked; the stream is accepted or ended here.
  func open(_ port: StreamPort, _ opening: StreamOpening, _ allowances: Allowances, at now: MonotonicInstant) {
    guard case .open = state else {
      port.end(StreamEnd(.sessionClosed, "the session is over"))
      return
    }
    hasBegun = true
    switch opening.kind {
    case .shell:
      if let terminal = opening.terminal, let waiting = detached.popLast() {
        streams[port.stream] = waiting
        measure.streamOpened(at: now)
        waiting.adopt(port, size: terminal.size)
        return
      }
      start(port, opening, at: now) { tools.shell.shellRequest(environment: $0, terminal: $1) }
    case .exec(let command):
      start(port, opening, at: now) { tools.shell.commandRequest(command, environment: $0, terminal: $1) }
    case .sftp: transferFiles(port, FileRules(allowances), at: now)
    case .forward(let host, let number): forward(port, to: host, number, at: now)
    }
  }

  private func start(
    _ port: StreamPort, _ opening: StreamOpening, at now: MonotonicInstant,
    _ request: ([String], TerminalSize?) -> SpawnRequest
  ) {
    let environment = tools.shell.environment(
      term: opening.terminal.map { ShellEnvironment.term($0.term) },
      extra: ShellEnvironment.additions(accepted: opening.environment, session: id))
    do throws(ProcessError) {
      let keeper = try keeper()
      let spawned = try keeper.spawn(request(environment, opening.terminal?.size))
      let process = RunningProcess(
        spawned, session: id, canBeDetached: opening.kind == .shell, keeper: keeper, port: port, loop: loop,
        owner: self)
      processes[process.pid] = process
      streams[port.stream] = process
      measure.streamOpened(at: now)
      process.start()
    } catch {
      port.end(StreamEnd(.failed, error.description))
    }
  }

  private func keeper() throws(ProcessError) -> SessionKeeper {
    if let watch { return watch.keeper }
    let keeper = try tools.guardian.openSession()
    watch = KeeperWatch(keeper, on: loop) { [weak self] in self?.handle($0) }
    return keeper
  }

  /// What is behind a stream.
  func work(of stream: StreamID) -> StreamWork? {
    if let process = streams[stream] { return .process(process) }
    return services[stream].map { .service($0) }
  }

  private func transferFiles(_ port: StreamPort, _ rules: FileRules, at now: MonotonicInstant) {
    guard tools.fileWorkers.hasRoom else {
      port.end(StreamEnd(.limit, "too many file transfers wait for a disk of this computer that does not answer"))
      return
    }
    services[port.stream] = FileTransfer(
      port: servicePort(port), root: tools.root, rules: rules, workers: tools.fileWorkers, loop: loop)
    measure.streamOpened(at: now)
  }

  private func forward(_ port: StreamPort, to host: String, _ number: UInt16, at now: MonotonicInstant) {
    let connection = ForwardConnection(
      port: servicePort(port), host: host, portNumber: number, session: id, forwards: tools.forwards, loop: loop
    ) { port.post(.dialled(address: $0)) }
    services[port.stream] = connection
    measure.streamOpened(at: now)
    connection.start()
  }

  private func servicePort(_ port: StreamPort) -> ServicePort {
    ServicePort(port: port) { [weak self] in self?.serviceEnded(port.stream, at: BootClock.now()) }
  }

  private func serviceEnded(_ stream: StreamID, at now: MonotonicInstant) {
    guard services.removeValue(forKey: stream) != nil else { return }
    measure.streamEnded(at: now)
  }

  /// The relay ended a stream.
  func streamEnded(_ stream: StreamID, _ end: StreamEnd, at now: MonotonicInstant) {
    if let service = services[stream] {
      serviceEnded(stream, at: now)
      service.streamOver()
    }
    guard let process = streams.removeValue(forKey: stream) else { return }
    measure.streamEnded(at: now)
    switch end.code {
    case .detached: detach(process, .latest)
    case .finished, .refused, .noConsent, .cancelled, .hangup, .sessionClosed, .limit, .failed: process.hangUp()
    }
  }

  private func detach(
    _ process: RunningProcess, _ retention: RunningProcess.Retention, unseenBytes: Int = 0
  ) {
    guard process.detach(retention, unseenBytes: unseenBytes) else {
      process.hangUp()
      return
    }
    detached.append(process)
    if detached.count > Self.maximumDetachedShells { detached.removeFirst().hangUp() }
  }

  /// The tunnel has no connection for now: everything goes on, but no time counts.
  func lineCut(at now: MonotonicInstant) { measure.linkLost(at: now) }

  /// Another connection carries it on.
  func lineBack(at now: MonotonicInstant) { measure.linkRestored(at: now) }

  /// The tunnel is gone: shells wait for the next one, commands end.
  /// - Parameter unseenBytes: at most so much of what was handed to it never arrived.
  func linkLost(unseenBytes: Int, at now: MonotonicInstant) {
    endServices(at: now)
    let lost = streams.sorted { $0.key < $1.key }
    // Taken out first: a process that had exited is completed by its detaching, and must not be counted twice.
    streams = [:]
    for (_, process) in lost {
      measure.streamEnded(at: now)
      detach(process, .everything, unseenBytes: unseenBytes)
    }
    measure.linkLost(at: now)
  }

  private func endServices(at now: MonotonicInstant) {
    for (stream, service) in services.sorted(by: { $0.key < $1.key }) {
      serviceEnded(stream, at: now)
      service.streamOver()
    }
  }

  /// The tunnel is back.
  func linkRestored(at now: MonotonicInstant) {
    measure.linkRestored(at: now)
    for process in detached { process.relax() }
  }

  /// Whether a checkpoint may be signed.
  func accepts(_ statement: CheckpointStatement, at now: MonotonicInstant) -> Bool {
    measure.accepts(statement, at: now)
  }

  // MARK: - The end

  /// Ends every process it started, at once. The owner hears of it when it is done, within
  /// `GuardianLimits.longestEndMilliseconds`.
  func end(at now: MonotonicInstant) {
    guard case .open = state else { return }
    state = .ending
    measure.close(at: now)
    endServices(at: now)
    guard let watch else {
      finish(nil)
      return
    }
    watch.keeper.endEverything()
    limit = loop.assumeIsolated().scheduleTask(in: .milliseconds(GuardianLimits.longestEndMilliseconds)) {
      self.finish(nil)
    }
  }

  private func handle(_ event: KeeperEvent) {
    switch event {
    case .exited(let exit):
      processes[exit.pid]?.exited(exit.cause)
    case .ended(let list):
      finish(list)
    case .lost:
      for process in processes.values { process.keeperLost() }
      watch = nil
      if case .ending = state { finish(nil) }
    }
  }

  private func finish(_ processes: EndedProcesses?) {
    if case .ended = state { return }
    state = .ended
    limit?.cancel()
    watch?.stop()
    watch = nil
    for process in self.processes.values { process.sessionEnded() }
    owner?.session(self, ended: processes)
  }
}

extension AgentSession: RunningProcessOwner {
  func processCompleted(_ process: RunningProcess, unseen: Bool) {
    processes[process.pid] = nil
    detached.removeAll { $0 === process }
    if let stream = streams.first(where: { $0.value === process })?.key {
      streams[stream] = nil
      measure.streamEnded(at: BootClock.now())
    }
    if unseen { owner?.sessionLostDetachedShell(self) }
  }
}
