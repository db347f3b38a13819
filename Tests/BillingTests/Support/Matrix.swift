import Billing
import SessionModel

/// Facts that together bring about everything that can be said to a customer.
enum Matrix {
  /// Consents, each with what it is about. Amounts are those of real shops.
  static func consents() throws -> [(facts: ConsentFacts, about: String)] {
    var all: [(ConsentFacts, String)] = []
    for prices in PriceBasis.allCases {
      func add(_ about: String, _ plan: Plan? = nil, _ change: (inout ConsentFacts) -> Void = { _ in }) throws {
        var facts = try Samples.consent(prices: prices)
        if let plan { facts.plan = plan }
        change(&facts)
        all.append((facts, "\(about), \(prices)"))
      }
      func plan(rate: Int64 = 9000, first: Int64 = 900, then: Int64 = 360, callOut: Int64 = 0) throws -> Plan {
        try Samples.plan(rate: rate, first: first, then: then, callOut: callOut, prices: prices)
      }
      try add("plain")
      for periods: (Int64, Int64) in [
        (60, 60), (3600, 1800), (7200, 3600), (1, 1), (90, 30), (3910, 605), (900, 21 * 60), (300 * 60, 22 * 60),
      ] {
        try add("periods \(periods)", try plan(first: periods.0, then: periods.1))
        try add("periods \(periods) by the hour", try plan(rate: 9001, first: periods.0, then: periods.1))
      }
      try add("call-out", try plan(callOut: 2000))
      try add("per technician") { $0.eachTechnician = true }
      try add("continues") {
        $0.continues = true
        $0.limits.sessionAmount = Samples.money("180.00")
      }
      try add("continues by the hour", try plan(rate: 9001)) { $0.continues = true }
      let rise = OutOfHoursOutlook.Rise(percent: Percent(150), from: Samples.clock("18:00"))
      try add("out of hours now") { $0.outOfHours.now = Percent(150) }
      try add("out of hours now, not exact", try plan(rate: 9001)) {
        $0.outOfHours.now = Percent(coefficient: 1575, scale: 1)
      }
      try add("out of hours later") { $0.outOfHours.rises = [rise] }
      try add("out of hours later, other work") {
        $0.outOfHours.rises = [rise]
        $0.otherWork = [OtherWork(type: "consult", percent: Percent(120))]
        $0.purpose = ""
      }
      try add("other work") { $0.otherWork = [OtherWork(type: "consult", percent: Percent(120))] }
      try add("much other work") {
        $0.otherWork = (1...5).map { OtherWork(type: "kind-number-\($0)", percent: Percent(100 + $0)) }
      }
      try add("other work beside free work", try plan().withFreeWork()) {
        $0.otherWork = [
          OtherWork(type: "consult", percent: Percent(100)), OtherWork(type: "plan", percent: Percent(50)),
        ]
      }
      try add("much other work beside free work", try plan().withFreeWork()) {
        $0.otherWork = (1...5).map { OtherWork(type: "kind-number-\($0)", percent: Percent(100 + $0)) }
      }
      try add("included") { $0.includedLeftSeconds = 4800 }
      try add("included, usual hours only", try plan().withEvenings()) { $0.includedLeftSeconds = 7200 }
      try add("limit") { $0.limits.sessionAmount = Samples.money("180.00") }
      try add("limits") {
        $0.limits = LimitTerms(
          sessionAmount: Samples.money("180.00"), sessionSeconds: 7200, monthSeconds: 36_000)
      }
      try add("quote not to exceed") {
        $0.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("180.00"))
      }
      try add("quote partly used") {
        $0.quote = QuoteTerms(
          kind: .notToExceed, amount: Samples.money("180.00"), left: Samples.money("135.00"))
      }
      try add("fixed quote") { $0.quote = QuoteTerms(kind: .fixed, amount: Samples.money("180.00")) }
      try add("fixed quote, charged already") {
        $0.quote = QuoteTerms(kind: .fixed, amount: Samples.money("180.00"), left: Samples.money("0.00"))
      }
      try add("fixed quote, with everything") {
        everything(&$0)
        $0.quote = QuoteTerms(kind: .fixed, amount: Samples.money("180.00"))
      }
      try add("quote not to exceed, with everything") {
        everything(&$0)
        $0.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("180.00"), left: Samples.money("135.00"))
      }
      let until = Samples.day("2026-04-01")
      try add("free rework") { $0.rework = ReworkTerms(percent: .zero, until: until) }
      try add("free rework, with everything") {
        everything(&$0)
        $0.rework = ReworkTerms(percent: .zero, until: until)
      }
      try add("rework at a price", try plan(callOut: 2000)) {
        $0.rework = ReworkTerms(percent: Percent(50), until: until)
      }
      try add("rework at a price, not exact", try plan(rate: 9001)) {
        $0.rework = ReworkTerms(percent: Percent(50), until: until)
        $0.purpose = ""
      }
      for bits in UInt16(0)...15 { try add("allowances \(bits)") { $0.allowances = Allowances(rawValue: bits) } }
      try add("all at once", try plan().withEvenings()) { everything(&$0) }
      try add("everything beside free work", try plan().withFreeWork()) { everything(&$0) }
      try add("all at once, with a call-out", try plan(callOut: 2000)) { everything(&$0) }
      try add("all at once, per technician") {
        everything(&$0)
        $0.eachTechnician = true
        $0.outOfHours.now = Percent(120)
      }
      try add("rework at a price, with everything", try plan(rate: 9001, callOut: 2000)) {
        everything(&$0)
        $0.rework = ReworkTerms(percent: Percent(50), until: until)
        $0.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("1800.00"))
      }
      try add("all at once by the hour, with a call-out", try plan(rate: 9001, callOut: 2000)) { everything(&$0) }
      try add("all at once, one period", try plan(first: 900, then: 900, callOut: 2000)) { everything(&$0) }
      try add("all at once by the hour, one period", try plan(rate: 9001, first: 900, then: 900)) { everything(&$0) }
    }
    return all
  }

  /// What the plan of the money rules can bring about in one afternoon.
  static func everything(_ facts: inout ConsentFacts) {
    facts.outOfHours.rises = [OutOfHoursOutlook.Rise(percent: Percent(150), from: Samples.clock("18:00"))]
    facts.otherWork = [OtherWork(type: "consult", percent: Percent(120))]
    facts.includedLeftSeconds = 4800
    facts.limits = LimitTerms(sessionAmount: Samples.money("180.00"), sessionSeconds: 7200, monthSeconds: 36_000)
  }

  static func limits() -> [LimitFacts] {
    let limits: [ReachedLimit] = [
      .sessionAmount(Samples.money("180.00"), granted: Samples.money("360.00")),
      .sessionTime(seconds: 7200, grantedSeconds: 14_400), .monthTime(seconds: 36_000, grantedSeconds: 72_000),
      .scope(workType: "consult"),
      .sessionAmount(Samples.money("9999999999.99"), granted: Samples.money("19999999999.98")),
    ]
    return PriceBasis.allCases.flatMap { prices in
      limits.flatMap { limit in
        [false, true].map { isPriceAgreed in
          var facts = LimitFacts(limit: limit, charged: Samples.money("171.00"), billedSeconds: 6840, prices: prices)
          facts.isPriceAgreed = isPriceAgreed
          return facts
        }
      }
    }
  }

  static func quotes() -> [QuoteFacts] {
    [QuoteTerms.Kind.notToExceed, .fixed].flatMap { kind in
      PriceBasis.allCases.flatMap { prices in
        ["0.00", "171.00"].map { charged in
          QuoteFacts(
            technician: "anna", work: "move the photographs to a new disk",
            terms: QuoteTerms(kind: kind, amount: Samples.money("180.00")), prices: prices,
            charged: Samples.money(charged), billedSeconds: 6840)
        }
      }
    }
  }

  static func receipts() throws -> [ReceiptFacts] {
    var all = [try Samples.fullReceipt(), try Samples.receipt(seconds: 0)]
    var free = try Samples.receipt()
    free.total = Samples.money("0.00")
    all.append(free)
    all += try Outcome.allCases.map { try Samples.receipt(outcome: $0) }
    for reason in [BilledSeconds.Reason.exact, .minimum, .begunPeriod, .grace] {
      var facts = try Samples.receipt()
      facts.reason = reason
      all.append(facts)
    }
    for prices in PriceBasis.allCases {
      for percent in [Percent.zero, Percent(50)] {
        var facts = try Samples.fullReceipt()
        facts.prices = prices
        facts.rework?.percent = percent
        all.append(facts)
        facts.tax = nil
        facts.customer = ""
        facts.consentAt = Samples.clock("23:58", on: "2026-03-01")
        facts.isConfirmed = false
        all.append(facts)
      }
    }
    for kind in [QuoteTerms.Kind.notToExceed, .fixed] {
      all.append(try everyLine(kind))
      // The lines make 46.25 before the discount: 6.25 came under the price, of which earlier visits had used the rest.
      all[all.count - 1].owedBeforeQuote = Samples.money("40.00")
      all.append(try everyLine(kind))
    }
    return all
  }

  /// A price, a day, a condition, and more than are named.
  static let brokenPromises =
    [
      BrokenPromise(
        text: "at most 30 euro", price: Samples.money("30.00"), reason: "it was a different problem", by: "bob"),
      BrokenPromise(text: "a new disk", date: Samples.day("2026-03-01"), reason: "no parts came", by: "anna"),
      BrokenPromise(text: "nobody else sees it", reason: "the owner asked", by: "anna"),
    ] + (4...5).map { BrokenPromise(text: "promise \($0)", reason: "reason \($0)", by: "bob") }

  /// Every kind of line, many intervals, promises that were not kept, and advice.
  static func everyLine(_ kind: QuoteTerms.Kind) throws -> ReceiptFacts {
    var facts = try Samples.fullReceipt()
    facts.technicians = ["anna", "bob"]
    facts.lines = [
      ReceiptLine(kind: .included, seconds: 900, percent: .zero, amount: Samples.money("0.00"), technician: "anna"),
      ReceiptLine(kind: .rework, seconds: 360, percent: Percent(50), amount: Samples.money("4.50")),
      ReceiptLine(kind: .time, seconds: 900, percent: Percent(150), amount: Samples.money("33.75"), technician: "bob"),
      ReceiptLine(kind: .callOut, seconds: 0, percent: .hundred, amount: Samples.money("20.00")),
      ReceiptLine(kind: .quote, seconds: 0, percent: .hundred, amount: Samples.money("-12.00")),
      ReceiptLine(
        kind: .allowance, seconds: 0, percent: .hundred, amount: Samples.money("-5.00"), note: "we came late"),
    ]
    facts.includedLeftSeconds = 2700
    facts.quote = QuoteTerms(kind: kind, amount: Samples.money("180.00"))
    facts.brokenPromises = Self.brokenPromises
    facts.adviceDeclined = ["a backup of the photographs"] + (1...6).map { "a new disk \($0)" }
    facts.intervals = (10..<20).map { ClockInterval(from: Samples.clock("\($0):00"), to: Samples.clock("\($0):05")) }
    return facts
  }
}

extension Plan {
  /// The same with a first kind of work that costs nothing.
  fileprivate func withFreeWork() throws -> Plan {
    var json = json
    json["work_types"] = [["type": "chat", "percent": 0], ["type": "consult", "percent": 100]]
    return try Plan(json: json)
  }

  /// The same with evenings of their own price.
  fileprivate func withEvenings() throws -> Plan {
    var json = json
    json["out_of_hours"] = ["rules": [["days": "mon-fri", "from": "18:00", "to": "24:00", "percent": 150]]]
    return try Plan(json: json)
  }
}
