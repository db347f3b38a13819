import Billing
import Ledger
import Receipts
import SessionModel

/// What a receipt says of promises that were not kept.
extension ReceiptTerms {
  /// Prices first, since they change what is to pay, then the newest: where there are too many, these are named.
  static func brokenPromises(by id: SessionID, _ register: CustomerRegister) -> [RegisteredCase.Promise] {
    let newest = Array(register.promisesBroken(by: id).reversed())
    return newest.filter { $0.made.subject == .price } + newest.filter { $0.made.subject != .price }
  }
}

extension RegisteredCase.Promise {
  /// As it stands in a receipt; nil while it holds.
  var receiptPart: Receipt.BrokenPromise? {
    guard let broken else { return nil }
    return Receipt.BrokenPromise(
      text: ReceiptWriter.field(made.text), price: made.price, date: made.day,
      promisedBy: ReceiptWriter.field(made.by), reason: ReceiptWriter.field(broken.reason),
      brokenBy: ReceiptWriter.field(broken.by))
  }

  /// As the customer reads it; nil while it holds.
  var shownFact: BrokenPromise? { broken.map { BrokenPromise(made, $0) } }
}

extension Receipt.BrokenPromise {
  /// Cuts what people wrote to so many Unicode scalars.
  mutating func shorten(to limit: Int) {
    text = ReceiptWriter.field(text, limit: limit)
    reason = ReceiptWriter.field(reason, limit: limit)
  }
}

extension BrokenPromise {
  /// A promise and what is on record of its end.
  init(_ made: PromiseMade, _ broken: PromiseBroken) {
    self.init(text: made.text, price: made.price, date: made.day, reason: broken.reason, by: broken.by)
  }
}

extension PromiseMade {
  /// The price that was promised; nil for another promise.
  fileprivate var price: Money? {
    guard let amountMinor, let currency = currency.flatMap({ Currency($0) }) else { return nil }
    return Money(minorUnits: amountMinor, currency: currency)
  }

  /// The day for which it was promised.
  fileprivate var day: CivilDate? { date.flatMap { CivilDate($0) } }
}
