public import SessionModel

/// One session from the first knock to the end, with its meter.
///
/// ```
///  requested ──askConsent──▶ awaiting consent ──accepted──▶ active ◀───── last reason gone ─────┐
///     │                        │    │    │                    │                                 │
///     │ requesterLeft,         │    │    │ declined           └── link, no-channel, paused,     │
///     │ last channel closed    │    │    │                        limit, idle, storage ──▶ suspended
///     ▼                        ▼    │    ▼                                                      │
///  closed(withdrawn)  closed(withdrawn)  closed(declined)          close, agentReplaced, no channel
///               (agentReplaced too)  │ timeout                      for the merge gap, no link for
///                                    ▼                              the resume window            ▼
///                           closed(unanswered)                     closed(outcome named, or unclosed)
///
///  restored from what an earlier program stored ─▶ suspended (link, no-channel)
/// ```
///
/// A suspended session holds a *set* of reasons and is active when it is empty; only then does time accrue. Every event
/// first sees to what the clock has brought about by then, so an event that comes too late finds the session as the clock
/// left it, however late the tick was: then the actions of both are returned, or only the close.
public struct SessionMachine: Hashable, Sendable {
  /// Before consent. Link and storage reasons are kept for the moment of consent.
  private struct Waiting: Hashable, Sendable {
    var channels: Set<UInt64> = []
    var reasons: Set<SuspendReason> = []
  }

  /// After consent: active when `reasons` is empty, otherwise suspended.
  private struct Open: Hashable, Sendable {
    var channels: Set<UInt64>
    var reasons: Set<SuspendReason>
    var meter: Meter
    /// When the session closes for want of a channel; set exactly while it has none.
    var lingerDeadline: MonotonicInstant?
    /// When it closes for want of a tunnel; set exactly while the link is lost.
    var linkDeadline: MonotonicInstant?
  }

  private enum State: Hashable, Sendable {
    case requested(Waiting)
    case awaitingConsent(Waiting, deadline: MonotonicInstant)
    case open(Open)
    case closed(Closure, Meter)
  }

  /// The waits of this session.
  public let limits: SessionLimits
  private var current = State.requested(Waiting())

  /// A session somebody asked for.
  public init(limits: SessionLimits = SessionLimits()) { self.limits = limits }

  /// A session that was active under an earlier program, which left `time` behind, measured from `origin` on. It is
  /// suspended for want of a link and of a channel, and waits for both as long as if they had just been lost.
  public init(
    restoring time: MeteredTime, origin: MonotonicInstant, at instant: MonotonicInstant,
    limits: SessionLimits = SessionLimits()
  ) {
    self.limits = limits
    let meter = Meter(
      restoring: time, origin: origin, at: instant, idleLimitMilliseconds: limits.idleLimitMilliseconds)
    current = .open(
      Open(
        channels: [], reasons: [.link, .noChannel], meter: meter,
        lingerDeadline: instant.advanced(byMilliseconds: limits.mergeGapMilliseconds),
        linkDeadline: instant.advanced(byMilliseconds: limits.resumeWindowMilliseconds)))
  }

  /// The state as scripts read it.
  public var state: SessionState {
    switch current {
    case .requested: .requested
    case .awaitingConsent: .awaitingConsent
    case .open(let open): open.reasons.isEmpty ? .active : .suspended
    case .closed: .closed
    }
  }

  /// Why no time accrues, in the order people are told; empty unless suspended.
  public var suspendedReasons: [SuspendReason] {
    if case .open(let open) = current { open.reasons.sorted() } else { [] }
  }

  /// How it ended; nil before that.
  public var closure: Closure? { if case .closed(let closure, _) = current { closure } else { nil } }

  /// Channels open now.
  public var channelCount: Int {
    switch current {
    case .requested(let waiting), .awaitingConsent(let waiting, _): waiting.channels.count
    case .open(let open): open.channels.count
    case .closed: 0
    }
  }

  /// Confirmed active time in milliseconds; never shrinks.
  public var activeMilliseconds: Int64 { meter?.activeMilliseconds ?? 0 }

  /// Confirmed active time in stretches of milliseconds since consent.
  public var intervals: [MeterInterval] { meter?.intervals ?? [] }

  /// Both.
  public var time: MeteredTime { meter?.time ?? .none }

  /// Of a restored session: the active time before the restoring was `milliseconds` in all, as both sides signed. What was
  /// not stored of it is put behind the last restored interval; never more than there is room for before the restoring.
  /// - Returns: the milliseconds put in.
  @discardableResult
  public mutating func carry(toMilliseconds milliseconds: Int64) -> Int64 {
    guard case .open(var open) = current else { return 0 }
    let added = open.meter.carry(toMilliseconds: milliseconds)
    current = .open(open)
    return added
  }

  /// Quiet time that would count if a byte came now, in milliseconds: what a display may add.
  public func pendingMilliseconds(at instant: MonotonicInstant) -> Int64 {
    meter?.pendingMilliseconds(at: instant) ?? 0
  }

