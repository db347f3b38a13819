import FileSystem
import Metering
import NameLookup
import NIOCore
import PTY
import SessionModel
import Signing
import TLSChannel
import TunnelProtocol
import TunnelTransport

/// Everything a run has before its event loop turns. Made on the main thread.
struct AgentParts: Sendable {
  var options: AgentOptions
  var guardian: Guardian
  var identity: TLSIdentity
  /// The identity's key, which signs consents and checkpoints.
  var signingKey: Ed25519PrivateKey
  var tls: TLSConfiguration
  var known: KnownRelayFile
  var journal: JournalStart
  var shell: LoginShell
  /// Where file work takes place.
  var root: RootDirectory
  /// What the customer is asked in.
  var language: String
  var output: OutputQueue
  /// Standard output is a terminal: a line on it can be kept up to date.
  var isOutputTerminal: Bool
}

/// One run of the agent: holds the pieces together, performs what the state machines ask for. On one event loop, from
/// beginning to end.
final class AgentRun {
  /// Signals that follow the first one within this time mean nothing new, in milliseconds.
  static let sameWishMilliseconds: Int64 = 500
  /// How much longer than the relay this side keeps a cut tunnel, in milliseconds: the relay noticed the cut earlier or later.
  static let windowMarginMilliseconds: Int64 = 30_000
  /// Between this side's pings while a session is active, in milliseconds. The relay's come every second; these only make sure
  /// that a relay that is there is heard several times within the limit of a dead one, whatever it makes of the session.
  static let activePingMilliseconds: Int64 = 5_000

  let parts: AgentParts
  let loop: any EventLoop
  var reporter: Reporter
  let wording: Wording

  /// This run, as the relay knows it.
  let instance: InstanceID
  var random = SecureRandomGenerator()
  var known: KnownRelayFile

  var link = LinkMachine()
  /// Stays while its connection is cut: what is said is kept, and delivered when it is resumed.
  var tunnel: Tunnel?
  /// Since when it is cut.
  var cutSince: MonotonicInstant?
  /// The signing key of the relay at the other end of the tunnel; nil while there is none.
  var relayKey: Ed25519PublicKey?
  /// Whose relay it is.
  var shop = ""
  private var check: WelcomeCheck?
  private var signals: StopSignals?
  private var guardianWatch: DescriptorWatch?

  var book = ConsentBook()
  var questions: QuestionQueue
  var screen: QuestionScreen?
  var questionTimer: Scheduled<Void>?
  /// What he answered lately, and whether it may have been lost.
  var given = GivenAnswers()

  /// Why the journal cannot be written at present; nil when it can.
  var journalFailure: SigningError?
  /// What this side has on record of its sessions.
  private(set) lazy var journal = AgentJournal(parts.journal, key: parts.signingKey, loop: loop) { [weak self] in
    self?.journalNews($0)
  }

  /// What sessions work with.
  let tools: SessionTools
  /// One for each consent in the book.
  var sessions: [SessionID: AgentSession] = [:]
  /// Sessions whose consent is gone and whose processes are being ended; at most ``ConsentBook/maximumEntries`` when
  /// another yes is given.
  var leaving: [AgentSession] = []
  /// Which receipts are taken, and which came.
  var receipts = ReceiptBook(check: .openSSL)
  /// Where they are put.
  private(set) lazy var folder = ReceiptFolder(
    stateDirectory: parts.options.stateDirectory, home: parts.shell.home)
  /// Sessions of this run that are over and whose receipt is still to come: he is not left without one.
  var owed: [SessionID: OwedReceipt] = [:]
  /// Receipts on their way to the disk, and what waits for each.
  var keeping: [SessionID: [(AgentRun) -> Void]] = [:]
  var codes = CodeNews()
  var status: StatusText
  private var ending: OutputQueue.Ending?
  private var stopRequestedAt: MonotonicInstant?
  /// The relay was told goodbye, if it could be.
  private var hasLeft = false

