import SessionModel

/// What a provisional receipt says.
struct ProvisionalText: Hashable, Sendable {
  /// Why it is no final one.
  enum Why: Hashable, Sendable {
    /// The relay did not answer.
    case outOfReach
    /// The relay cannot put anything on record for now.
    case notOnRecord
  }

  var moment: WallTime
  var shop: String
  var technician: String
  var measuredMilliseconds: Int64
  var signedMilliseconds: Int64
  var why: Why
  /// Whether the next run of this program asks for the final one. A guest's key and journal are gone with the program.
  var isKept: Bool
}

extension Wording {
  /// Widest line of a receipt, in columns.
  private static let receiptColumns = 60

  /// What the customer reads when the relay has no receipt for him at the end: the one receipt whose words the agent makes itself.
  /// It names no price; that is the relay's to work out. The agent does not know by which clock the final one will have its
  /// day, so that it says the moment in UTC, which is never another day by mistake. Without a line feed at the end.
  func provisional(_ session: SessionID, _ text: ProvisionalText) -> String {
    let figures = words.provisional(
      language.duration(seconds: text.measuredMilliseconds / 1000),
      language.duration(seconds: text.signedMilliseconds / 1000))
    let why =
      switch text.why {
      case .outOfReach: words.outOfReach
      case .notOnRecord: words.notOnRecord
      }
    let final = text.isKept ? words.finalComes : words.finalFromShop(session.rawValue)
    let who = [Self.field(text.technician), Self.field(text.shop)].filter { !$0.isEmpty }.joined(separator: ", ")
    let time = CivilTime(text.moment)
    let lines =
      [words.provisionalTitle(session.rawValue), "\(language.date(time.date)), \(language.clock(time)) UTC", who]
      + [figures, why, final].flatMap { $0.split(separator: "\n").map(String.init) }
      + [language.visitIsOver]
    return lines.filter { !$0.isEmpty }.map { TextWidth.cut($0, toColumns: Self.receiptColumns) }
      .joined(separator: "\n")
  }

  /// The relay's receipt is none.
  func receiptRefused(_ session: SessionID, _ why: String) -> String {
    words.receiptRefused(session.rawValue, Self.field(why))
  }

  /// The relay's receipt is kept as it came.
  func notCountersigned(_ why: String) -> String { words.notCountersigned(Self.field(why)) }

  /// No file could be written.
  func receiptNotStored(_ why: String) -> String { words.receiptNotStored(Self.field(why)) }
}