  /// When the next ``SessionEvent/tick`` is due; nil when nothing but an event can change anything.
  public var nextDeadline: MonotonicInstant? {
    switch current {
    case .requested, .closed: nil
    case .awaitingConsent(_, let deadline): deadline
    case .open(let open): Self.earlier(Self.earlier(open.lingerDeadline, open.linkDeadline), open.meter.idleDeadline)
    }
  }

  private var meter: Meter? {
    switch current {
    case .requested, .awaitingConsent: nil
    case .open(let open): open.meter
    case .closed(_, let meter): meter
    }
  }

  /// Takes an event and says what to do.
  /// - Throws: ``SessionRefusal`` for an event that does not belong to the state, which is then as before.
  public mutating func handle(
    _ event: SessionEvent, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    if case .closed = current {
      // A tick may always be on its way.
      if case .tick = event { return [] }
      throw .notNow(.closed)
    }
    // A refusal leaves everything as it was, so that the tick still finds its work. The copy is made only when there is any.
    let isDue = nextDeadline.map { instant >= $0 } ?? false
    let before: SessionMachine? = isDue ? self : nil
    let late = isDue ? expire(at: instant) : []
    do {
      return try late + dispatch(event, at: instant)
    } catch {
      if let before { self = before }
      throw error
    }
  }

  private mutating func dispatch(
    _ event: SessionEvent, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    switch current {
    case .closed: return []
    case .requested(let waiting): return try handleRequested(event, waiting, at: instant)
    case .awaitingConsent(let waiting, let deadline):
      return try handleWaiting(event, waiting, deadline: deadline, at: instant)
    case .open(var open):
      // Out of the enum while it is changed, so that nothing is copied.
      current = .requested(Waiting())
      do {
        let actions = try handleOpen(event, &open, at: instant)
        if case .requested = current { current = .open(open) }
        return actions
      } catch {
        current = .open(open)
        throw error
      }
    }
  }

  // MARK: Before consent

  private mutating func handleRequested(
    _ event: SessionEvent, _ waiting: Waiting, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    if case .askConsent(let timeout) = event {
      current = .awaitingConsent(waiting, deadline: instant.advanced(byMilliseconds: timeout))
      return [.ask]
    }
    var waiting = waiting
    let actions = try handleEarly(event, &waiting, at: instant)
    if case .requested = current { current = .requested(waiting) }
    return actions
  }

  private mutating func handleWaiting(
    _ event: SessionEvent, _ waiting: Waiting, deadline: MonotonicInstant, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    var waiting = waiting
    switch event {
    case .accepted: return activate(waiting, at: instant)
    case .declined: return close(.declined, "the customer declined", by: .customer, at: instant)
    case .linkRestored where waiting.reasons.remove(.link) != nil:
      current = .awaitingConsent(waiting, deadline: deadline)
      return [.ask]
    case .askConsent, .requesterLeft, .channelOpened, .channelClosed, .linkLost, .linkRestored, .agentReplaced, .bytes,
      .paused, .unpaused, .limitReached, .limitGranted, .storageFailed, .storageRecovered, .close, .tick:
      let actions = try handleEarly(event, &waiting, at: instant)
      if case .awaitingConsent = current { current = .awaitingConsent(waiting, deadline: deadline) }
      return actions
    }
  }

  /// What is the same whether or not the customer has been asked yet.
  private mutating func handleEarly(
    _ event: SessionEvent, _ waiting: inout Waiting, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    switch event {
    case .requesterLeft: return close(.withdrawn, "the technician left", by: .relay, at: instant)
    case .channelOpened(let channel): try Self.add(channel, to: &waiting.channels)
    case .channelClosed(let channel):
      guard waiting.channels.remove(channel) != nil else { throw .noSuchChannel(channel) }
      if waiting.channels.isEmpty { return close(.withdrawn, "the technician left", by: .relay, at: instant) }
    case .linkLost: waiting.reasons.insert(.link)
    case .linkRestored: waiting.reasons.remove(.link)
    case .storageFailed: waiting.reasons.insert(.storage)
    case .storageRecovered: waiting.reasons.remove(.storage)
    case .agentReplaced(_, let successor): return close(.withdrawn, successor.note, by: .relay, at: instant)
    case .close(let outcome, let note, let closer): return close(outcome, note, by: closer, at: instant)
    case .tick: break
    case .askConsent, .accepted, .declined, .bytes, .paused, .unpaused, .limitReached, .limitGranted:
      throw .notNow(state)
    }
    return []
  }

  private mutating func activate(_ waiting: Waiting, at instant: MonotonicInstant) -> [SessionAction] {
    var open = Open(
      channels: waiting.channels, reasons: waiting.reasons,
      meter: Meter(idleLimitMilliseconds: limits.idleLimitMilliseconds))
    open.meter.start(at: instant)
    if open.channels.isEmpty {
      open.reasons.insert(.noChannel)
      open.lingerDeadline = instant.advanced(byMilliseconds: limits.mergeGapMilliseconds)
    }
    if open.reasons.contains(.link) {
      open.linkDeadline = instant.advanced(byMilliseconds: limits.resumeWindowMilliseconds)
    }
    if !open.reasons.isEmpty { open.meter.pause(at: instant) }
    let reasons = open.reasons.sorted()
    current = .open(open)
    return reasons.isEmpty ? [.activate] : [.activate, .suspend(reasons)]
  }

