public import SessionModel

/// Measures active time: cumulative, monotonic, and only as far as the last byte.
///
/// ```
///              start            byte, pause or close within the idle limit: what was pending counts
///   notStarted ─────▶ running ──────────────────────────────────────────────────────┐
///                     │  ▲ ▲  ◀─────────────────────────────────── byte ────────────┘
///          quiet too  │  │ │ resume
///          long       ▼  │ └────────┐
///                    idle┘ byte,    paused ◀── pause (running or idle)
///                          resume
///   close from anywhere ─▶ closed          restored from what was stored ─▶ paused
/// ```
///
/// Quiet time is pending until a byte, a pause or the close ends it within the idle limit; then it counts. Otherwise the
/// meter has been idle since the last byte, and the next byte starts it again from that byte. What has been counted never
/// shrinks: instants that go backwards are taken for the latest that counted.
public struct Meter: Hashable, Sendable {
  /// Quiet time up to this counts, in milliseconds, unless the plan says otherwise.
  public static let standardIdleLimitMilliseconds: Int64 = 600_000
  /// Most intervals kept; beyond it the closest two are joined, no time lost or made.
  public static let maximumIntervals = 1024

  private enum State: Hashable, Sendable {
    case notStarted
    /// Since the offset of the last byte, in milliseconds.
    case running(lastByte: Int64)
    case idle
    case paused
    case closed
  }

  /// Quiet time up to this counts, in milliseconds.
  public let idleLimitMilliseconds: Int64
  private var state = State.notStarted
  private var origin = MonotonicInstant(nanoseconds: 0)
  /// No later stretch begins before this offset.
  private var floor: Int64 = 0
  private var list: IntervalList
  /// After a restoring, the stretch before it of which nothing is known but that it may hold time that was signed and not
  /// stored.
  private var gap: MeterInterval?
  /// What counted before ``gap``, in milliseconds.
  private var carriedMilliseconds: Int64 = 0

  /// A meter at zero.
  /// - Parameter idleLimitMilliseconds: 0 and less counts no quiet time at all.
  public init(idleLimitMilliseconds: Int64 = Meter.standardIdleLimitMilliseconds) {
    self.init(idleLimitMilliseconds: idleLimitMilliseconds, maximumIntervals: Self.maximumIntervals)
  }

  init(idleLimitMilliseconds: Int64, maximumIntervals: Int) {
    self.idleLimitMilliseconds = max(0, idleLimitMilliseconds)
    list = IntervalList(maximumCount: maximumIntervals)
  }

  /// A meter that goes on from `time`, paused: an earlier program measured that, from `origin` on. Nothing it counts lies
  /// before `instant`, or before the last interval's end.
  public init(
    restoring time: MeteredTime, origin: MonotonicInstant, at instant: MonotonicInstant,
    idleLimitMilliseconds: Int64 = Meter.standardIdleLimitMilliseconds
  ) {
    self.init(idleLimitMilliseconds: idleLimitMilliseconds)
    self.origin = origin
    state = .paused
    for interval in time.intervals { list.add(from: interval.fromMilliseconds, to: interval.toMilliseconds) }
    let end = list.intervals.last?.toMilliseconds ?? 0
    carriedMilliseconds = list.milliseconds
    floor = max(end, offset(of: instant))
    if floor > end { gap = MeterInterval(fromMilliseconds: end, toMilliseconds: floor) }
  }

  /// Confirmed active time, in milliseconds: up to the last byte. Never shrinks.
  public var activeMilliseconds: Int64 { list.milliseconds }

  /// Confirmed active time as stretches since the start, in order, apart from each other; their sum is ``activeMilliseconds``.
  public var intervals: [MeterInterval] { list.intervals }

  /// Both.
  public var time: MeteredTime { MeteredTime(list) }

  /// Whether time accrues, were a byte to come now.
  public var isRunning: Bool { if case .running = state { true } else { false } }

