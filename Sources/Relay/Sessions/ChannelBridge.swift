import Ledger
import NIOCore
import SSHFrontDoor
import SessionModel
import Synchronization
import TunnelProtocol
import TunnelTransport

/// Joins one SSH channel of a technician to one stream of a machine's tunnel. No bytes are kept here: towards the
/// technician they wait in the channel's queue, which the stream's credit bounds; towards the machine in the stream's
/// send buffer, which the channel's input budget bounds.
///
/// ```
/// waiting ──join(port)──▶ joined ──stream or channel ends──▶ over
///    │                      ▲
///    │                      └─ a forward: dialling until the machine has connected, else refused
///    └──────────────refused, withdrawn, declined────────────▶ over
/// ```
final class ChannelBridge: SSHChannelDelegate {
  /// What a technician's channel may hand over before it was sent to the machine, in bytes: enough to keep the line busy
  /// between two wake-ups.
  static let unsentInputBytes = 384 * 1024
  /// The same for one beyond the first ``fullChannels`` of its session: a hundred connections whose targets do not read
  /// are to cost the relay little.
  static let crowdedInputBytes = 32 * 1024
  /// What a technician may type at a terminal before the customer has said yes, in bytes; it goes to his shell then.
  static let earlyInputBytes = 4096
  private static let interrupt: UInt8 = 3
  /// Channels of a session that get ``unsentInputBytes``.
  static let fullChannels = 8

  /// How a channel came to its end, for the record.
  struct Ending: Sendable {
    var bytesToMachine: Int64
    var bytesFromMachine: Int64
    var exit: ChannelExit?
    var orderly: Bool
    /// When it was over: what the record then takes to be written is nobody's time.
    var instant: MonotonicInstant
    /// False for a forward that came to nothing: it was never put on record as opened.
    var wasOpened: Bool
  }

  /// What the core hears of a channel.
  enum News: Sendable {
    /// A forward is connected with this address.
    case dialled(address: String)
    /// What the agent says it did with files; `bytes` of the stream's credit are to be returned once it is kept.
    case files([FileEvent], bytes: Int)
    /// The machine could not connect a forward.
    case forwardRefused(reason: String)
    /// It is over. Once.
    case ended(Ending)
  }

  private struct Shared {
    /// A forward whose target is not connected yet: the technician's client still waits for an answer.
    var isDialling: Bool
    var port: TunnelPort?
    var terminal: TerminalRequest?
    var reports = FileEventReader()
    /// Room for the technician's input, and for the machine's output, that was not given back yet.
    var freed: CreditGathering
    var drained = CreditGathering()
    var inputEnded = false
    /// What the technician sent while a limit holds his session up; bounded by the room he was given.
    var held: [ByteBuffer] = []
    var isHeld = false
    /// The machine has the stream.
    var isAccepted = false
    /// What he typed before that; bounded by ``earlyInputBytes``.
    var early: [ByteBuffer] = []
    /// Its end came meanwhile.
    var isEndHeld = false
    var exit: ChannelExit?
    /// The technician's side is gone: nothing may be opened for it any more.
    var isOver = false
    /// The core has been told of the end.
    var isReported = false
  }

  /// The technician's side.
  let channel: SSHChannel
  /// What was asked for.
  let kind: StreamKind
  /// Whether it carries a TCP connection: nothing but its bytes may be written to it.
  let isForward: Bool
  /// The variables that go along.
  let environment: [EnvironmentVariable]
  /// This channel's own count.
  let traffic = Traffic()
  private let sessionTraffic: Traffic
  private let inputBytes: Int
  /// Whether the session waits for a machine whose line broke.
  private let isResumable: Bool
  private let news: @Sendable (News) -> Void
  private let shared: Mutex<Shared>
  /// 0 until the tunnel has given it a stream.
  private let streamNumber = Atomic<UInt32>(0)

  init(
    channel: SSHChannel, kind: StreamKind, terminal: TerminalRequest?, environment: [EnvironmentVariable],
    sessionTraffic: Traffic, isCrowded: Bool, isResumable: Bool = true, news: @escaping @Sendable (News) -> Void
  ) {
    self.channel = channel
    self.kind = kind
    self.environment = environment
    self.sessionTraffic = sessionTraffic
    self.news = news
    self.isResumable = isResumable
    let isForward = if case .forward = kind { true } else { false }
    self.isForward = isForward
    inputBytes = isCrowded ? Self.crowdedInputBytes : Self.unsentInputBytes
    shared = Mutex(
      Shared(
        isDialling: isForward, terminal: terminal, freed: CreditGathering(portionBytes: inputBytes / 4)))
  }

  /// The stream, once there is one.
  var stream: StreamID? {
    let number = streamNumber.load(ordering: .relaxed)
    return number == 0 ? nil : StreamID(rawValue: number)
  }

