import SessionModel

/// The last answers the customer gave, to tell him when one of them was lost on its way: a question that stands there once
/// more looks like one that he has answered.
///
/// ```
///   given ──the line is back──▶ on its way ──the connection is lost for good──▶ lost, unless it had arrived
///     │                            ▲
///     └── on a line that was up ───┘
/// ```
struct GivenAnswers: Sendable {
  /// More are forgotten, the oldest first: a relay asks one question at a time in a session.
  static let maximumRemembered = 16
  /// Who is heard so long after an answer has received it, in milliseconds: it would have acknowledged it long before.
  static let settledMilliseconds: Int64 = 5_000

  private enum Passage: Hashable, Sendable {
    /// Nothing could be sent when it was given.
    case kept
    case sent(MonotonicInstant)
    case lost
  }

  private struct Entry: Hashable, Sendable {
    var session: SessionID
    var number: UInt32?
    var words: String
    var passage: Passage
  }

  private var entries: [Entry] = []

  /// He answered.
  mutating func gave(_ question: Question, lineIsUp: Bool, at now: MonotonicInstant) {
    entries.removeAll { $0.session == question.session && $0.words == question.words }
    if entries.count >= Self.maximumRemembered { entries.removeFirst() }
    entries.append(
      Entry(
        session: question.session, number: question.number, words: question.words,
        passage: lineIsUp ? .sent(now) : .kept))
  }

  /// Another connection carries on what was cut: what was kept is sent.
  mutating func lineBack(at now: MonotonicInstant) {
    for index in entries.indices where entries[index].passage == .kept { entries[index].passage = .sent(now) }
  }

  /// What was on its way is lost for good.
  /// - Parameters:
  ///   - isAllAcknowledged: the relay had received everything that was sent.
  ///   - lastHeard: when it was heard last.
  mutating func connectionLost(isAllAcknowledged: Bool, lastHeard: MonotonicInstant) {
    entries = entries.compactMap { entry in
      var entry = entry
      switch entry.passage {
      case .kept, .lost: entry.passage = .lost
      case .sent(let instant):
        let isSettled = lastHeard.milliseconds(since: instant) >= Self.settledMilliseconds
        if isAllAcknowledged || isSettled { return nil }
        entry.passage = .lost
      }
      return entry
    }
  }

  /// Whether this question was answered and the relay evidently does not know: it asks the same in the same words, under the
  /// number that it was answered under, or after the answer was lost. The same words under another number alone prove
  /// nothing: a technician may have them asked again.
  func wasLost(_ question: Question) -> Bool {
    entries.contains { entry in
      guard entry.session == question.session, entry.words == question.words else { return false }
      return entry.passage == .lost || entry.number == question.number
    }
  }

  /// The session is over, or what was answered in it does not count any more.
  mutating func forget(_ session: SessionID) { entries.removeAll { $0.session == session } }
}