  init(_ parts: AgentParts, loop: any EventLoop) {
    self.parts = parts
    self.loop = loop
    known = parts.known
    tools = SessionTools(
      guardian: parts.guardian, shell: parts.shell, root: parts.root, fileWorkers: FileWorkers(),
      forwards: Forwards(loop: loop) { host, port, limit throws(LookupFailure) in
        do throws(NameLookup.Failure) {
          return try NameLookup.addresses(of: host, port: port, limit: limit)
        } catch {
          throw LookupFailure(code: error.code)
        }
      })
    wording = Wording(Language(tag: parts.language))
    status = StatusText(wording)
    reporter = Reporter(
      style: parts.options.style, queue: parts.output, wording: wording, showsStatus: parts.isOutputTerminal)
    questions = QuestionQueue(mode: parts.options.consent)
    var generator = SecureRandomGenerator()
    instance = InstanceID(using: &generator)
  }

  /// Starts to listen for signals and dials.
  func start() {
    signals = StopSignals(on: loop) { [weak self] in self?.stopRequested() }
    screen = QuestionScreen(
      on: loop, in: wording, beside: parts.output, sharesTerminal: parts.isOutputTerminal,
      typed: { [weak self] in self?.answer(.typed($0)) },
      unaskable: { [weak self] in self?.answer(.unaskable(reason: $0)) })
    reporter.screen = screen
    // It never speaks unasked: readable means gone, and with it every session.
    guardianWatch = DescriptorWatch(parts.guardian.descriptor, on: loop) { [weak self] in
      self?.step(.broken(.machine, "the process that looks after sessions was ended; start the agent again"))
    }
    reporter.tell(wording.connecting(to: parts.options.relay))
    if let warning = parts.options.warning { reporter.tell(warning) }
    if let problem = parts.journal.problem { tellOfJournal(problem) }
    _ = journal
    dial()
  }

  // MARK: - The link

  func step(_ event: LinkMachine.Event) {
    link.isUrgent = !book.sessions.isEmpty && !hasWaitedTooLong
    switch link.handle(event, at: BootClock.now(), using: &random) {
    case .none: break
    case .dial: dial()
    case .retry(let line, let milliseconds):
      reporter.disconnected(line, retryMilliseconds: milliseconds)
      after(milliseconds) { $0.step(.retryDue) }
    case .beginClosing(let milliseconds):
      beginClosing()
      after(milliseconds) { $0.step(.closingLimitReached) }
    case .stop(let code, let line):
      finish(OutputQueue.Ending(code: code, line: line))
    }
  }

  private static let tunnelLimits: TunnelLimits = {
    var limits = TunnelLimits.standard
    limits.activePingMilliseconds = activePingMilliseconds
    return limits
  }()

  private func dial() {
    if hasWaitedTooLong { tunnel?.close() }
    let options = parts.options
    TunnelDialer.connect(
      loop: loop, host: options.relay.host, port: Int(options.relay.port), configuration: parts.tls,
      introduction: introduction(), tunnelLimits: Self.tunnelLimits
    )
    .assumeIsolated()
    .whenFailure { error in self.dialFailed(error) }
  }

  /// The relay keeps a cut tunnel for so long and no longer; a little later nothing waits for it here either.
  private var hasWaitedTooLong: Bool {
    guard let tunnel, let cutSince else { return false }
    let window = Int64(tunnel.resumeWindowSeconds) * 1000 + Self.windowMarginMilliseconds
    return BootClock.now().milliseconds(since: cutSince) > window
  }

  private func introduction() -> AgentIntroduction {
    if let tunnel, tunnel.isCut, let relayKey {
      let spki = parts.identity.spki
      return .resume(tunnel) { resumed, exporter in
        relayKey.isValid(
          signature: resumed.signature, for: resumed.signedBytes(exporter: exporter, agentSPKI: spki))
      }
    }
    let check = WelcomeCheck(relay: parts.options.relay, known: known, agentSPKI: parts.identity.spki)
    self.check = check
    let hello = Hello(
      instance: instance, software: HelpText.software, language: parts.language, allowances: parts.options.allowances,
      heldSessions: book.sessions)
    return .hello(hello, verify: { check.accepts($0, exporter: $1) }, delegate: self)
  }

