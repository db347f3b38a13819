import Ledger
import SessionModel
import Testing

@Suite struct PersonalDataTests {
  /// Texts that must not be left anywhere, each once in every entry that can hold one.
  private static let secret = "Mäntytie 5"

  private static func payloads() throws -> [any EntryPayload] {
    let mika = try #require(Name("mika"))
    let acme = try #require(Name("c-17"))
    let id = try #require(CaseID("k3x9q7"))
    let hash = Sample.fingerprint(1)
    var closed = Sample.closed
    closed.note = secret
    return [
      CustomerAdded(
        id: acme, name: secret, legalName: secret, address: [secret], party: .consumer, email: secret, by: "operator"),
      SessionRequested(
        machine: secret, technician: mika, technicianKey: hash, purpose: secret, plan: Sample.plan, address: secret,
        caseID: id, customer: acme, machineKey: hash, identity: .facts, language: "fi"),
      ConsentAsked(words: secret, wordsHash: hash, allowances: .all),
      ConsentAnswered(accepted: false, reason: secret, signature: [], agentKey: [1]),
      ChannelOpened(channel: 1, channelKind: "exec", command: secret, address: secret),
      FilesReported(
        channel: 1, events: [FileEvent(number: 1, action: .removed(path: Array(secret.utf8)))]),
      ForwardRefused(channel: 1, target: secret, reason: secret),
      LinkRefused(machine: secret, address: secret, reason: "another key"), closed,
      LedgerNote(text: secret, by: "mika"),
      CaseOpened(caseID: id, title: secret, customer: acme, by: "relay"),
      QuoteMade(
        quote: "k3x9q7-1", caseID: id, binding: .fixed, amountMinor: 1, currency: "EUR", text: secret, by: "mika"),
      PromiseMade(
        caseID: id, number: 1, subject: .price, text: secret, amountMinor: 5000, currency: "EUR", by: "mika"),
      PromiseBroken(caseID: id, number: 1, reason: secret, by: "mika"),
      AdviceGiven(caseID: id, text: secret, isDeclined: true, by: "mika"),
      QuestionAsked(number: 1, subject: .limit(.month), words: secret, wordsHash: hash, options: [.goOn]),
      ReceiptIssued(receipt: secret, receiptHash: hash, relayKey: [1], relaySignature: [2]),
      ReceiptProvisional(receipt: secret, receiptHash: hash, agentKey: [1], agentSignature: [2]),
      AgentDisplaced(machine: secret, address: secret, displacedAddress: secret, silentMilliseconds: 40),
    ]
  }

