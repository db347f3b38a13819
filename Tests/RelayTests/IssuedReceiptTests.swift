import Ledger
import LedgerSQLite
import Metering
import Receipts
import SessionModel
import Signing
import Testing
import TunnelTransport

@testable import Relay

@Suite("Receipts a relay issues")
struct IssuedReceiptTests {
  private let rig: Rig
  private let id: SessionID
  private let code: JoinCode
  private let clocks = Rig.hourAhead()

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    code = try #require(Rig.code)
  }

  /// A relay with a session of fifteen seconds, signed by both, which it closes.
  private func closed(agent: Bool = true, disk: FakeLedger? = nil) async throws -> RelayCore {
    let worked = [
      MeterInterval(fromMilliseconds: 0, toMilliseconds: 10_000),
      MeterInterval(fromMilliseconds: 20_000, toMilliseconds: 25_000),
    ]
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, worked))
    let core = try await rig.start(
      at: ClockReading(
        boot: clocks.boot, monotonic: clocks.monotonic.advanced(byMilliseconds: 60_000),
        wall: clocks.wall.advanced(byMilliseconds: 60_000)))
    if let disk { await core.write(to: disk) }
    if agent { await core.agentComes(rig, holding: [id]) }
    let end = clocks.monotonic.advanced(byMilliseconds: 61_000)
    await core.act(.close(outcome: .fixed, note: "new driver", by: .technician("mika")), id, at: end)
    return core
  }

  private func receipts() throws -> SessionReceipts { try #require(try SessionReceipts(id, in: rig.ledger)) }

  @Test("the closing is followed by a genuine receipt that names its place in the chain, and says what the record says")
  func issued() async throws {
    _ = try await closed()
    let session = try receipts()
    let file = try #require(session.file)
    let verdict = ReceiptCheck.openSSL.verdict(of: file, trusting: [rig.relayKey.publicKey.fingerprint])
    #expect(verdict == .genuine)
    guard case .final(let receipt) = file.contents else { return }
    let closing = try #require(try rig.ledger.entries(session: id).first { $0.kind == .sessionClosed })
    #expect(receipt.chain == Receipt.Chain(sequence: Int64(closing.sequence), hash: closing.hash))
    #expect(receipt.activeMilliseconds == 15_000 && receipt.billedSeconds == 900 && receipt.amountMinor == 2250)
    #expect(receipt.work.intervals.map(\.milliseconds) == [10_000, 5000] && receipt.outcome == .fixed)
    #expect(receipt.note == "new driver" && receipt.technicians == ["mika"] && receipt.purpose == "printer")
    #expect(receipt.consent.wordsHash == SHA256.hash(Array("May I?".utf8)))
    #expect(receipt.agentKey == rig.agentKey.publicKey.rawBytes)
    #expect(receipt.shownText.contains("22.50"))
    #expect(
      try rig.ledger.verify(anchors: [LedgerAnchor(sequence: closing.sequence, hash: closing.hash)], check: nil).isSound
    )
  }

  @Test("it is made when nobody is there to take it, once, and handed over when the machine comes")
  func later() async throws {
    let core = try await closed(agent: false)
    let first = try #require(try receipts().issued)
    await core.agentComes(rig, holding: [id])
    await core.agentComes(rig, holding: [id])
    #expect(try receipts().issued == first)
    #expect(try rig.entries(id).count { $0 == .receiptIssued } == 1)
  }

  @Test("one that the disk did not take is still to come, is made once, and is on record when the disk is back")
  func diskFull() async throws {
    let disk = FakeLedger(above: rig.ledger)
    disk.set { $0.refused[.receiptIssued] = .full(path: "test") }
    let core = try await closed(disk: disk)
    #expect(try receipts().closing != nil && receipts().issuedSequence == nil)
    #expect(await core.unrecorded[id] != nil)
    func tick(_ seconds: Int64) async {
      await core.tick(at: clocks.monotonic.advanced(byMilliseconds: 100_000 + seconds * 1000))
    }
    for second in 0..<3 {
      await core.agentComes(rig, holding: [id])
      await tick(Int64(second))
    }
    #expect(await core.unrecorded[id] != nil)
    disk.set { $0.refused = [:] }
    for second in 3..<9 { await tick(Int64(second)) }
    #expect(await core.unrecorded.isEmpty)
    #expect(try rig.entries(id).count { $0 == .receiptIssued } == 1)
  }

  @Test("the machine's signature goes on record once; a forged one, a stranger's, and one nobody asked for do not")
  func countersigned() async throws {
    let core = try await closed()
    let issued = try #require(try receipts().issued)
    let text = try #require(issued.receipt)
    let signed = ReceiptStatements.countersigned(text, relaySignature: issued.relaySignature)
    let genuine = try rig.agentKey.sign(signed)
    let forged = try rig.relayKey.sign(signed)
    // Each comes on a connection of its own, on which the receipt was handed over.
    await core.countersign(id, rig, forged)
    #expect(try receipts().countersigned == nil)
    await core.agentComes(rig, holding: [id])
    await core.countersign(id, rig, genuine)
    await core.countersign(id, rig, genuine)
    await core.agentComes(rig, holding: [id])
    await core.countersign(id, rig, genuine)
    #expect(try receipts().countersigned?.agentSignature == genuine)
    #expect(try rig.entries(id).count { $0 == .receiptCountersigned } == 1)
    let file = try #require(try receipts().file)
    #expect(
      ReceiptCheck.openSSL.verdict(of: file, trusting: [rig.relayKey.publicKey.fingerprint]) == .genuine
        && file.agentSignature == genuine)
  }

  @Test("a provisional receipt goes on record once, and only the machine's own")
  func provisional() async throws {
    let core = try await closed()
    func receipt(_ agent: Ed25519PrivateKey, measured: Int64) throws -> (bytes: [UInt8], signature: [UInt8]) {
      let text = ProvisionalReceipt(
        id: id, issuedAt: Rig.wall, shop: "Shop", technician: "mika", purpose: "printer",
        measuredMilliseconds: measured, signedMilliseconds: 15_000,
        consent: Receipt.Consent(wordsHash: SHA256.hash([1]), at: Rig.wall),
        relayKey: rig.relayKey.publicKey.fingerprint, agentKey: agent.publicKey.rawBytes, language: "en",
        shownText: "PROVISIONAL"
      ).text
      return (Array(text.utf8), try agent.sign(ReceiptStatements.provisional(text)))
    }
    let own = try receipt(rig.agentKey, measured: 16_000)
    let stranger = try receipt(rig.relayKey, measured: 1)
    await core.provisional(id, rig, stranger.bytes, stranger.signature)
    await core.provisional(id, rig, own.bytes, stranger.signature)
    await core.provisional(id, rig, Array("{}".utf8), own.signature)
    #expect(try !receipts().hasProvisional)
    let second = try receipt(rig.agentKey, measured: 17_000)
    for (bytes, signature) in [own, own, second] { await core.provisional(id, rig, bytes, signature) }
    #expect(try rig.entries(id).count { $0 == .receiptProvisional } == 1)
  }

  @Test("the 12-minute fix: tax inside, by the clock of the plan's place, and until when the same problem is free")
  func storyOfTheShortFix() throws {
    let plan: JSONValue = [
      "id": "home", "name": "Home", "currency": "EUR", "prices": "gross", "rate_per_hour": "90.00", "first": "15m",
      "then": "6m", "timezone": "Europe/Helsinki", "rework": ["window": "30d", "percent": 0],
      "tax": ["category": "S", "percent": "25.5"],
    ]
    func moment(_ clock: String) throws -> WallTime { try #require(WallTime(rfc3339: "2026-03-02T\(clock)Z")) }
    let closed = SessionClosed(
      outcome: .fixed, note: nil, by: "mika", activeMilliseconds: 720_000,
      intervals: [
        LedgerInterval(from: try moment("08:02:00"), to: try moment("08:09:00")),
        LedgerInterval(from: try moment("08:15:00"), to: try moment("08:20:00")),
      ], billedSeconds: 900, amountMinor: 2250, currency: "EUR",
      lines: [LedgerLine(kind: "time", description: "15 min", seconds: 900, percent: "100", amountMinor: 2250)],
      bytesToMachine: 0, bytesFromMachine: 0)
    let (bakery, problem) = (try #require(Name("bakery")), try #require(CaseID("k3x9q7")))
    try rig.ledger.append(
      [
        CustomerAdded(
          id: bakery, name: "Bakery", legalName: "Corner Bakery Oy", party: .consumer, email: "owner@bakery.example",
          by: "operator"
        ).draft(), CaseOpened(caseID: problem, title: "Printer", customer: bakery, by: "mika").draft(),
        AdviceGiven(caseID: problem, text: "Buy a new printer", isDeclined: true, by: "mika").draft(),
        AdviceGiven(caseID: problem, text: "Restart it daily", isDeclined: false, by: "mika").draft(),
      ], at: try moment("08:00:00"))
    var agreed = try rig.agreed(id)
    agreed[0] = SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey, purpose: "printer",
      plan: try PlanTerms(json: plan), address: "::1", caseID: problem, customer: bakery
    ).draft(session: id)
    try rig.ledger.append(agreed + [SessionActivated().draft(session: id)], at: try moment("08:01:00"))
    try rig.ledger.append(closed.draft(session: id), at: try moment("08:20:01"))
    let session = try receipts()
    let shop = Receipt.Shop(name: "Nine to Five", address: "Helsinki", phone: "+358 9 123 456", vatID: "FI12345678")
    let writer = ReceiptWriter(
      terms: ReceiptTerms(session.record, shop: shop, language: .english, register: try rig.ledger.register()),
      relayKey: rig.relayKey.publicKey.rawBytes)
    let receipt = try #require(writer.receipt(of: session, issuedAt: try moment("08:20:02")))
    #expect(receipt.tax == Receipt.Tax(category: "S", percent: "25.5", amountMinor: 457) && receipt.prices == .gross)
    #expect(receipt.reworkFreeUntil == CivilDate(year: 2026, month: 4, day: 1))
    #expect(receipt.flaw == nil && receipt.caseID == "k3x9q7")
    #expect(receipt.customer == Receipt.Customer(id: "bakery", name: "Corner Bakery Oy"))
    #expect(!receipt.shownText.contains("Restart it daily"))
    for words in [
      "Corner Bakery Oy", "owner@bakery.example", "Buy a new printer", "10:02-10:09, 10:15-10:20", "22.50 EUR", "4.57",
      "1 April 2026", "at 10:01", "FI12345678",
    ] {
      #expect(receipt.shownText.contains(words), "\(words) in \(receipt.shownText)")
    }
  }

  /// Two sessions of one problem, ten days apart, of a customer whose plan includes an hour and a half a month.
  @Test("a receipt says what is left of the included time, and one for rework until when that is free")
  func includedAndRework() throws {
    let plan: JSONValue = [
      "id": "monthly", "name": "Monthly", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m", "then": "6m",
      "timezone": "Europe/Helsinki", "rework": ["window": "30d", "percent": 0], "included": ["amount": "90m"],
    ]
    let (bakery, problem) = (try #require(Name("bakery")), try #require(CaseID("k3x9q7")))
    func moment(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: "2026-\(text):00Z")) }
    try rig.ledger.append(
      [
        PlanAdded(plan: try PlanTerms(json: plan), by: "operator").draft(),
        CustomerAdded(id: bakery, name: "Bakery", party: .business, plan: "monthly", by: "operator").draft(),
        CaseOpened(caseID: problem, title: "Printer", customer: bakery, by: "mika").draft(),
      ], at: try moment("03-02T08:00"))
    var receipts: [Receipt] = []
    for (text, day, isRework) in [("0a1b2c3d", "03-02", false), ("0a1b2c3e", "03-12", true)] {
      let id = try #require(SessionID(text))
      let start = try moment("\(day)T10:00")
      let end = start.advanced(byMilliseconds: 900_000)
      var agreed = try rig.agreed(id)
      agreed[0] = SessionRequested(
        machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey,
        purpose: "printer", plan: try PlanTerms(json: plan), address: "::1", caseID: problem, customer: bakery
      ).draft(session: id)
      try rig.ledger.append(agreed + [SessionActivated().draft(session: id)], at: start)
      let line = LedgerLine(
        kind: isRework ? "rework" : "included", description: "15 min", seconds: 900, percent: "0", amountMinor: 0)
      let closed = SessionClosed(
        outcome: .fixed, note: nil, by: "mika", activeMilliseconds: 900_000,
        intervals: [LedgerInterval(from: start, to: end)], billedSeconds: 900, amountMinor: 0, currency: "EUR",
        lines: [line], bytesToMachine: 0, bytesFromMachine: 0,
        rating: RatingFacts(isRework: isRework, includedSeconds: isRework ? 0 : 900))
      try rig.ledger.append(closed.draft(session: id), at: end)
      let session = try #require(try SessionReceipts(id, in: rig.ledger))
      let writer = ReceiptWriter(
        terms: ReceiptTerms(
          session.record, shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), language: .english,
          register: try rig.ledger.register()), relayKey: rig.relayKey.publicKey.rawBytes)
      receipts.append(try #require(writer.receipt(of: session, issuedAt: end)))
    }
    for receipt in receipts {
      // 15 of 90 minutes were drawn by the first; rework draws none, and does not extend the promise.
      #expect(receipt.includedLeftSeconds == 4500 && receipt.flaw == nil)
      #expect(receipt.shownText.contains("Included time left this month: 1 h 15 min."), "\(receipt.shownText)")
      #expect(receipt.reworkFreeUntil == CivilDate(year: 2026, month: 4, day: 1))
      #expect(receipt.shownText.contains("Same problem? Free until the end of 1 April 2026."), "\(receipt.shownText)")
      #expect(try Receipt(text: receipt.text) == receipt)
    }
  }

  @Test("a session that never began has none")
  func neverBegan() async throws {
    try rig.ledger.append(try rig.agreed(id), at: Rig.wall)
    _ = try await rig.start()
    #expect(try rig.entries(id).contains(.sessionClosed))
    #expect(try receipts().file == nil && receipts().whyNone.contains("never began"))
  }

  @Test("however long the work and the words, the receipt fits its file")
  func fits() throws {
    let note = String(repeating: "\"note\" ", count: 150)
    var intervals: [LedgerInterval] = []
    for index in 0..<3000 {
      let from = Rig.wall.advanced(byMilliseconds: Int64(index) * 2123)
      intervals.append(LedgerInterval(from: from, to: from.advanced(byMilliseconds: 1001)))
    }
    let lines = (0..<64).map { index in
      LedgerLine(
        kind: "time", description: String(repeating: "\"d\"", count: 20), seconds: 60, percent: "100", amountMinor: 150,
        technician: "t\(index)")
    }
    let closed = SessionClosed(
      outcome: .fixed, note: note, by: "mika", activeMilliseconds: 3_003_000, intervals: intervals,
      billedSeconds: 3840, amountMinor: 9600, currency: "EUR", lines: lines, bytesToMachine: 0, bytesFromMachine: 0)
    try rig.ledger.append(
      try rig.agreed(id) + [SessionActivated().draft(session: id), closed.draft(session: id)], at: Rig.wall)
    let session = try receipts()
    let writer = ReceiptWriter(
      terms: ReceiptTerms(
        session.record, shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), language: .english,
        register: CustomerRegister()),
      relayKey: rig.relayKey.publicKey.rawBytes)
    let receipt = try #require(writer.receipt(of: session, issuedAt: Rig.wall))
    #expect(receipt.flaw == nil && receipt.work.moreCount + Int64(receipt.work.intervals.count) == 3000)
    let signature = try rig.relayKey.sign(ReceiptStatements.issued(receipt.text))
    #expect(try ReceiptFile(receiptText: receipt.text, relaySignature: signature, agentSignature: signature).fits)
  }

  @Test("a session with as many allowances as it may have, each with the longest reason, has a receipt")
  func allowances() throws {
    let reason = String(repeating: "감", count: TextSafety.maximumFieldScalars)
    let lines =
      [LedgerLine(kind: "time", description: "15 min", seconds: 900, percent: "100", amountMinor: 2250)]
      + (0..<LiveSession.maximumAllowances).map { _ in
        LedgerLine(
          kind: "allowance", description: "Discount", seconds: 0, percent: "100", amountMinor: -1, reason: reason,
          technician: "mika")
      }
    let closed = SessionClosed(
      outcome: .fixed, note: String(repeating: "감", count: 500), by: "mika", activeMilliseconds: 720_000,
      intervals: [LedgerInterval(from: Rig.wall, to: Rig.wall.advanced(byMilliseconds: 720_000))], billedSeconds: 900,
      amountMinor: lines.reduce(0) { $0 + $1.amountMinor }, currency: "EUR", lines: lines, bytesToMachine: 0,
      bytesFromMachine: 0)
    try rig.ledger.append(
      try rig.agreed(id) + [SessionActivated().draft(session: id), closed.draft(session: id)], at: Rig.wall)
    let writer = ReceiptWriter(
      terms: ReceiptTerms(
        try receipts().record, shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), language: .korean,
        register: CustomerRegister()),
      relayKey: rig.relayKey.publicKey.rawBytes)
    #expect(writer.receipt(of: try receipts(), issuedAt: Rig.wall)?.lines.count == lines.count)
  }
}

extension RelayCore {
  fileprivate func write(to disk: FakeLedger) { journal = Journal(ledger: disk, log: Rig.log) }

  fileprivate func countersign(_ id: SessionID, _ rig: Rig, _ signature: [UInt8]) {
    guard let machine = machines[rig.spki] else { return }
    receiptCountersigned(id, by: machine, signature: signature)
  }

  fileprivate func provisional(_ id: SessionID, _ rig: Rig, _ bytes: [UInt8], _ signature: [UInt8]) {
    guard let machine = machines[rig.spki] else { return }
    receiptProvisional(id, by: machine, bytes: bytes, signature: signature)
  }
}