  /// Whether the technician asked for a terminal; such a shell is kept when his connection breaks.
  var isTerminal: Bool { shared.withLock { $0.terminal != nil } }

  /// Whether a person sits before it.
  var isShell: Bool { kind == .shell && isTerminal }

  /// Whether it was handed to a tunnel.
  var isJoined: Bool { shared.withLock { $0.port != nil } }

  /// Whether its opening is on record.
  var wasOpened: Bool { shared.withLock { $0.port != nil && !$0.isDialling } }

  // MARK: From the core

  /// The customer is being asked: at a terminal, Ctrl+C takes the question back.
  func awaitConsent() {
    channel.notice("Waiting for the customer to accept.")
    if isShell { channel.allowInput(bytes: Self.earlyInputBytes) }
  }

  /// Asks the machine for the stream.
  func join(_ port: TunnelPort, session: SessionID) {
    // Posted under the lock: whatever the technician's thread posts comes behind the opening, or, when he has gone, there
    // is no opening.
    shared.withLock { shared in
      guard !shared.isOver else { return }
      shared.port = port
      port.post(
        .open(
          StreamOpening(session: session, kind: kind, terminal: shared.terminal, environment: environment), self))
      // The end of input may have come while the customer was being asked.
      if shared.inputEnded && !shared.isHeld && shared.early.isEmpty { port.post(.finishWriting(self)) }
    }
  }

  /// Keeps the technician's input back, or lets it go on its way, in its order.
  func hold(_ isHeld: Bool) {
    shared.withLock { shared in
      shared.isHeld = isHeld
      guard !isHeld, let port = shared.port else { return }
      for bytes in shared.held { port.post(.send(self, bytes)) }
      if shared.isEndHeld { port.post(.finishWriting(self)) }
      (shared.held, shared.isEndHeld) = ([], false)
    }
  }

  /// A line the technician reads; the channel goes on. A forward has nowhere to show one.
  func tell(_ line: String) { channel.notice(line) }

  /// Ends the channel with a line the technician reads, and an exit status a script sees.
  func finish(_ line: String, status: UInt32 = exitStatusWithoutMachine, end: StreamEnd? = nil) {
    if let end { shared.withLock { $0.port }?.post(.end(self, end)) }
    guard !isForward else { return closeForward(line) }
    channel.notice(line)
    channel.exitStatus(status)
    channel.close()
  }

  private func closeForward(_ line: String) {
    let wasDialling = shared.withLock { shared in
      defer { shared.isDialling = false }
      return shared.isDialling
    }
    if wasDialling { channel.refuse(line) } else { channel.close() }
  }

  // MARK: From the tunnel's event loop

  func opened(_ stream: StreamID) { streamNumber.store(stream.rawValue, ordering: .relaxed) }

  func streamAccepted() {
    // Posted under the lock: what he types from now on comes behind it.
    let early = shared.withLock { shared in
      let early = shared.early
      (shared.isAccepted, shared.early) = (true, [])
      for bytes in early {
        if shared.isHeld { shared.held.append(bytes) } else { shared.port?.post(.send(self, bytes)) }
      }
      if shared.inputEnded, !early.isEmpty {
        if shared.isHeld { shared.isEndHeld = true } else { shared.port?.post(.finishWriting(self)) }
      }
      return early.reduce(0) { $0 + $1.readableBytes }
    }
    count(toMachine: early)
    channel.allowInput(bytes: inputBytes)
  }

  private func count(toMachine bytes: Int) {
    guard bytes > 0 else { return }
    let now = BootClock.now()
    traffic.countToMachine(bytes, at: now)
    sessionTraffic.countToMachine(bytes, at: now)
  }

  func streamSent(_ bytes: ByteBuffer, lane: Lane) {
    if lane == .report { return reported(bytes) }
    let now = BootClock.now()
    traffic.countFromMachine(bytes.readableBytes, at: now)
    sessionTraffic.countFromMachine(bytes.readableBytes, at: now)
    shared.withLock { $0.drained.arrived(bytes.readableBytes) }
    channel.write(bytes, toError: lane == .error, waking: false)
  }

  /// What `streamSent` brought in one go is complete.
  func streamPaused() { channel.wake() }

  private func reported(_ bytes: ByteBuffer) {
    do {
      let events = try shared.withLock { try $0.reports.read(bytes) }
      news(.files(events, bytes: bytes.readableBytes))
    } catch {
      finish(
        "The customer's side misreported its file work; the transfer is ended.", end: StreamEnd(.failed, "\(error)"))
    }
  }

