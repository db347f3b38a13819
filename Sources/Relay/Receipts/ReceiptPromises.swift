import Billing
import Ledger
import Receipts
import SessionModel

/// What a receipt says of promises that were not kept.
extension ReceiptTerms {
  /// A promise as the receipt keeps it, and as the customer reads it.
  struct Unkept {
    let part: Receipt.BrokenPromise
    let fact: BrokenPromise
  }

  /// Prices and limits first, since they change what is to pay, then the newest: where there are too many, these are named.
  func unkeptPromises(of record: SessionRecord, _ register: CustomerRegister) -> [Unkept] {
    let newest = Array(register.promisesBroken(by: record.id).reversed())
    func broken(_ promises: [RegisteredCase.Promise]) -> [Unkept] {
      promises.compactMap { promise in
        guard let part = promise.receiptPart, let fact = promise.shownFact else { return nil }
        return Unkept(part: part, fact: fact)
      }
    }
    let passed = record.entries.compactMap { entry in LimitOverridden(entry).flatMap { self.passed($0) } }
    return broken(newest.filter { $0.made.subject == .price }) + passed.reversed()
      + broken(newest.filter { $0.made.subject != .price })
  }

  /// A limit that a supervisor let the session pass. The consent had said that the customer is asked first.
  private func passed(_ overridden: LimitOverridden) -> Unkept? {
    guard let limit = overridden.passed(plan.currency), let text = LimitPromise.text(limit, in: language) else {
      return nil
    }
    return Unkept(
      part: Receipt.BrokenPromise(
        text: ReceiptWriter.field(text), promisedBy: shop.name, reason: ReceiptWriter.field(overridden.reason),
        brokenBy: ReceiptWriter.field(overridden.by)),
      fact: BrokenPromise(text: text, reason: overridden.reason, by: overridden.by))
  }
}

extension LimitOverridden {
  /// The limit as it stood; nil for the kinds of work, and where an earlier program did not say how much was allowed.
  fileprivate func passed(_ currency: Currency) -> ReachedLimit? {
    guard let allowed else { return nil }
    return switch limit {
    case .sessionAmount:
      .sessionAmount(
        Money(minorUnits: allowed, currency: currency), granted: Money(minorUnits: allowed, currency: currency))
    case .session: .sessionTime(seconds: allowed, grantedSeconds: allowed)
    case .month: .monthTime(seconds: allowed, grantedSeconds: allowed)
    case .scope: nil
    }
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
