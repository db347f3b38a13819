import Ledger
import SessionModel
import TestSupport
import Testing

@Suite struct BusinessPayloadTests {
  private func mika() throws -> Name { try #require(Name("mika")) }
  private func case1() throws -> CaseID { try #require(CaseID("k3x9q7")) }
  private static let zeros = "sha256:" + String(repeating: "0", count: 64)
  private func zeros() throws -> Fingerprint { try #require(Fingerprint(Self.zeros)) }

  @Test func plansAreWrittenLikeThis() throws {
    #expect(
      try roundTrip(PlanAdded(plan: Sample.plan, by: "operator")) == """
        {"plan":{"id":"standard","name":"Standard remote support","currency":"EUR","prices":"net",\
        "rate_per_hour":"90.00","first":"15m","then":"6m"},"by":"operator"}
        """)
    #expect(
      try roundTrip(PlanWithdrawn(id: "standard", by: "operator")) == #"{"id":"standard","by":"operator"}"#)
    #expect(throws: PayloadError(key: "plan.currency", expected: "a text")) {
      try PlanAdded(json: ["plan": ["id": "a", "name": "b"], "by": "operator"])
    }
  }

  @Test func aPlanOfTheFirstVersionReadsWithTheKeysOfItsFile() throws {
    let old: JSONValue = [
      "id": "standard", "name": "Standard", "currency": "KWD", "rate_minor": 9050, "first_seconds": 900,
      "then_seconds": 361, "grace_seconds": 0, "prices": "gross",
    ]
    let plan = try PlanTerms(json: old)
    #expect(
      plan.json.text == """
        {"id":"standard","name":"Standard","currency":"KWD","prices":"gross","rate_per_hour":"9.050","first":"900s",\
        "then":"361s","grace":"0s"}
        """)
    #expect(try PlanTerms(json: plan.json) == plan)
    var wrong = old
    wrong["currency"] = "ABC"
    #expect(throws: PayloadError(key: "currency", expected: "a currency")) { try PlanTerms(json: wrong) }
    wrong = old
    wrong["then_seconds"] = -1
    #expect(throws: PayloadError.self) { try PlanTerms(json: wrong) }
  }

  @Test func whatAPlanHoldsBeyondTheLedgersKnowledgeIsKept() throws {
    var json = Sample.plan.json
    json["limits"] = ["session": "2h", "in_scope": ["remote"]]
    let plan = try PlanTerms(json: json)
    #expect(plan.id == "standard" && plan.name == "Standard remote support" && plan.currency == "EUR")
    #expect(plan.json == json)
  }