  private static func entry(_ payload: some EntryPayload) throws -> Entry {
    var ledger = MemoryLedger(id: try #require(LedgerID(Array(0..<16))))
    ledger.append(payload.draft(), salt: Array(0..<16))
    return try #require(ledger.entries.first)
  }

  private static func erased(_ entry: Entry) throws -> Entry {
    guard case .details(let kept) = PersonalData.erasure(of: entry) else {
      throw PayloadError(key: entry.kind.description, expected: "something personal")
    }
    return Entry(header: entry.header, hash: entry.hash, payload: nil, kept: kept)
  }

  @Test func nothingPersonalIsLeft() throws {
    for payload in try Self.payloads() {
      let entry = try Self.entry(payload)
      let secretText = JSONValue.string(Self.secret).text.dropFirst().dropLast()
      #expect(entry.details?.text.contains(secretText) == true || entry.kind == .filesReported, "\(entry.kind)")
      let left = try Self.erased(entry)
      #expect(left.details?.text.contains(secretText) == false, "\(entry.kind)")
      #expect(left.details?.text.contains(Hex.encode(Array(Self.secret.utf8))) == false, "\(entry.kind)")
      #expect(PersonalData.erasure(of: left) == .nothing, "what is erased stays as it is: \(entry.kind)")
    }
  }

  @Test func whatMoneyRestsOnIsReadAsBefore() throws {
    let closed = try Self.erased(try Self.entry(try #require(try Self.payloads()[8] as? SessionClosed)))
    var expected = Sample.closed
    expected.note = nil
    #expect(SessionClosed(closed) == expected)
    let requested = try Self.erased(try Self.entry(try #require(try Self.payloads()[1] as? SessionRequested)))
    let request = try #require(SessionRequested(requested))
    #expect(request.plan == Sample.plan && request.caseID?.rawValue == "k3x9q7" && request.customer?.rawValue == "c-17")
    #expect(request.machine.isEmpty && request.purpose.isEmpty && request.machineKey == nil)
    for payload in try Self.payloads() {
      let left = try Self.erased(try Self.entry(payload))
      switch left.kind {
      case .caseOpened: #expect(CaseOpened(left)?.customer?.rawValue == "c-17")
      case .quoteMade: #expect(QuoteMade(left)?.amountMinor == 1)
      case .promiseMade: #expect(PromiseMade(left)?.amountMinor == 5000)
      case .promiseBroken: #expect(PromiseBroken(left)?.number == 1)
      case .adviceGiven: #expect(AdviceGiven(left)?.isDeclined == true)
      case .questionAsked: #expect(QuestionAsked(left)?.wordsHash == Sample.fingerprint(1))
      case .receiptIssued: #expect(ReceiptIssued(left)?.receiptHash == Sample.fingerprint(1))
      case .receiptProvisional: #expect(ReceiptProvisional(left)?.agentSignature == [2])
      case .consentAnswered: #expect(ConsentAnswered(left)?.accepted == false)
      case .customerAdded: #expect(left.details == ["id": "c-17"] && CustomerAdded(left) == nil)
      default: break
      }
    }
  }

  @Test func whatHasNothingPersonalIsLeftAlone() throws {
    var closed = Sample.closed
    closed.note = nil
    let yes = ConsentAnswered(accepted: true, reason: "", signature: [1], agentKey: [2])
    let untouched: [any EntryPayload] = [
      closed, yes, SessionActivated(), PlanAdded(plan: Sample.plan, by: "operator"),
      AllowanceGranted(reduction: .waiver, reason: "late", by: "mika"),
      AmountCorrected(corrects: 1, price: Business.price(1), reason: "late", by: "mika"),
      ChannelClosed(channel: 1, bytesToMachine: 1, bytesFromMachine: 2),
    ]
    for payload in untouched { #expect(PersonalData.erasure(of: try Self.entry(payload)) == .nothing) }
  }

  @Test func aRecordShowsHolesAndNoLies() throws {
    var script = try Script.requested()
    script.say(ConsentAsked(words: "words", wordsHash: Sample.fingerprint(3), allowances: .all))
    script.say(SessionActivated())
    script.say(FilesReported(channel: 1, events: Sample.fileEvents))
    script.say(Sample.closed)
    let erased = script.ledger.entries.map { (try? Self.erased($0)) ?? $0 }
    let record = try #require(SessionRecord(session: script.session, entries: erased))
    let json = record.jsonWithEvents
    for key in ["machine", "purpose", "note", "files"] { #expect(json[key] == .null, "\(key)") }
    #expect(json["amount_minor"] == 2250 && json["technician"] == "mika" && json["billed_seconds"] == 900)
    #expect(json["lines"]?.array?.count == 2 && json["outcome"] == "fixed" && record.plan == Sample.plan)
    #expect(json["events"]?.array?.map { $0["erased"] } == [true, true, false, true, true])
  }

  @Test func anErasedCustomerIsNobodysAnyMore() throws {
    var business = try Business()
    let acme = try business.addCustomer("acme")
    let session = try business.request(business.openCase(acme), acme, key: 7)
    business.close(session)
    #expect(business.register().customer(machineKey: Sample.fingerprint(7)) == acme)
    var register = CustomerRegister(head: 100)
    for entry in business.entries { register.apply((try? Self.erased(entry)) ?? entry) }
    #expect(register.customers[acme]?.isErased == true)
    #expect(register.customer(machineKey: Sample.fingerprint(7)) == nil)
    #expect(register.closedSessions(of: acme).map(\.amountMinor) == [2250])
    #expect(register.cases(of: acme).map(\.title) == [nil])
  }
}
