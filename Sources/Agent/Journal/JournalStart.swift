import SessionModel
import Signing
import TunnelProtocol

/// What the agent finds of its journal when it starts. Whatever is wrong with it, the agent goes on: help matters more.
struct JournalStart: Sendable {
  /// The file in the state directory.
  static let name = "journal"
  /// What a damaged one is renamed to; one found earlier is replaced.
  static let damagedName = "journal.damaged"
  /// The longest journal that is read, in bytes: several times what a full one has.
  static let maximumBytes = 4 * 1024 * 1024

  /// Where it is written; nil keeps it in memory only.
  var store: (any JournalStore)?
  /// What is unsettled from earlier runs.
  var book = JournalBook()
  /// What is wrong with it; nil when all is well.
  private(set) var trouble: JournalTrouble?
  /// A line about it for the customer.
  var problem: String? { trouble?.line }

  /// In memory only: a guest's, who keeps nothing.
  init() {}

  /// Opens the journal in `directory`, which there may be none of.
  init(directory: String?, key: Ed25519PublicKey, now: WallTime) {
    guard let directory else { return }
    do throws(SigningError) {
      let log = try PrivateLog(path: "\(directory)/\(Self.name)")
      store = log
      try read(log, aside: "\(directory)/\(Self.damagedName)", key, now)
    } catch {
      trouble = .unusable(error)
    }
  }

  private mutating func read(
    _ log: PrivateLog, aside: String, _ key: Ed25519PublicKey, _ now: WallTime
  ) throws(SigningError) {
    let damage: String?
    switch try log.read(limit: Self.maximumBytes) {
    case .missing: return
    case .tooLong: damage = "is longer than this program ever makes it"
    case .bytes(let bytes):
      let reading = JournalReading(bytes, key: key)
      for record in reading.records { book.apply(record) }
      damage = reading.damage
    }
    book.beginRun()
    guard let damage else { return }
    for session in book.ids { book.apply(JournalRecord(time: now, session: session, event: .damaged)) }
    try log.setAside(as: aside)
    trouble = .damaged(damage, aside: aside)
  }
}

/// What can be wrong with the journal. The customer is told, and so is the relay.
enum JournalTrouble: Sendable {
  /// It was found damaged, in words that fit behind "the journal", and is now called `aside`.
  case damaged(String, aside: String)
  /// It cannot be read, or not be written.
  case unusable(SigningError)

  /// A line for the customer.
  var line: String {
    switch self {
    case .damaged(let damage, let aside): Wording.journalDamaged(damage, aside: aside)
    case .unusable(let error): Wording.journalUnusable(error)
    }
  }

  /// What the relay is told of it.
  var report: JournalReport {
    switch self {
    case .damaged(let damage, _): JournalReport(condition: .damaged, reason: damage)
    case .unusable(let error): JournalReport(condition: .unwritable, reason: error.description)
    }
  }
}

extension Wording {
  static func journalUnusable(_ error: SigningError) -> String {
    "This program's journal is kept in memory only, and the work goes on: \(field(error.description))."
  }

  static func journalDamaged(_ damage: String, aside: String) -> String {
    """
    This program's journal of earlier visits \(damage). It is now called \(field(aside)), the relay is told, and a new \
    one is begun.
    """
  }

  static func journal(_ news: JournalWriter.News) -> String {
    switch news {
    case .failed(let error): journalUnusable(error)
    case .recovered: journalRecovered
    }
  }

  static let journalRecovered = "This program's journal can be written again."
}
