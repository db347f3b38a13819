import Ledger
import SessionModel
import Testing

@Suite struct CustomerRegisterTests {
  @Test func aPlanHasVersionsAndCanBeWithdrawnAndOfferedAgain() throws {
    var business = try Business()
    business.say(PlanAdded(plan: Sample.plan, by: "operator"))
    var dearer = Sample.plan.json
    dearer["rate_per_hour"] = "120.00"
    business.say(PlanAdded(plan: try PlanTerms(json: dearer), by: "operator"))
    #expect(business.register().plans["standard"]?.versions.map(\.sequence) == [1, 2])
    #expect(business.register().plan("standard")?.json == dearer)
    business.say(PlanWithdrawn(id: "standard", by: "operator"))
    business.say(PlanWithdrawn(id: "standard", by: "operator"))
    business.say(PlanWithdrawn(id: "nothing", by: "operator"))
    #expect(business.register().plan("standard") == nil)
    #expect(business.register().plans["standard"]?.withdrawnAt == Sample.time.advanced(byMilliseconds: 3000))
    business.say(PlanAdded(plan: Sample.plan, by: "operator"))
    #expect(business.register().plan("standard") == Sample.plan)
    #expect(business.register().plans["standard"]?.versions.count == 3)
    #expect(business.register().plans.keys.sorted() == ["standard"])
  }

