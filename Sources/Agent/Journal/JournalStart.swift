import SessionModel
import Signing

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
  /// A line for the customer when not all is well.
  var problem: String?

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
      problem = Wording.journalUnusable(error)
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
    problem = Wording.journalDamaged(damage, aside: aside)
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

  static let journalRecovered = "This program's journal can be written again."
}
