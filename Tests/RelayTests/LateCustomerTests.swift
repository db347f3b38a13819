import Billing
import Ledger
import LedgerSQLite
import Metering
import Receipts
import SessionModel
import Signing
import TunnelTransport
import Testing

@testable import Relay

@Suite("A customer who is told while his session is open") struct LateCustomerTests {
  private let rig: Rig
  private let id: SessionID
  private let code: JoinCode
  private let one: CaseID
  private let clocks = Rig.hourAhead()

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    code = try #require(Rig.code)
    one = try #require(CaseID("k3x9q7"))
  }

  /// A guest's session of fifteen seconds, whose customer was told before its relay was killed; another relay goes on with it.
  private func restored(rate: String) async throws -> RelayCore {
    let acme = try #require(Name("acme"))
    let plan = try PlanTerms(
      json: [
        "id": "own", "name": "Own", "currency": "EUR", "rate_per_hour": .string(rate), "first": "15m", "then": "6m",
      ])
    var agreed = try rig.agreed(id)
    agreed[0] = SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey, purpose: "printer",
      plan: PlanTerms(.standard), address: "::1", caseID: one, machineKey: rig.spki
    ).draft(session: id)
    let activated = SessionActivated(
      continuation: SessionActivated.Continuation(
        code: code, agentInstance: rig.instance, bootID: clocks.boot, instant: clocks.monotonic))
    try rig.ledger.append(
      [
        PlanAdded(plan: plan, by: "operator").draft(),
        CustomerAdded(id: acme, name: "Acme", plan: "own", by: "operator").draft(),
        CaseOpened(caseID: one, title: "Printer", by: "relay").draft(),
      ] + agreed + [
        activated.draft(session: id),
        IdentityChecked(customer: acme, identity: .facts, result: .verified, fact: "postcode", by: "mika").draft(
          session: id), SessionAssigned(customer: acme, caseID: one, by: "mika").draft(session: id),
      ], at: clocks.wall)
    let time = MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: 15_000)])
    try rig.ledger.saveCheckpoints([try rig.signed(id, epoch: 1, sequence: 1, time)])
    return try await rig.start(
      at: ClockReading(
        boot: clocks.boot, monotonic: clocks.monotonic.advanced(byMilliseconds: 60_000),
        wall: clocks.wall.advanced(byMilliseconds: 60_000)))
  }

  @Test(
    "it is his, across a restart, and costs what was agreed or, if that is less, what his own plan says",
    arguments: [("60.00", 1500, "own"), ("90.00", 2250, "standard"), ("120.00", 2250, "standard")]
      as [(String, Int64, String)])
  func price(rate: String, minor: Int64, plan: String) async throws {
    let core = try await restored(rate: rate)
    let desk = try JSONValue(parsing: await core.deskList())
    #expect(desk[0]?["customer"] == "acme" && desk[0]?["identity"] == "facts", "\(desk.text)")
    #expect(desk[0]?["amount_minor"] == 2250, "what he agreed to, until it is closed: \(desk.text)")
    let end = clocks.monotonic.advanced(byMilliseconds: 61_000)
    await core.act(.close(outcome: .fixed, note: "new driver", by: .technician("mika")), id, at: end)
    let record = try #require(try rig.ledger.record(session: id))
    #expect(record.amountMinor == minor && record.plan?.id == plan && record.state == .closed)
    #expect(record.customer?.rawValue == "acme" && record.identity == .facts && record.json["identity"] == "facts")
    #expect(record.lines.reduce(0) { $0 + $1.amountMinor } == minor)
    let register = try rig.ledger.register()
    #expect(register.cases[one]?.customer?.rawValue == "acme")
    #expect(register.customer(machineKey: rig.spki)?.rawValue == "acme")
    let receipt = try #require(try SessionReceipts(id, in: rig.ledger)?.file)
    #expect(
      ReceiptCheck.openSSL.verdict(of: receipt, trusting: [rig.relayKey.publicKey.fingerprint]) == .genuine)
    #expect(try rig.ledger.verify().isSound)
  }

  private func keys(of value: JSONValue) -> Set<String> { Set((value.object?.members ?? []).map(\.key)) }

  @Test("the desk says of a session all that scripts count on, open and closed")
  func members() async throws {
    let core = try await restored(rate: "90.00")
    let wanted: Set = [
      "id", "case", "customer", "machine", "technician", "state", "opened_at", "closed_at", "active_ms",
      "billed_seconds", "amount_minor", "currency", "bytes_to_machine", "bytes_from_machine", "outcome", "note",
      "lines",
    ]
    let open = try #require(try JSONValue(parsing: await core.deskList())[0])
    #expect(wanted.isSubset(of: keys(of: open)), "\(open.text)")
    #expect(open["lines"]?[0]?["kind"] == "time" && open["outcome"] == .null && open["closed_at"] == .null)
    let closed = try JSONValue(parsing: try #require(await core.deskClosed(id)))
    #expect(wanted.isSubset(of: keys(of: closed)), "\(closed.text)")
    #expect(closed["state"] == "closed" && closed["note"] == "new cable" && closed["case"] == "k3x9q7")
    #expect(closed["lines"]?.array?.count == 1 && closed["closed_at"] == .string(Rig.wall.rfc3339))
  }
}

extension RelayCore {
  fileprivate func deskList() -> String { DeskText.json(sessions.values.map { ($0, try? rating(of: $0)) }) }

  fileprivate func deskClosed(_ id: SessionID) -> String? {
    guard let session = sessions[id], let rated = try? rating(of: session) else { return nil }
    let closed = SessionClosed(
      outcome: .fixed, note: "new cable", by: "mika", activeMilliseconds: 15_000, intervals: rated.intervals,
      billedSeconds: rated.work.billedSeconds, amountMinor: rated.work.amountMinor, currency: "EUR",
      lines: rated.work.lines.map { LedgerLine($0) }, bytesToMachine: 1, bytesFromMachine: 2)
    return DeskText.json(session, closed, at: Rig.wall, isRecorded: true)
  }
}