  @Test func aCustomerIsKnownByTheNewestVersion() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    business.say(CustomerAdded(id: acme, name: "Acme Ltd", party: .consumer, language: "fi", by: "operator"))
    let customer = try #require(business.register().customers[acme])
    #expect(customer.details?.name == "Acme Ltd" && customer.details?.language == "fi")
    #expect(customer.versions == 2 && customer.addedAt < customer.changedAt)
    #expect(customer.plans.map(\.since) == [customer.addedAt])
    business.say(CustomerAdded(id: acme, name: "Acme Ltd", party: .consumer, plan: "monthly", by: "operator"))
    let since = business.now
    business.say(CustomerAdded(id: acme, name: "Acme Inc", party: .consumer, plan: "monthly", by: "operator"))
    #expect(business.register().customers[acme]?.plans.map(\.plan) == [nil, "monthly"])
    #expect(business.register().customers[acme]?.planSince("monthly") == since)
    #expect(
      business.register().customers[acme]?.planSince("monthly", at: since.advanced(byMilliseconds: -1)) == nil)
    #expect(business.register().customers[acme]?.planSince("other") == nil)
  }

  @Test func aMachineIsHisWhoHadASessionOnIt() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let other = try business.addCustomer("other")
    let guest = try business.request(business.openCase(), key: 7)
    #expect(business.register().customer(machineKey: Sample.fingerprint(7)) == nil)
    business.close(guest)
    let one = try #require(business.register().sessions[guest]?.caseID)
    business.say(SessionAssigned(customer: acme, caseID: one, by: "operator"), in: guest)
    #expect(business.register().customer(machineKey: Sample.fingerprint(7)) == acme)
    #expect(business.register().cases[one]?.customer == acme)
    try business.request(business.openCase(other), other, key: 7)
    #expect(business.register().customer(machineKey: Sample.fingerprint(7)) == other)
    #expect(business.register().customer(machineKey: Sample.fingerprint(8)) == nil)
  }

  @Test(
    "five wrong facts within an hour lock a customer for an hour",
    arguments: [
      ([0, 1, 2, 3, 4], 64), ([0, 1, 2, 3], nil), ([0, 15, 30, 45, 61], nil), ([0, 15, 30, 45, 60], 120),
      ([0, 15, 30, 45, 61, 62], 122), ([0, 1, 2, 3, 4, 70], 64),
    ] as [([Int64], Int64?)])
  func lockout(minutes: [Int64], until: Int64?) throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let start = business.now
    func moment(_ minute: Int64) -> WallTime { start.advanced(byMilliseconds: minute * 60_000) }
    for minute in minutes {
      business.now = moment(minute).advanced(byMilliseconds: -1000)
      business.say(IdentityChecked(customer: acme, identity: .facts, result: .wrong, fact: "born", by: "mika"))
      business.now = business.now.advanced(byMilliseconds: -1000)
      business.say(IdentityChecked(customer: acme, identity: .facts, result: .locked, fact: "born", by: "mika"))
    }
    let customer = try #require(business.register().customers[acme])
    #expect(customer.lockedUntil == until.map(moment))
    guard let until else { return }
    #expect(customer.isLocked(at: moment(until).advanced(byMilliseconds: -1)))
    #expect(!customer.isLocked(at: moment(until)))
  }

  @Test func aCaseHoldsWhatWasSaidAboutIt() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase(acme, title: "no printing")
    let session = try business.request(id, acme)
    business.say(LedgerNote(text: "new driver", by: "mika"), in: session)
    business.say(PromiseMade(caseID: id, number: 1, subject: .condition, text: "free if it fails", by: "mika"))
    business.say(PromiseMade(caseID: id, number: 2, subject: .date, text: "", date: "2026-12-01", by: "mika"))
    business.say(PromiseBroken(caseID: id, number: 2, reason: "no part", by: "mika"))
    business.say(PromiseBroken(caseID: id, number: 9, reason: "?", by: "mika"))
    business.say(AdviceGiven(caseID: id, text: "back up", isDeclined: true, by: "mika"))
    var one = try #require(business.register().cases[id])
    #expect(one.title == "no printing" && one.customer == acme && one.isOpen && one.sessions == [session])
    #expect(one.notes.map(\.note.text) == ["new driver"])
    #expect(one.promises.map(\.made.text) == ["free if it fails", ""] && one.promises[1].broken?.reason == "no part")
    #expect(one.promises[0].broken == nil && one.lastPromise == 2)
    #expect(one.advice.map(\.text) == ["back up"])
    let line = LedgerLine(kind: "quote", description: "", seconds: 0, percent: "100", amountMinor: 700)
    business.say(CaseClosed(caseID: id, lines: [line], currency: "EUR", by: "mika"))
    business.say(CaseClosed(caseID: id, by: "mika"))
    one = try #require(business.register().cases[id])
    #expect(!one.isOpen && one.closingAmountMinor == 700 && one.closingCurrency == "EUR")
  }

  @Test func aBrokenPromiseIsSaidByTheFirstReceiptAfterIt() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase(acme)
    for number: UInt64 in 1...6 {
      business.say(PromiseMade(caseID: id, number: number, subject: .condition, text: "\(number)", by: "mika"))
    }
    func toBreak(_ number: UInt64, in session: SessionID? = nil) {
      business.say(PromiseBroken(caseID: id, number: number, reason: "because", by: "mika"), in: session)
    }
    let first = try business.request(id, acme)
    business.say(SessionActivated(), in: first)
    toBreak(3)
    toBreak(1, in: first)
    business.close(first)
    toBreak(2)
    toBreak(3)
    // Nobody had a receipt of this one.
    let declined = try business.request(id, acme)
    business.close(declined)
    let second = try business.request(id, acme)
    business.say(SessionActivated(), in: second)
    let beside = try business.request(id, acme)
    business.say(SessionActivated(), in: beside)
    toBreak(4)
    #expect(business.register().promisesBroken(by: second).isEmpty, "it is open")
    business.close(second)
    toBreak(5)
    business.close(beside)
    toBreak(6)
    let register = business.register()
    func told(_ session: SessionID) -> [UInt64] { register.promisesBroken(by: session).map(\.made.number) }
    #expect(told(first) == [3, 1], "in the order in which they were broken")
    #expect(told(second) == [2, 4] && told(beside) == [2, 4, 5], "both were open when it was broken")
  }

  @Test func aCaseHoldsOnlyTheNewestOfMany() throws {
    var business = try Business()
    let id = business.openCase()
    let count = RegisteredCase.maximumHeld + 5
    for number in 1...count {
      business.say(
        PromiseMade(caseID: id, number: UInt64(number), subject: .condition, text: "\(number)", by: "mika"))
      business.say(AdviceGiven(caseID: id, text: "\(number)", isDeclined: true, by: "mika"))
    }
    let one = try #require(business.register().cases[id])
    #expect(one.promises.count == RegisteredCase.maximumHeld && one.promises.last?.made.text == "\(count)")
    #expect(one.advice.count == RegisteredCase.maximumHeld && one.lastPromise == UInt64(count))
  }

  @Test func aQuoteIsUsedUpInClosingOrder() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase(acme)
    #expect(business.register().cases[id]?.nextQuote == "\(id)-1")
    let quote = "\(id)-1"
    business.say(
      QuoteMade(
        quote: quote, caseID: id, binding: .notToExceed, amountMinor: 3000, currency: "EUR", text: "", by: "mika"))
    #expect(business.register().bindingQuote(of: id) == nil)
    business.say(QuoteAnswered(quote: quote, isAccepted: true, by: "customer"))
    #expect(business.register().quotes[quote]?.leftMinor == 3000)
    #expect(business.register().bindingQuote(of: id)?.made.quote == quote)
    #expect(business.register().quotes[quote]?.state == .accepted(at: business.now))
    let first = try business.request(id, acme)
    business.close(first, rating: RatingFacts(quote: .init(quote: quote, usedMinor: 2250)))
    #expect(business.register().quotes[quote]?.leftMinor == 750)
    business.say(
      AmountCorrected(
        corrects: UInt64(business.entries.count),
        price: Business.price(1000, RatingFacts(quote: .init(quote: quote, usedMinor: 1000))), reason: "late", by: "x"),
      in: first)
    #expect(business.register().quotes[quote]?.leftMinor == 2000)
    #expect(business.register().cases[id]?.nextQuote == "\(id)-2")
  }

  @Test func aDeclinedQuoteBindsNothing() throws {
    var business = try Business()
    let id = business.openCase()
    business.say(
      QuoteMade(quote: "\(id)-1", caseID: id, binding: .fixed, amountMinor: 1, currency: "EUR", text: "", by: "mika"))
    business.say(QuoteAnswered(quote: "\(id)-1", isAccepted: false, by: "customer"))
    #expect(business.register().quotes["\(id)-1"]?.state == .declined)
    #expect(business.register().bindingQuote(of: id) == nil)
  }

  @Test func aLaterQuoteReplacesAnOpenOneAndTheLastYesBinds() throws {
    var business = try Business()
    let id = business.openCase()
    func made(_ number: Int, _ amount: Int64) -> QuoteMade {
      QuoteMade(
        quote: "\(id)-\(number)", caseID: id, binding: .notToExceed, amountMinor: amount, currency: "EUR", text: "",
        by: "mika")
    }
    business.say(made(1, 15_000))
    business.say(made(2, 30_000))
    #expect(business.register().quotes["\(id)-1"]?.state == .replaced)
    // An answer that was on its way.
    business.say(QuoteAnswered(quote: "\(id)-1", isAccepted: true, by: "customer"))
    #expect(business.register().bindingQuote(of: id) == nil)
    business.say(QuoteAnswered(quote: "\(id)-2", isAccepted: true, by: "customer"))
    business.say(made(3, 40_000))
    #expect(business.register().quotes["\(id)-2"]?.isAccepted == true)
    business.say(QuoteAnswered(quote: "\(id)-3", isAccepted: true, by: "customer"))
    #expect(business.register().bindingQuote(of: id)?.made.quote == "\(id)-3")
    #expect(business.register().acceptedQuotes(of: id).map(\.made.amountMinor) == [30_000, 40_000])
  }

  @Test func sessionsOfACustomersCaseThatAreNobodysAreAboutHim() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase()
    let guest = try business.request(id, nil)
    business.close(guest)
    #expect(business.register().closedSessions(of: nil, id).map(\.id) == [guest])
    let known = try business.request(id, acme)
    business.close(known)
    let register = business.register()
    #expect(register.sessions[guest]?.customer == nil)
    #expect(register.closedSessions(of: acme, id).map(\.id) == [guest, known])
    #expect(register.closedSessions(of: acme, nil).map(\.id) == [known])
    #expect(register.sessions(about: acme).map(\.id) == [known, guest])
  }

  @Test func closedSessionsComeInClosingOrder() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase(acme)
    let (first, second) = (try business.request(id, acme), try business.request(id, acme))
    let open = try business.request(id, acme)
    business.say(SessionActivated(), in: first)
    let begun = business.now
    business.close(second, rating: RatingFacts(isRework: true))
    let closed = business.now
    business.close(first, .onSite, amountMinor: 4000)
    let register = business.register()
    #expect(register.closingOrder == [second, first])
    #expect(register.closedSessions(of: acme).map(\.id) == [second, first])
    #expect(register.closedSessions(of: id).map(\.id) == [second, first])
    #expect(register.customers[acme]?.sessions == [first, second, open])
    let one = try #require(register.sessions[first])
    #expect(one.activatedAt == begun && one.outcome == .onSite && one.amountMinor == 4000 && one.plan == Sample.plan)
    #expect(one.firstActiveAt == closed.advanced(byMilliseconds: -400_000) && one.currency == "EUR")
    #expect(register.sessions[second]?.rating.isRework == true)
    #expect(register.sessions[open]?.isOpen == true)
  }

  @Test func aPriceOnlyGoesDown() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let id = business.openCase()
    let session = try business.request(id)
    business.say(AmountCorrected(corrects: 1, price: Business.price(1), reason: "open", by: "operator"), in: session)
    business.close(session)
    let closing = UInt64(business.entries.count)
    func price() -> Int64? { business.register().sessions[session]?.amountMinor }
    #expect(price() == 2250)
    business.say(SessionAssigned(customer: acme, caseID: id, price: Business.price(2251), by: "operator"), in: session)
    #expect(price() == 2250 && business.register().sessions[session]?.customer == acme)
    #expect(business.register().sessions[session]?.priceSequence == closing)
    business.say(SessionAssigned(customer: acme, caseID: id, price: Business.price(2000), by: "operator"), in: session)
    #expect(price() == 2000)
    var foreign = Business.price(1)
    foreign.currency = "SEK"
    business.say(AmountCorrected(corrects: closing, price: foreign, reason: "?", by: "operator"), in: session)
    business.say(AmountCorrected(corrects: closing, price: Business.price(2100), reason: "?", by: "x"), in: session)
    #expect(price() == 2000)
    #expect(business.register().sessions[session]?.closedAmountMinor == 2250)
    #expect(business.register().sessions[session]?.priceSequence == closing + 2)
  }

  @Test func aSessionAssignedAnewLeavesItsCaseAndCustomer() throws {
    var business = try Business()
    let (acme, other) = (try business.addCustomer("acme"), try business.addCustomer("other"))
    let (first, second) = (business.openCase(acme), business.openCase(other))
    let session = try business.request(first, acme, key: 3)
    business.close(session)
    business.say(SessionAssigned(customer: other, caseID: second, plan: Sample.plan, by: "operator"), in: session)
    let register = business.register()
    #expect(register.customers[acme]?.sessions == [] && register.customers[other]?.sessions == [session])
    #expect(register.cases[first]?.sessions == [] && register.cases[second]?.sessions == [session])
    #expect(register.cases[first]?.customer == acme && register.cases[second]?.customer == other)
  }

  @Test func grantsAndAllowancesStayWithTheSession() throws {
    var business = try Business()
    let session = try business.request(business.openCase())
    for (answer, subject) in [
      (.goOn, .limit(.month)), (.stop, .limit(.session)), (.yes, .quote("q")),
    ] as [(QuestionAnswered.Answer, QuestionSubject)] {
      business.say(
        QuestionAnswered(number: 1, subject: subject, answer: answer, choice: 1, signature: []), in: session)
    }
    business.say(LimitOverridden(limit: .scope, reason: "phone", by: "kirsi"), in: session)
    // A price that is taken lifts the limit that held the session up; one that is not lifts nothing.
    for isAccepted in [false, true] {
      business.say(
        QuoteAnswered(quote: "q", isAccepted: isAccepted, by: "customer", limit: .scope, workType: "consult"),
        in: session)
    }
    let allowance = AllowanceGranted(reduction: .percent("12.5"), reason: "late", by: "mika")
    business.say(allowance, in: session)
    let one = try #require(business.register().sessions[session])
    #expect(one.grants.map(\.limit) == [.month, .scope, .scope])
    #expect(one.grants.map(\.supervisor) == [nil, "kirsi", nil] && one.grants.last?.workType == "consult")
    #expect(one.allowances == [allowance])
  }

  @Test func aBillIsSummedByKindOfLine() throws {
    var business = try Business()
    let session = try business.request(business.openCase())
    func line(_ kind: String, _ seconds: Int64, _ minor: Int64, _ reason: String? = nil) -> LedgerLine {
      LedgerLine(kind: kind, description: "", seconds: seconds, percent: "0", amountMinor: minor, reason: reason)
    }
    business.close(
      session, amountMinor: 10,
      lines: [
        line("included", 60, 0), line("included", 30, 0), line("rework", 20, 5), line("time", 9, 9),
        line("quote", 0, -3), line("allowance", 0, -1, "late"), line("allowance", 0, .min, "late"),
      ])
    let sums = try #require(business.register().sessions[session]?.sums)
    #expect(sums.includedSeconds == 90 && sums.reworkSeconds == 20 && sums.reworkMinor == 5 && sums.quoteMinor == -3)
    #expect(sums.allowanceMinor == .min && sums.allowanceReasons == ["late"])
  }

  @Test func anErasureThatCameLaterMakesItStale() throws {
    var business = try Business()
    _ = try business.addCustomer("acme")
    business.say(PayloadErased(sequences: [1], reason: "asked for"))
    #expect(business.register().isStale)
    var known = CustomerRegister(head: 2)
    for entry in business.entries { known.apply(entry) }
    #expect(!known.isStale && known.sequence == 2)
  }
}
