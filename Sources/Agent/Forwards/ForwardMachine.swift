import NIOCore
import TunnelProtocol

/// The life of one connection to another computer: what to do next, and when a side is done. A value without clock or
/// socket; its owner performs the actions and reports what came of them.
///
/// ```
///            name                        addresses                       connected
///   begin ──────────▶ resolving ─────────────────────▶ connecting ──────────────────────▶ connected
///     │                  │                               ▲  │  │                              │
///     │ address          │ no address,          the next │  │  │ all failed,                  │
///     │                  │ time is up            address └──┘  │ time is up                   │
///     └──────────────────│─────────────────▶ connecting        │                              │
///                        ▼                                     ▼                              ▼
///                       over ◀───────────────────────────── over                    see below; any state
///                                                                                   ── streamOver ──▶ over
/// ```
///
/// Connected, each direction has a state of its own:
///
/// ```
///   towards the target:    open ── inputFinished ──▶ ending ── written ──▶ finished (the target has read "end of file")
///   from the target:       open ── targetFinished ─▶ ending ── handedOver ▶ finished (the technician will read it)
///
///   both finished ───────────────────────────────────────────▶ draining(finished)
///   targetReset, targetGone ─────────────────────────────────▶ draining(failed)
///   targetGone while towards is finished ────────────────────▶ as targetFinished
///
///   draining(end) ── sent ──▶ over, with that end
/// ```
/// Draining exists because a failure drops what it overtakes, and because this side's measure of the session counts until
/// the technician has what the target wrote: the socket is closed, the stream lives on until its last byte is sent.
struct ForwardMachine: Equatable, Sendable {
  /// Towards the target.
  enum Towards: Hashable, Sendable {
    case open
    /// The technician sends no more; not everything is written.
    case ending
    /// The socket is shut down for writing.
    case finished
  }

  /// From the target.
  enum From: Hashable, Sendable {
    case open
    /// The target sends no more; not everything was handed to the tunnel.
    case ending
    /// The end of file was handed to the tunnel.
    case finished
  }

  /// Addresses, and how far one is.
  struct Attempts: Equatable, Sendable {
    fileprivate(set) var address: SocketAddress
    fileprivate var next: ArraySlice<SocketAddress>
    fileprivate var tried: Int
    fileprivate var mostTelling: ConnectFailure?
  }

  enum State: Equatable, Sendable {
    case unbegun
    case resolving
    case connecting(Attempts)
    case connected(Towards, From)
    /// The socket is closed; what came from it is being sent.
    case draining(StreamEnd)
    case over
  }

  enum Event: Sendable {
    case begin
    case resolved([SocketAddress])
    case unresolved(LookupFailure)
    case connected
    case failed(ConnectFailure)
    /// ``ForwardLimits/overallMilliseconds`` have passed.
    case timeUp
    /// The technician sends no more.
    case inputFinished
    /// Everything the technician sent is written to the socket.
    case written
    /// The target sends no more.
    case targetFinished
    /// The connection was reset.
    case targetReset
    /// The socket is closed, and not by this side.
    case targetGone
    /// Everything the target sent was handed to the tunnel.
    case handedOver
    /// Everything the target sent was sent by the tunnel.
    case sent
    /// The stream is over: the technician, the session or the link is gone.
    case streamOver
  }

  enum Action: Equatable, Sendable {
    /// Look the name up.
    case resolve
    /// Connect to this address, within the time one address has.
    case connect(SocketAddress)
    /// Grant the stream and put the address on record.
    case accept(dialled: String)
    /// No more is written to the socket.
    case shutDownWriting
    /// The technician is told that no more comes.
    case finishWriting
    /// Look-up, timers, attempt and socket are let go of; what was received and not written is given back.
    case release
    /// The stream ends. The last thing said to it.
    case end(StreamEnd)
  }

  let target: ForwardTarget
  private let limits: ForwardLimits
  private(set) var state = State.unbegun

  init(_ target: ForwardTarget, limits: ForwardLimits) {
    self.target = target
    self.limits = limits
  }

  /// Whether bytes of the technician are written.
  var takesInput: Bool {
    if case .connected(.open, _) = state { return true }
    return false
  }

