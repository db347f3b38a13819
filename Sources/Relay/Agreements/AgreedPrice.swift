import Billing
import Ledger
import SessionModel

/// What a rated session costs after all that was granted and promised: the same for one that closes and for one that is
/// assigned to a customer afterwards.
struct AgreedPrice {
  /// Its lines and sum.
  let work: RatedWork
  /// The promise that took something off; nil when none had to.
  let keptPromise: PromiseMade?
  /// What it would cost without that, in minor units.
  let unpromisedMinor: Int64

  /// - Parameters:
  ///   - rated: what it costs by the plan.
  ///   - allowances: what was let off.
  ///   - promised: the strictest price promised on its case, and what is left of it.
  init(
    _ rated: RatedWork, allowances: [AllowanceGranted], promised: (promise: PromiseMade, leftMinor: Int64)?
  ) {
    var price = rated
    for allowance in allowances {
      // What has nothing left to reduce takes nothing off.
      if let less = try? price.adding(Allowance(allowance)) { price = less }
    }
    unpromisedMinor = price.amountMinor
    guard let (promise, left) = promised, price.amountMinor > left,
      let less = try? price.adding(
        Allowance(
          kind: .discount, size: .amount(minor: price.amountMinor - left),
          reason: TextWidth.cut("Promised: \(promise.text)", toColumns: TextSafety.maximumFieldScalars),
          author: promise.by))
    else {
      (work, keptPromise) = (price, nil)
      return
    }
    (work, keptPromise) = (less, promise)
  }
}
