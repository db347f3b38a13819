public import SessionModel

extension Receipt {
  /// Something the customer was promised, and that was not kept: it was broken while the session was open, or between it and
  /// the one before.
  public struct BrokenPromise: Hashable, Sendable {
    /// What was promised, in the words he was told.
    public var text: String
    /// Of a price: how much at most.
    public var price: Money?
    /// The day for which it was promised.
    public var date: CivilDate?
    /// Who promised it.
    public var promisedBy: String
    /// Why it was not kept.
    public var reason: String
    /// Who said so.
    public var brokenBy: String

    /// All of it, by hand.
    public init(
      text: String, price: Money? = nil, date: CivilDate? = nil, promisedBy: String, reason: String, brokenBy: String
    ) {
      self.text = text
      self.price = price
      self.date = date
      self.promisedBy = promisedBy
      self.reason = reason
      self.brokenBy = brokenBy
    }
  }
}
