import SessionModel

extension Wording {
  /// Widest line of a receipt, in columns.
  private static let receiptColumns = 60

  /// What the customer reads when the relay is out of reach at the end: the one receipt whose words the agent makes itself.
  /// It names no price; that is the relay's to work out. The agent does not know by which clock the final one will have its
  /// day, so that it says the moment in UTC, which is never another day by mistake. Without a line feed at the end.
  func provisional(
    _ session: SessionID, at moment: WallTime, shop: String, technician: String, measuredMilliseconds: Int64,
    signedMilliseconds: Int64
  ) -> String {
    let body = words.provisional(
      language.duration(seconds: measuredMilliseconds / 1000), language.duration(seconds: signedMilliseconds / 1000))
    let who = [Self.field(technician), Self.field(shop)].filter { !$0.isEmpty }.joined(separator: ", ")
    let time = CivilTime(moment)
    let lines =
      [words.provisionalTitle(session.rawValue), "\(language.date(time.date)), \(language.clock(time)) UTC", who]
      + body.split(separator: "\n").map(String.init)
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