  /// Whether bytes of the target are read.
  var readsTarget: Bool {
    if case .connected(_, .open) = state { return true }
    return false
  }

  /// Whether nothing will happen any more.
  var isOver: Bool {
    if case .over = state { return true }
    return false
  }

  /// What is to be done, in this order. An event that means nothing in this state is ignored: it was under way when the
  /// state changed.
  mutating func handle(_ event: Event) -> [Action] {
    switch (state, event) {
    case (.over, _): return []
    case (_, .streamOver):
      state = .over
      return [.release]

    case (.unbegun, .begin):
      if let address = target.address { return connect(to: [address]) }
      state = .resolving
      return [.resolve]
    case (.resolving, .resolved(let addresses)):
      return addresses.isEmpty ? fail(LookupFailure.noSuchHost.line(target.host)) : connect(to: addresses)
    case (.resolving, .unresolved(let failure)): return fail(failure.line(target.host))
    case (.resolving, .timeUp):
      return fail(LookupFailure.timedOut(milliseconds: limits.overallMilliseconds).line(target.host))

    case (.connecting(let attempts), .connected):
      state = .connected(.open, .open)
      return [.accept(dialled: target.dialled(attempts.address))]
    case (.connecting(let attempts), .failed(let failure)): return next(after: failure, attempts)
    case (.connecting(let attempts), .timeUp):
      return fail(attempts, .noAnswer(milliseconds: limits.overallMilliseconds))

    case (.connected(.open, let from), .inputFinished):
      state = .connected(.ending, from)
      return []
    case (.connected(.ending, let from), .written): return [.shutDownWriting] + connected(.finished, from)
    case (.connected(let towards, .open), .targetFinished):
      state = .connected(towards, .ending)
      return []
    case (.connected(let towards, .ending), .handedOver): return [.finishWriting] + connected(towards, .finished)
    // With this side's end of file sent, a connection that is gone without an error has said its own.
    case (.connected(.finished, .open), .targetGone):
      state = .connected(.finished, .ending)
      return []
    case (.connected(.finished, .ending), .targetGone), (.connected(.finished, .finished), .targetGone): return []
    case (.connected, .targetGone), (.connected, .targetReset):
      return drain(StreamEnd(.failed, "\(target.text): \(ConnectFailure.reset.text)"))
    case (.draining(let end), .sent):
      state = .over
      return [.end(end)]

    case (.unbegun, _), (.resolving, _), (.connecting, _), (.connected, _), (.draining, _): return []
    }
  }

  private mutating func connected(_ towards: Towards, _ from: From) -> [Action] {
    if towards == .finished, from == .finished { return drain(StreamEnd(.finished)) }
    state = .connected(towards, from)
    return []
  }

  private mutating func drain(_ end: StreamEnd) -> [Action] {
    state = .draining(end)
    return [.release]
  }

  private mutating func connect(to addresses: [SocketAddress]) -> [Action] {
    let usable = addresses.prefix(limits.maximumAddresses)
    guard let first = usable.first else { return fail(LookupFailure.noSuchHost.line(target.host)) }
    state = .connecting(Attempts(address: first, next: usable.dropFirst(), tried: 1))
    return [.connect(first)]
  }

  private mutating func next(after failure: ConnectFailure, _ before: Attempts) -> [Action] {
    guard let address = before.next.first else { return fail(before, failure) }
    var attempts = before
    attempts.mostTelling = max(failure, before.mostTelling ?? failure)
    attempts.address = address
    attempts.next.removeFirst()
    attempts.tried += 1
    state = .connecting(attempts)
    return [.connect(address)]
  }

  private mutating func fail(_ attempts: Attempts, _ last: ConnectFailure) -> [Action] {
    let reason = max(last, attempts.mostTelling ?? last).text
    let tried = attempts.tried > 1 ? " (\(attempts.tried) addresses tried)" : ""
    return fail("\(target.text): \(reason)\(tried)")
  }

  private mutating func fail(_ line: String) -> [Action] {
    state = .over
    return [.release, .end(StreamEnd(.failed, line))]
  }
}