  private func dialFailed(_ error: any Error) {
    switch error {
    case TunnelClosure.goAway(let reason) where reason.code == .cannotResume && tunnel != nil:
      // The relay does not have it any more: its streams are over, the shells wait for whoever comes anew.
      tunnel?.close()
      dial()
    case TunnelClosure.fault(let fault):
      // What the relay says of the tunnel cannot be: it is of no more use, and a new one is made.
      tunnel?.close()
      step(.failed(failure(.fault(fault))))
    case let closure as TunnelClosure: step(.failed(failure(closure)))
    case let error: step(.failed(DialFailure.classify(error, relay: parts.options.relay)))
    }
  }

  /// What a closed tunnel means.
  func failure(_ closure: TunnelClosure) -> LinkFailure {
    if case .welcomeRefused = closure, let line = check?.refusal { return .refused(line) }
    return DialFailure.classify(closure, relay: parts.options.relay)
  }

  // MARK: - The end

  /// Ctrl+C, SIGTERM, SIGHUP. Once more means: do not wait for anything. A closing terminal signals twice by itself (the
  /// kernel, then the shell), so what follows at once is the same wish.
  private func stopRequested() {
    let now = BootClock.now()
    if let first = stopRequestedAt, now.milliseconds(since: first) < Self.sameWishMilliseconds { return }
    if let ending {
      parts.output.finish(ending)
      return
    }
    if stopRequestedAt == nil {
      screen?.leave()
      reporter.tell(wording.stopping)
    }
    stopRequestedAt = stopRequestedAt ?? now
    step(.stopRequested)
  }

  /// Ends everything on this computer at once, and tells the relay.
  private func beginClosing() {
    cancelQuestions()
    for session in book.sessions {
      tunnel?.post(.closeRequest(session: session, reason: "the customer ended it"))
    }
    noteEnded(book.sessions)
    endSessions()
    settle()
  }

  /// While closing: whether the relay has closed all that was open.
  func settle() {
    if book.sessions.isEmpty { step(.settled) }
  }

  private func endSessions() {
    let now = BootClock.now()
    reporter.status(nil)
    for session in sessions.values.sorted(by: { $0.id < $1.id }) { session.end(at: now) }
  }

  private func finish(_ ending: OutputQueue.Ending) {
    guard self.ending == nil else { return }
    self.ending = ending
    cancelQuestions()
    for session in book.sessions {
      guard let held = sessions[session], let entry = book[session] else { continue }
      handOutProvisional(held, entry, because: .outOfReach)
    }
    for owed in owed.values.sorted(by: { $0.session.id < $1.session.id }) {
      handOutProvisional(owed.session, owed.consent, because: .notOnRecord)
    }
    // A disk that stands still does not keep the program.
    after(Self.keepingMilliseconds) {
      $0.keeping = [:]
      $0.finishWhenEnded()
    }
    noteEnded(book.sessions)
    endSessions()
    // What was said just now is written at the end of this turn; the farewell closes behind it.
    let leaving = ending.code == .success ? GoAway(.customer, "the customer ended it") : GoAway(.shutdown)
    let last = tunnel
    tunnel = nil
    loop.assumeIsolated().execute {
      last?.goAway(leaving, thenClose: true)
      self.hasLeft = true
      self.finishWhenEnded()
    }
  }

  /// The program may go when nothing it started is left.
  func finishWhenEnded() {
    if let ending, hasLeft, keeping.isEmpty, everySession.allSatisfy(\.isEnded) { parts.output.finish(ending) }
  }

  /// Sessions agreed to, and those being ended.
  var everySession: [AgentSession] { Array(sessions.values) + leaving }

  func after(_ milliseconds: Int64, _ body: @escaping (AgentRun) -> Void) {
    loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { [weak self] in
      guard let self else { return }
      body(self)
    }
  }
}