  func streamFreed(bytes: Int) {
    let due = shared.withLock { $0.freed.gone(bytes) }
    if due > 0 { channel.allowInput(bytes: due) }
  }
  func streamEOF() { channel.sendEOF() }

  func streamSaid(_ message: StreamMessage) {
    switch message {
    case .exitStatus(let status):
      shared.withLock { $0.exit = .status(status) }
      channel.exitStatus(status)
    case .exitSignal(let name, let coreDumped, let text):
      shared.withLock { $0.exit = .signal(TextSafety.escaped(name)) }
      channel.exitSignal(name: name, coreDumped: coreDumped, message: text)
    case .dialled(let address):
      let wasDialling = shared.withLock { shared in
        defer { shared.isDialling = false }
        return shared.isDialling
      }
      guard wasDialling else { return }
      news(.dialled(address: TextSafety.escaped(address)))
      channel.accept()
    case .windowChange, .signal, .outputClosed:
      // These go to the machine only; from it they mean nothing.
      return
    }
  }

  func streamEnded(_ end: StreamEnd) {
    // The clock stops here: that a slow line still carries the last output to the technician is nobody's work.
    let line = end.text.isEmpty ? "The machine ended this channel." : TextSafety.escaped(end.text)
    if shared.withLock({ $0.isDialling }) { news(.forwardRefused(reason: line)) }
    report(orderly: true)
    if end.code == .finished && !shared.withLock({ $0.isDialling }) {
      channel.close()
    } else {
      finish(line)
    }
  }

  /// The tunnel is over, for `closure`.
  func linkLost(_ closure: TunnelClosure) {
    report(orderly: true)
    let line =
      switch closure {
      case .goAway(let reason) where reason.code == .customer: "The customer ended the session."
      default:
        isResumable
          ? "The line to the customer's machine is lost. The session stays open: type the same command to go on."
          : "The line to the customer's machine is lost, which ends the session. Ask for the new code."
      }
    finish(line)
  }

  // MARK: From the SSH connection's thread

  func channelInput(_ bytes: ByteBuffer) {
    if typedEarly(bytes) { return }
    count(toMachine: bytes.readableBytes)
    shared.withLock { shared in
      if shared.isHeld { shared.held.append(bytes) } else { shared.port?.post(.send(self, bytes)) }
    }
  }

  /// Whether the shell is not there yet. Nothing of this is work.
  private func typedEarly(_ bytes: ByteBuffer) -> Bool {
    let (isEarly, isAsking) = shared.withLock { shared in
      if !shared.isAccepted { shared.early.append(bytes) }
      return (!shared.isAccepted, shared.port == nil)
    }
    if isAsking, bytes.readableBytesView.contains(Self.interrupt) { finish("The customer is not asked any more.") }
    return isEarly
  }

  func channelDrained(bytes: Int) {
    let (port, due) = shared.withLock { ($0.port, $0.drained.gone(bytes)) }
    if due > 0 { port?.post(.consumed(self, due)) }
  }

  func channelEOF() {
    shared.withLock { shared in
      shared.inputEnded = true
      guard shared.early.isEmpty else { return }
      if shared.isHeld { shared.isEndHeld = shared.port != nil } else { shared.port?.post(.finishWriting(self)) }
    }
  }

  func channelResized(_ size: TerminalSize) {
    let port = shared.withLock { shared in
      shared.terminal?.size = size
      return shared.port
    }
    port?.post(.message(self, .windowChange(size)))
  }

  func channelSignal(_ name: String) { shared.withLock { $0.port }?.post(.message(self, .signal(name: name))) }
  func channelReadClosed() { shared.withLock { $0.port }?.post(.message(self, .outputClosed)) }

  func channelClosed(orderly: Bool) {
    let port = shared.withLock { shared in
      shared.isOver = true
      return shared.port
    }
    // A broken connection leaves a terminal's shell to come back to; everything else ends with its channel, as with sshd.
    let code: ResetCode = orderly ? .hangup : isShell ? .detached : .cancelled
    port?.post(.end(self, StreamEnd(code: code, text: "")))
    report(orderly: orderly)
  }

  /// Tells the core of the end; the first call counts.
  private func report(orderly: Bool) {
    let (isFirst, exit, wasOpened) = shared.withLock { shared in
      defer { shared.isReported = true }
      return (!shared.isReported, shared.exit, shared.port != nil && !shared.isDialling)
    }
    guard isFirst else { return }
    news(
      .ended(
        Ending(
          bytesToMachine: traffic.bytesToMachine, bytesFromMachine: traffic.bytesFromMachine, exit: exit,
          orderly: orderly, instant: BootClock.now(), wasOpened: wasOpened)))
  }
}

/// What `ssh` exits with when the machine never ran the command: its own code for "the connection failed".
let exitStatusWithoutMachine: UInt32 = 255
