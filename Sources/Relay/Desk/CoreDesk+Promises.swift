import Billing
import Ledger
import SessionModel
import TunnelProtocol
import TunnelTransport

/// What a customer was told: a price, a day, a condition. It is on his case, everybody who comes for it is told, and who does
/// not keep it says why.
extension RelayCore {
  func promise(_ id: CaseID, _ promise: DeskPromise, for visit: DeskVisit) throws(DeskRefusal) {
    let one = try openCase(id)
    if let day = promise.until, day < (try plan(ofCase: one)).timeZone.date(at: WallClock.now()) {
      throw DeskRefusal("\(day) is over: promise a day from today on.")
    }
    var made = PromiseMade(
      caseID: id, number: one.lastPromise + 1,
      subject: promise.price != nil ? .price : promise.until != nil ? .date : .condition, text: promise.text,
      date: promise.until?.description, by: visit.technician.rawValue)
    if let price = promise.price {
      let plan = try plan(ofCase: one)
      (made.amountMinor, made.currency) = (try amount(price, plan.currency), plan.currency.code)
    }
    try keep([made.draft()])
    for session in sessions.values where session.terms.caseID == id {
      tellShells(of: session.id, promises(of: id).last ?? "")
      tellState(of: session.id)
    }
    visit.answer(
      "Promise \(made.number) on case \(id); everybody who comes for it is told.",
      ["case": .string(id.rawValue), "promise": .integer(Int64(clamping: made.number))])
  }

  func breakPromise(_ id: CaseID, _ number: UInt64, reason: String, for visit: DeskVisit) throws(DeskRefusal) {
    let one = try openCase(id)
    guard let promise = one.promises.last(where: { $0.made.number == number }) else {
      throw DeskRefusal("Case \(id) has no promise \(number). See: case show \(id)")
    }
    guard promise.broken == nil else { throw DeskRefusal("Promise \(number) of case \(id) was broken before.") }
    let broken = PromiseBroken(caseID: id, number: number, reason: reason, by: visit.technician.rawValue)
    try keep([broken.draft()])
    for session in sessions.values where session.terms.caseID == id {
      tellOfPromise(BrokenPromise(promise.made, broken), to: session)
      tellShells(of: session.id, "\(visit.technician) does not keep \"\(promise.made.text)\": \(reason)")
      tellState(of: session.id)
    }
    visit.answer(
      "Promise \(number) of case \(id) is broken; the reason is on record.",
      ["case": .string(id.rawValue), "promise": .integer(Int64(clamping: number)), "state": "broken"])
  }

  /// The customer reads it when it happens: by a price that was promised his screen showed what it would cost.
  private func tellOfPromise(_ promise: BrokenPromise, to session: LiveSession) {
    let text = PromiseNotice.text(promise, in: session.terms.language)
    machines[session.machineIdentity]?.port?.post(.control(.notice(text)))
  }

  /// The promises that closing a session does not keep: a price that it passes, unless the rest is to be taken off, and days
  /// that are over. Refused where no reason is given for one, and where one is given for none.
  func promisesBroken(closing session: LiveSession, _ close: DeskClose) throws(DeskRefusal) -> [PromiseMade] {
    let one = session.terms.caseID.flatMap { register.cases[$0] }
    var broken = one.map { overdue(of: $0, session.terms.plan) } ?? []
    if close.breakingPromise == nil, let late = broken.first { throw Self.refusal(of: late) }
    if !close.keepsPromise, let rating = try? rating(of: session), let promise = rating.keptPromise {
      broken.append(promise)
      guard close.breakingPromise != nil else {
        throw DeskRefusal(
          "This costs \(Money(minorUnits: rating.unpromisedMinor, currency: session.terms.currency)), and \(promise.by) "
            + "promised: \(promise.text). Add --keep-promise (the rest is taken off) or --break-promise REASON.")
      }
    }
    if close.breakingPromise != nil, broken.isEmpty { throw Self.nothingBroken(one?.id) }
    return broken
  }

  /// Likewise of closing a case, whose sessions have their price already.
  func promisesBroken(closing one: RegisteredCase, reason: String?) throws(DeskRefusal) -> [PromiseMade] {
    let broken = overdue(of: one, try plan(ofCase: one))
    if reason == nil, let late = broken.first { throw Self.refusal(of: late) }
    if reason != nil, broken.isEmpty { throw Self.nothingBroken(one.id) }
    return broken
  }

  private func overdue(of one: RegisteredCase, _ plan: Plan) -> [PromiseMade] {
    register.overduePromises(of: one, on: plan.timeZone.date(at: WallClock.now()))
  }

  private static func refusal(of late: PromiseMade) -> DeskRefusal {
    DeskRefusal(
      "\(late.by) promised: \(late.text), until \(late.date ?? ""), and that day is over. Add --break-promise REASON.")
  }

  private static func nothingBroken(_ id: CaseID?) -> DeskRefusal {
    DeskRefusal(
      "No promise is broken by this: leave --break-promise away."
        + (id.map { " To take back a condition: promise break \($0) NUMBER --reason TEXT" } ?? ""))
  }
}
