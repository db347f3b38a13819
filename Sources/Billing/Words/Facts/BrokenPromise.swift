public import SessionModel

/// Something the customer was promised, and that was not kept.
public struct BrokenPromise: Hashable, Sendable {
  /// What was promised, in the words he was told.
  public var text: String
  /// Of a price: how much at most.
  public var price: Money?
  /// The day for which it was promised.
  public var date: CivilDate?
  /// Why it was not kept.
  public var reason: String
  /// Who said so.
  public var by: String

  /// All of it, by hand.
  public init(text: String, price: Money? = nil, date: CivilDate? = nil, reason: String, by: String) {
    self.text = text
    self.price = price
    self.date = date
    self.reason = reason
    self.by = by
  }

  /// The same with what others wrote made fit to be shown and cut to so many columns.
  func shortened(toColumns columns: Int) -> BrokenPromise {
    var promise = self
    promise.text = Lines.field(text, columns: columns)
    promise.reason = Lines.field(reason, columns: columns)
    promise.by = Lines.field(by, columns: 32)
    return promise
  }
}
