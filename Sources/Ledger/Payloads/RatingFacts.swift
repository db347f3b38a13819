import SessionModel

/// How a session was rated, as far as the rating of later ones rests on it. Earlier programs wrote none of it: a member
/// that is not there means no, or nothing.
public struct RatingFacts: Hashable, Sendable {
  /// What a quote took over of a session's price.
  public struct QuoteUse: Hashable, Sendable {
    /// The quote; see ``QuoteMade/quote``.
    public var quote: String
    /// How much of it the session used up, in minor units of the session's currency.
    public var usedMinor: Int64

    /// Both, by hand.
    public init(quote: String, usedMinor: Int64) {
      self.quote = quote
      self.usedMinor = usedMinor
    }
  }

  /// Whether it was rework.
  public var isRework: Bool
  /// Whether it continued an earlier session: no first period, no call-out.
  public var continues: Bool
  /// Included time that it drew, in seconds.
  public var includedSeconds: Int64
  /// What it used of a quote.
  public var quote: QuoteUse?

  /// All of it, by hand.
  public init(
    isRework: Bool = false, continues: Bool = false, includedSeconds: Int64 = 0, quote: QuoteUse? = nil
  ) {
    self.isRework = isRework
    self.continues = continues
    self.includedSeconds = includedSeconds
    self.quote = quote
  }

  init(members: Members) throws(PayloadError) {
    var quote: QuoteUse?
    if members.value("quote") != nil {
      let use = try members.object("quote")
      quote = QuoteUse(quote: try use.text("id"), usedMinor: try use.integer("used_minor"))
    }
    self.init(
      isRework: try members.ifPresent("rework", members.bool) ?? false,
      continues: try members.ifPresent("continues", members.bool) ?? false,
      includedSeconds: try members.ifPresent("included_seconds", members.integer) ?? 0, quote: quote)
  }

  /// Members: `rework`, `continues`, `included_seconds`, `quote{id, used_minor}`; what does not apply is left out.
  func put(into members: inout Members) {
    if isRework { members.put("rework", true) }
    if continues { members.put("continues", true) }
    if includedSeconds != 0 { members.put("included_seconds", .integer(includedSeconds)) }
    if let quote {
      members.put("quote", ["id": .string(quote.quote), "used_minor": .integer(quote.usedMinor)])
    }
  }
}