  @Test func aRequestNamesCaseAndCustomer() throws {
    let request = SessionRequested(
      machine: "guest-1", technician: try mika(), technicianKey: try zeros(), purpose: "printer", plan: Sample.plan,
      address: "::1", caseID: try case1(), customer: Name("acme"), machineKey: try zeros(), identity: .facts,
      language: "fi")
    let text = try roundTrip(
      request, optional: ["machine", "purpose", "address", "case", "customer", "machine_key", "identity", "language"])
    #expect(
      text.hasSuffix(
        #""address":"::1","case":"k3x9q7","customer":"acme","machine_key":"\#(Self.zeros)","identity":"facts","language":"fi"}"#
      ))
    var wrong = request.json
    wrong["case"] = "K3X9Q7"
    #expect(throws: PayloadError(key: "case", expected: "a case")) { try SessionRequested(json: wrong) }
    wrong = request.json
    wrong["identity"] = "guess"
    #expect(throws: PayloadError.self) { try SessionRequested(json: wrong) }
  }

  @Test func aClosingSaysHowItWasRated() throws {
    var closed = Sample.closed
    closed.rating = RatingFacts(
      isRework: true, continues: true, includedSeconds: 900, quote: .init(quote: "k3x9q7-1", usedMinor: 500))
    closed.intervals[0].technician = "mika"
    closed.intervals[0].workType = "consult"
    let text = try roundTrip(
      closed, optional: ["note", "rework", "continues", "included_seconds", "quote"])
    #expect(
      text.hasSuffix(
        #""rework":true,"continues":true,"included_seconds":900,"quote":{"id":"k3x9q7-1","used_minor":500}}"#))
    #expect(text.contains(#""to":"2025-11-21T20:42:00.120Z","technician":"mika","work_type":"consult"}"#))
  }

  @Test func aCustomerIsWrittenLikeThis() throws {
    let fact = CustomerFact(key: "postcode", value: "00100", salt: Array(0..<16), digest: sha256)
    let customer = CustomerAdded(
      id: try #require(Name("c-17")), name: "Acme", legalName: "Acme Oy", address: ["Street 1", "00100 Helsinki"],
      country: "FI", party: .business, vatID: "FI12345678", email: "bills@acme.example", language: "fi",
      plan: "standard", facts: [fact], by: "operator")
    let hash = sha256(Array(0..<16) + Array("postcode\u{0}00100".utf8))
    #expect(
      try roundTrip(customer, optional: ["legal_name", "country", "vat_id", "email", "language", "plan"]) == """
        {"id":"c-17","name":"Acme","legal_name":"Acme Oy","address":["Street 1","00100 Helsinki"],"country":"FI",\
        "party":"business","vat_id":"FI12345678","email":"bills@acme.example","language":"fi","plan":"standard",\
        "facts":[{"key":"postcode","salt":"000102030405060708090a0b0c0d0e0f","hash":"\(hash)"}],"by":"operator"}
        """)
    let bare = CustomerAdded(id: try #require(Name("c-18")), name: "B", party: .consumer, by: "operator")
    #expect(
      try roundTrip(bare)
        == #"{"id":"c-18","name":"B","address":[],"party":"consumer","facts":[],"by":"operator"}"#)
    var wrong = customer.json
    wrong["facts"] = [["key": "a", "salt": "00", "hash": .string(Self.zeros)]]
    #expect(throws: PayloadError(key: "facts.0.salt", expected: "16 bytes in hexadecimal")) {
      try CustomerAdded(json: wrong)
    }
  }

  @Test func aFactIsKnownAgainWithoutBeingKept() {
    var random = SeededGenerator()
    let fact = CustomerFact(key: "street", value: "Mäntytie 5 B", salt: random.bytes(16), digest: sha256)
    for told in ["Mäntytie 5 B", "mäntytie 5b", " MÄNTYTIE\t5B "] { #expect(fact.matches(told, digest: sha256)) }
    for told in ["", "Mäntytie 5", "Mäntytie 5 B.", "Mantytie 5 B"] { #expect(!fact.matches(told, digest: sha256)) }
    let other = CustomerFact(key: "street", value: "Mäntytie 5 B", salt: random.bytes(16), digest: sha256)
    #expect(fact.hash != other.hash, "seed \(random.seed)")
  }

  @Test func whoHeIsIsWrittenLikeThis() throws {
    let checked = IdentityChecked(
      customer: try #require(Name("acme")), identity: .facts, result: .wrong, fact: "postcode", caseID: try case1(),
      by: "mika")
    #expect(
      try roundTrip(checked, optional: ["fact", "case"]) == """
        {"customer":"acme","identity":"facts","result":"wrong","fact":"postcode","case":"k3x9q7","by":"mika"}
        """)
  }

  @Test func casesAreWrittenLikeThis() throws {
    let opened = CaseOpened(caseID: try case1(), title: "printer", customer: Name("acme"), by: "relay")
    #expect(
      try roundTrip(opened, optional: ["title", "customer"])
        == #"{"case":"k3x9q7","title":"printer","customer":"acme","by":"relay"}"#)
    let line = LedgerLine(kind: "quote", description: "shortfall", seconds: 0, percent: "100", amountMinor: 1000)
    #expect(
      try roundTrip(CaseClosed(caseID: try case1(), lines: [line], currency: "EUR", by: "mika"), optional: ["currency"])
        == """
        {"case":"k3x9q7","lines":[{"kind":"quote","description":"shortfall","seconds":0,"percent":100,\
        "amount_minor":1000,"reason":null,"technician":null}],"currency":"EUR","by":"mika"}
        """)
    let promise = PromiseMade(
      caseID: try case1(), number: 1, subject: .price, text: "at most 50", amountMinor: 5000, currency: "EUR",
      by: "mika")
    #expect(
      try roundTrip(promise, optional: ["text", "amount_minor", "currency"]) == """
        {"case":"k3x9q7","number":1,"subject":"price","text":"at most 50","amount_minor":5000,"currency":"EUR","by":"mika"}
        """)
    let date = PromiseMade(
      caseID: try case1(), number: 2, subject: .date, text: "done", date: "2026-12-03", by: "mika")
    #expect(
      try roundTrip(date, optional: ["text", "date"]) == """
        {"case":"k3x9q7","number":2,"subject":"date","text":"done","date":"2026-12-03","by":"mika"}
        """)
    #expect(
      try roundTrip(PromiseBroken(caseID: try case1(), number: 1, reason: "other fault", by: "mika"))
        == #"{"case":"k3x9q7","number":1,"reason":"other fault","by":"mika"}"#)
    #expect(
      try roundTrip(
        AdviceGiven(caseID: try case1(), text: "back up", isDeclined: true, by: "mika"), optional: ["text"])
        == #"{"case":"k3x9q7","text":"back up","declined":true,"by":"mika"}"#)
  }

  @Test func aSessionAssignedAfterwardsIsWrittenLikeThis() throws {
    let price = NewPrice(
      billedSeconds: 900, amountMinor: 2000, currency: "EUR",
      lines: [LedgerLine(kind: "time", description: "15 min", seconds: 900, percent: "100", amountMinor: 2000)],
      rating: RatingFacts(includedSeconds: 60))
    let assigned = SessionAssigned(
      customer: try #require(Name("acme")), caseID: try case1(), plan: Sample.plan, price: price, by: "operator")
    #expect(
      try roundTrip(assigned, optional: ["plan", "price"]) == """
        {"customer":"acme","case":"k3x9q7","plan":\(Sample.plan.json.text),"price":{"billed_seconds":900,\
        "amount_minor":2000,"currency":"EUR","lines":[\(price.lines[0].json.text)],"included_seconds":60},\
        "by":"operator"}
        """)
    _ = try roundTrip(SessionAssigned(customer: try #require(Name("acme")), caseID: try case1(), by: "operator"))
    #expect(
      try roundTrip(
        AmountCorrected(corrects: 41, price: price, reason: "late", by: "operator"),
        optional: ["reason", "included_seconds"]) == """
          {"corrects":41,"billed_seconds":900,"amount_minor":2000,"currency":"EUR",\
          "lines":[\(price.lines[0].json.text)],"included_seconds":60,"reason":"late","by":"operator"}
          """)
  }

  @Test func quotesAndAllowancesAreWrittenLikeThis() throws {
    let quote = QuoteMade(
      quote: "k3x9q7-1", caseID: try case1(), binding: .notToExceed, amountMinor: 12000, currency: "EUR",
      text: "the new disk", by: "mika")
    #expect(
      try roundTrip(quote, optional: ["text"]) == """
        {"quote":"k3x9q7-1","case":"k3x9q7","binding":"not_to_exceed","amount_minor":12000,"currency":"EUR",\
        "text":"the new disk","by":"mika"}
        """)
    #expect(
      try roundTrip(QuoteAnswered(quote: "k3x9q7-1", isAccepted: true, by: "customer"))
        == #"{"quote":"k3x9q7-1","accepted":true,"by":"customer"}"#)
    #expect(
      try roundTrip(
        QuoteAnswered(
          quote: "k3x9q7-1", isAccepted: true, by: "customer", limit: .scope, workType: "consult", owedMinor: 450),
        optional: ["limit", "work_type", "owed_minor"])
        == #"{"quote":"k3x9q7-1","accepted":true,"by":"customer","limit":"scope","work_type":"consult","owed_minor":450}"#
    )
    for (reduction, written) in [
      (.waiver, #""reduction":"waiver""#), (.amount(500), #""reduction":"amount","amount_minor":500"#),
      (.percent("12.5"), #""reduction":"percent","percent":"12.5""#),
    ] as [(AllowanceGranted.Reduction, String)] {
      #expect(
        try roundTrip(AllowanceGranted(reduction: reduction, reason: "we were late", by: "mika"))
          == "{\(written),\"reason\":\"we were late\",\"by\":\"mika\"}")
    }
  }

  @Test func questionsAreWrittenLikeThis() throws {
    let asked = QuestionAsked(
      number: 1, subject: .limit(.sessionAmount), words: "Go on?", wordsHash: try zeros(),
      options: [.goOn, .stop, .askQuote])
    #expect(
      try roundTrip(asked, optional: ["words"]) == """
        {"number":1,"limit":"session_amount","words":"Go on?","words_hash":"\(Self.zeros)",\
        "options":["go-on","stop","ask-quote"]}
        """)
    let answered = QuestionAnswered(
      number: 1, subject: .quote("k3x9q7-1"), answer: .yes, choice: 1, signature: [1, 255])
    #expect(
      try roundTrip(answered, optional: ["choice"])
        == #"{"number":1,"quote":"k3x9q7-1","answer":"yes","choice":1,"signature":"01ff"}"#)
    _ = try roundTrip(
      QuestionAnswered(number: 2, subject: .limit(.month), answer: .none, choice: nil, signature: []), optional: [])
    #expect(
      try roundTrip(
        LimitOverridden(limit: .scope, workType: "consult", steps: 3, reason: "agreed by phone", by: "mika"),
        optional: ["work_type", "steps", "reason"])
        == #"{"limit":"scope","work_type":"consult","steps":3,"reason":"agreed by phone","by":"mika"}"#)
    let twice = QuestionAnswered(
      number: 2, subject: .limit(.session, steps: 2), answer: .goOn, choice: 1, signature: [1])
    #expect(try QuestionAnswered(json: twice.json) == twice)
    #expect(throws: PayloadError(key: "options", expected: "words of their list")) {
      var wrong = asked.json
      wrong["options"] = ["perhaps"]
      _ = try QuestionAsked(json: wrong)
    }
  }

  @Test func receiptsAreWrittenLikeThis() throws {
    #expect(
      try roundTrip(
        ReceiptIssued(receipt: #"{"id":"1"}"#, receiptHash: try zeros(), relayKey: [1], relaySignature: [2]),
        optional: ["receipt"]) == """
          {"receipt":"{\\"id\\":\\"1\\"}","receipt_hash":"\(Self.zeros)","relay_key":"01","relay_signature":"02"}
          """)
    #expect(
      try roundTrip(ReceiptCountersigned(receiptHash: try zeros(), agentKey: [3], agentSignature: [4]))
        == #"{"receipt_hash":"\#(Self.zeros)","agent_key":"03","agent_signature":"04"}"#)
    #expect(
      try roundTrip(
        ReceiptProvisional(receipt: "{}", receiptHash: try zeros(), agentKey: [3], agentSignature: [4]),
        optional: ["receipt"])
        == #"{"receipt":"{}","receipt_hash":"\#(Self.zeros)","agent_key":"03","agent_signature":"04"}"#)
  }
}