  /// Quiet time since the last byte that would count if a byte came at `instant`, in milliseconds; 0 when not running or
  /// when it has lasted too long.
  public func pendingMilliseconds(at instant: MonotonicInstant) -> Int64 {
    guard case .running(let lastByte) = state else { return 0 }
    let quiet = offset(of: instant) - lastByte
    return quiet <= idleLimitMilliseconds ? quiet : 0
  }

  /// The first instant at which the meter is idle if no byte comes; nil when not running.
  public var idleDeadline: MonotonicInstant? {
    guard case .running(let lastByte) = state else { return nil }
    let (quiet, overflow) = lastByte.addingReportingOverflow(idleLimitMilliseconds)
    return origin.advanced(byMilliseconds: overflow ? .max : quiet).advanced(byMilliseconds: 1)
  }

  /// Starts at `instant`, from which all intervals are counted. Only the first start counts.
  public mutating func start(at instant: MonotonicInstant) {
    guard case .notStarted = state else { return }
    origin = instant
    state = .running(lastByte: 0)
  }

  /// A byte went either way. Not heeded while paused or closed.
  public mutating func byte(at instant: MonotonicInstant) {
    switch state {
    case .running:
      settle(at: instant)
      state = .running(lastByte: max(floor, offset(of: instant)))
    case .idle: state = .running(lastByte: max(floor, offset(of: instant)))
    case .notStarted, .paused, .closed: break
    }
  }

  /// Stops counting at `instant`, which may lie in the past (when a lost peer was last heard) but takes back nothing that
  /// was confirmed.
  public mutating func pause(at instant: MonotonicInstant) {
    switch state {
    case .running:
      settle(at: instant)
      state = .paused
    case .idle: state = .paused
    case .notStarted, .paused, .closed: break
    }
  }

  /// Counts again from `instant` on. Not heeded while running.
  public mutating func resume(at instant: MonotonicInstant) {
    switch state {
    case .paused, .idle: state = .running(lastByte: max(floor, offset(of: instant)))
    case .notStarted, .running, .closed: break
    }
  }

  /// Ends for good at `instant`.
  public mutating func close(at instant: MonotonicInstant) {
    settle(at: instant)
    state = .closed
  }

  /// After a restoring: the time before it was `milliseconds` in all, as both sides signed. What is missing is put behind
  /// the last restored interval, as far as it fits in before the restoring.
  /// - Returns: the milliseconds put in; 0 when there was nothing to do, or too late.
  @discardableResult
  public mutating func carry(toMilliseconds milliseconds: Int64) -> Int64 {
    guard let gap, state != .closed else { return 0 }
    let missing = min(max(0, milliseconds) - carriedMilliseconds, gap.milliseconds)
    guard list.lengthen(at: gap.fromMilliseconds, by: missing) else { return 0 }
    carriedMilliseconds += missing
    let end = gap.fromMilliseconds + missing
    self.gap = end < gap.toMilliseconds ? MeterInterval(fromMilliseconds: end, toMilliseconds: gap.toMilliseconds) : nil
    return missing
  }

  /// Whether the meter is idle at `instant`, having become so by now or before.
  public mutating func checkIdle(at instant: MonotonicInstant) -> Bool {
    if case .running(let lastByte) = state, offset(of: instant) - lastByte > idleLimitMilliseconds {
      floor = max(floor, lastByte)
      state = .idle
    }
    return state == .idle
  }

  /// Counts what is pending at `instant`, or nothing when it has been quiet for too long.
  private mutating func settle(at instant: MonotonicInstant) {
    guard case .running(let lastByte) = state else { return }
    let end = max(offset(of: instant), lastByte)
    floor = max(floor, lastByte)
    guard end - lastByte <= idleLimitMilliseconds else { return }
    list.add(from: lastByte, to: end)
    floor = end
  }

  private func offset(of instant: MonotonicInstant) -> Int64 { max(0, instant.milliseconds(since: origin)) }
}
