import SessionModel
import TunnelProtocol

/// What the agent has on record of the sessions that are not settled: of each only what still matters, so that it stays
/// small however long a session takes.
///
/// ```
///             consent, signed, refused, cut, restored, ended, owed, damaged
///   unknown ───────────────────────────────────────────────────────────────▶ unsettled ──closed──▶ forgotten
/// ```
struct JournalBook: Hashable, Sendable {
  /// Sessions kept. For one more, the oldest of an earlier run is given up, else the oldest.
  static let maximumSessions = HeldSession.maximumSessions
  /// Epochs of a session whose newest checkpoint is kept.
  static let maximumEpochs = 16

  /// Answers of a session that are kept, the newest.
  static let maximumAnswers = 16

  /// What replaces what.
  private enum Slot: Hashable {
    case consent, answer(UInt32), epoch(UInt32), refused, link, ended, owed, damaged
  }

  private struct Session: Hashable {
    let id: SessionID
    var isOfEarlierRun = false
    /// In the order in which they came.
    var kept: [Kept] = []

    struct Kept: Hashable {
      let slot: Slot
      let record: JournalRecord
    }

    mutating func keep(_ record: JournalRecord, in slot: Slot) {
      kept.removeAll { $0.slot == slot }
      kept.append(Kept(slot: slot, record: record))
      let epochs = kept.indices.filter { if case .epoch = kept[$0].slot { true } else { false } }
      if epochs.count > JournalBook.maximumEpochs { kept.remove(at: epochs[0]) }
      let answers = kept.indices.filter { if case .answer = kept[$0].slot { true } else { false } }
      if answers.count > JournalBook.maximumAnswers { kept.remove(at: answers[0]) }
    }

    var consent: ConsentBook.Entry? {
      kept.lazy.compactMap { if case .consent(let entry) = $0.record.event { entry } else { nil } }.first
    }

    var newest: CountersignedCheckpoint? {
      kept.compactMap { if case .signed(let checkpoint, _) = $0.record.event { checkpoint } else { nil } }
        .max { ($0.statement.epoch, $0.statement.sequence) < ($1.statement.epoch, $1.statement.sequence) }
    }

    var held: HeldSession {
      HeldSession(
        session: id, newest: newest, measuredMilliseconds: kept.compactMap(\.record.measuredMilliseconds).max() ?? 0,
        isJournalDamaged: kept.contains { $0.slot == .damaged })
    }
  }

  /// By when they were first heard of.
  private var sessions: [Session] = []

  /// The unsettled sessions, oldest first.
  var ids: [SessionID] { sessions.map(\.id) }

  /// Everything that has to be kept, session by session: a shorter journal with the same meaning.
  var records: [JournalRecord] { sessions.flatMap { $0.kept.map(\.record) } }

  /// Takes one more record.
  mutating func apply(_ record: JournalRecord) {
    let slot: Slot
    switch record.event {
    case .consent: slot = .consent
    case .answered(let statement, _): slot = .answer(statement.number)
    case .signed(let checkpoint, _): slot = .epoch(checkpoint.statement.epoch)
    case .refused: slot = .refused
    case .cut, .restored: slot = .link
    case .ended: slot = .ended
    case .owed: slot = .owed
    case .damaged: slot = .damaged
    case .closed:
      sessions.removeAll { $0.id == record.session }
      return
    }
    let place = sessions.firstIndex { $0.id == record.session } ?? add(record.session)
    sessions[place].keep(record, in: slot)
    // Agreed to (again) in this run.
    if case .consent = record.event { sessions[place].isOfEarlierRun = false }
  }

  /// The time of a session that is over and whose receipt is still to come; nil for any other.
  func owedMilliseconds(of session: SessionID) -> Int64? {
    sessions.first { $0.id == session }?.kept.lazy.compactMap {
      if case .owed(let active) = $0.record.event { active } else { nil }
    }.first
  }

  /// What was read from a file is an earlier run's.
  mutating func beginRun() {
    for index in sessions.indices { sessions[index].isOfEarlierRun = true }
  }

  /// What there is to say to the relay with this signing key; sessions agreed to with another are not its business.
  func held(relay: Fingerprint) -> [HeldSession] {
    sessions.filter { $0.consent?.statement.relaySigningKey == relay }.map(\.held)
  }

  /// What a receipt of an unsettled session is held against; nil for a session that is none, or is another relay's.
  func expectation(of session: SessionID, relay: Fingerprint) -> ReceiptBook.Expectation? {
    guard let session = sessions.first(where: { $0.id == session }) else { return nil }
    let consent = session.consent?.statement
    guard consent.map({ $0.relaySigningKey == relay }) ?? session.held.isJournalDamaged else { return nil }
    return ReceiptBook.Expectation(
      wordsHash: consent?.wordsHash, signedMilliseconds: session.newest?.statement.activeMilliseconds ?? 0)
  }

  private mutating func add(_ session: SessionID) -> Int {
    if sessions.count >= Self.maximumSessions {
      sessions.remove(at: sessions.firstIndex(where: \.isOfEarlierRun) ?? 0)
    }
    sessions.append(Session(id: session))
    return sessions.count - 1
  }
}
