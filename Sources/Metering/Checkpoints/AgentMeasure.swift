public import SessionModel

/// The agent's own upper measure of a session's active time, by which it judges what the relay asks it to sign.
///
/// The relay learns of things earlier or later than the agent, so the measure is generous where they may differ and strict
/// where they may not: it counts while the link is up and a stream is open, ``leadMilliseconds`` before and
/// ``trailMilliseconds`` after. A technician's pauses and idleness, which only the relay knows, are counted. It stops where
/// nothing is connected.
///
/// The agent says that a stream ended when all of it has left the tunnel's send buffer; the relay stops its clock when
/// that end arrives, behind whatever is still on the way: at most a stream's window, mostly what two sockets hold. So what
/// an honest relay states is never more than ``acceptableMilliseconds(at:)``, as long as word of a stream's end, or of the
/// session's, takes at most ``trailMilliseconds`` and word of its opening at most ``leadMilliseconds``. A line slower than
/// that is the one case in which an honest statement can be refused.
public struct AgentMeasure: Hashable, Sendable {
  /// Counted before every stretch: the word of an opening on its way from the relay, in milliseconds.
  public static let leadMilliseconds: Int64 = 1000
  /// Counted after every stretch: the end of a stream on its way to the relay behind the stream's last bytes, in
  /// milliseconds. An acknowledgement of that end would be exact; the tunnel tells of none.
  public static let trailMilliseconds: Int64 = 5000
  /// A statement may be this much above the measure, in milliseconds, …
  public static let toleranceMilliseconds: Int64 = 1000
  /// … and this many millionths of the measure, for the difference of two clocks.
  public static let tolerancePartsPerMillion: Int64 = 500

  /// The session measured.
  public let session: SessionID
  private var isLinkUp = true
  private var openStreams = 0
  private var isClosed = false
  /// Counted up to `countedUntil`; never before it again. In nanoseconds, so that many short stretches lose nothing.
  private var countedNanoseconds: Int64 = 0
  private var countedUntil: MonotonicInstant
  private var isRunning = false
  /// The end of what is counted after the last stretch.
  private var tailEnd: MonotonicInstant
  private var accepted: CheckpointStatement?

  /// Measures from the moment the customer said yes.
  public init(session: SessionID, consentAt instant: MonotonicInstant) {
    self.session = session
    countedUntil = instant
    tailEnd = instant.advanced(byMilliseconds: Self.leadMilliseconds)
  }

  /// A stream of the session was opened.
  public mutating func streamOpened(at instant: MonotonicInstant) {
    openStreams += 1
    update(at: instant)
  }

  /// A stream of the session ended: all of it was sent, or the relay ended it.
  public mutating func streamEnded(at instant: MonotonicInstant) {
    openStreams = max(0, openStreams - 1)
    update(at: instant)
  }

  /// The tunnel is gone.
  public mutating func linkLost(at instant: MonotonicInstant) {
    isLinkUp = false
    update(at: instant)
  }

  /// The tunnel is back.
  public mutating func linkRestored(at instant: MonotonicInstant) {
    isLinkUp = true
    update(at: instant)
  }

  /// The session is over: nothing is counted past `instant` but what may follow any stretch, ``trailMilliseconds``.
  public mutating func close(at instant: MonotonicInstant) {
    guard !isClosed else { return }
    if isRunning { endStretch(at: instant) }
    isClosed = true
  }

  /// The most active time there can have been by `instant`, in milliseconds. Never shrinks.
  public func measuredMilliseconds(at instant: MonotonicInstant) -> Int64 {
    var copy = self
    copy.count(to: isRunning ? instant : min(instant, tailEnd))
    return copy.countedNanoseconds / 1_000_000
  }

  /// The most active time the agent signs for at `instant`: measure + 1 s + 500 ppm.
  public func acceptableMilliseconds(at instant: MonotonicInstant) -> Int64 {
    Self.acceptableMilliseconds(ofMeasured: measuredMilliseconds(at: instant))
  }

  /// The most active time an agent signs for that measured `own` milliseconds.
  public static func acceptableMilliseconds(ofMeasured own: Int64) -> Int64 {
    let tolerance =
      toleranceMilliseconds + own / 1_000_000 * tolerancePartsPerMillion
      + own % 1_000_000 * tolerancePartsPerMillion / 1_000_000
    let (sum, overflow) = own.addingReportingOverflow(tolerance)
    return overflow ? .max : sum
  }

  /// Whether the agent signs a statement: of this session, not above ``acceptableMilliseconds(at:)``, with epoch and sequence
  /// strictly forward from the last one signed and active time not below it. What was accepted is remembered.
  public mutating func accepts(_ statement: CheckpointStatement, at instant: MonotonicInstant) -> Bool {
    guard statement.session == session, statement.sequence >= 1, statement.activeMilliseconds >= 0,
      statement.activeMilliseconds <= acceptableMilliseconds(at: instant)
    else { return false }
    if let last = accepted {
      guard (last.epoch, last.sequence) < (statement.epoch, statement.sequence),
        last.activeMilliseconds <= statement.activeMilliseconds
      else { return false }
    }
    accepted = statement
    return true
  }

  private mutating func update(at instant: MonotonicInstant) {
    guard !isClosed else { return }
    let shouldRun = isLinkUp && openStreams > 0
    switch (isRunning, shouldRun) {
    case (false, true):
      // What follows the last stretch, then what precedes this one; nothing twice.
      count(to: min(tailEnd, instant))
      countedUntil = max(countedUntil, instant.advanced(byMilliseconds: -Self.leadMilliseconds))
      isRunning = true
    case (true, false):
      endStretch(at: instant)
    case (false, false), (true, true): break
    }
  }

  private mutating func endStretch(at instant: MonotonicInstant) {
    count(to: instant)
    tailEnd = countedUntil.advanced(byMilliseconds: Self.trailMilliseconds)
    isRunning = false
  }

  private mutating func count(to instant: MonotonicInstant) {
    guard instant > countedUntil else { return }
    let (step, stepOverflow) = instant.nanoseconds.subtractingReportingOverflow(countedUntil.nanoseconds)
    let (sum, sumOverflow) = countedNanoseconds.addingReportingOverflow(step)
    countedNanoseconds = stepOverflow || sumOverflow ? .max : sum
    countedUntil = instant
  }
}