  // MARK: After consent

  private mutating func handleOpen(
    _ event: SessionEvent, _ open: inout Open, at instant: MonotonicInstant
  ) throws(SessionRefusal) -> [SessionAction] {
    let reasons = open.reasons
    switch event {
    case .bytes:
      // Bytes end idleness; any other reason holds against them.
      if open.reasons.isEmpty { open.meter.byte(at: instant) }
      open.reasons.remove(.idle)
    case .channelOpened(let channel):
      try Self.add(channel, to: &open.channels)
      open.lingerDeadline = nil
      // A new channel is a fresh start: its quiet time begins now.
      open.reasons.subtract([.noChannel, .idle])
    case .channelClosed(let channel):
      guard open.channels.remove(channel) != nil else { throw .noSuchChannel(channel) }
      if open.channels.isEmpty {
        open.reasons.insert(.noChannel)
        open.lingerDeadline = instant.advanced(byMilliseconds: limits.mergeGapMilliseconds)
      }
    case .linkLost(let lastHeard):
      guard open.reasons.insert(.link).inserted else { break }
      open.linkDeadline = instant.advanced(byMilliseconds: limits.resumeWindowMilliseconds)
      open.meter.pause(at: min(lastHeard, instant))
    case .linkRestored:
      open.reasons.remove(.link)
      open.linkDeadline = nil
    case .paused: open.reasons.insert(.paused)
    case .unpaused: open.reasons.remove(.paused)
    case .limitReached: open.reasons.insert(.limit)
    case .limitGranted: open.reasons.remove(.limit)
    case .storageFailed: open.reasons.insert(.storage)
    case .storageRecovered: open.reasons.remove(.storage)
    case .agentReplaced(let lastHeard, let successor):
      open.meter.pause(at: min(lastHeard, instant))
      return close(&open, .unclosed, successor.note, by: .relay, at: instant)
    case .close(let outcome, let note, let closer): return close(&open, outcome, note, by: closer, at: instant)
    case .tick: break
    case .askConsent, .accepted, .declined, .requesterLeft:
      throw .notNow(reasons.isEmpty ? .active : .suspended)
    }
    return Self.settle(&open, was: reasons, at: instant)
  }

  /// Brings the meter in line with the reasons and says what changed.
  private static func settle(
    _ open: inout Open, was reasons: Set<SuspendReason>, at instant: MonotonicInstant
  ) -> [SessionAction] {
    if open.reasons == reasons { return [] }
    if open.reasons.isEmpty {
      open.meter.resume(at: instant)
      return [.resume]
    }
    open.meter.pause(at: instant)
    return [.suspend(open.reasons.sorted())]
  }

  /// What the clock alone has brought about by `instant`, a deadline having passed.
  private mutating func expire(at instant: MonotonicInstant) -> [SessionAction] {
    switch current {
    case .requested, .closed: return []
    case .awaitingConsent(_, let deadline):
      return close(.unanswered, "the customer did not answer", by: .relay, at: deadline)
    case .open(var open):
      current = .requested(Waiting())
      if let deadline = Self.earlier(open.lingerDeadline, open.linkDeadline), instant >= deadline {
        let note = deadline == open.linkDeadline ? "the link did not come back" : "no channel was left open"
        return close(&open, .unclosed, note, by: .relay, at: deadline)
      }
      let reasons = open.reasons
      if open.meter.checkIdle(at: instant) { open.reasons.insert(.idle) }
      let actions = Self.settle(&open, was: reasons, at: instant)
      current = .open(open)
      return actions
    }
  }

  private static func earlier(_ left: MonotonicInstant?, _ right: MonotonicInstant?) -> MonotonicInstant? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  // MARK: The end

  private mutating func close(
    _ outcome: Outcome, _ note: String, by closer: Closer, at instant: MonotonicInstant
  ) -> [SessionAction] {
    let closure = Closure(outcome: outcome, note: note, by: closer)
    current = .closed(closure, Meter(idleLimitMilliseconds: limits.idleLimitMilliseconds))
    return [.close(closure)]
  }

  private mutating func close(
    _ open: inout Open, _ outcome: Outcome, _ note: String, by closer: Closer, at instant: MonotonicInstant
  ) -> [SessionAction] {
    open.meter.close(at: instant)
    let closure = Closure(outcome: outcome, note: note, by: closer)
    current = .closed(closure, open.meter)
    return [.close(closure)]
  }

  private static func add(_ channel: UInt64, to channels: inout Set<UInt64>) throws(SessionRefusal) {
    if channels.contains(channel) { throw .channelAlreadyOpen(channel) }
    if channels.count >= SessionLimits.maximumChannels { throw .tooManyChannels }
    channels.insert(channel)
  }
}
