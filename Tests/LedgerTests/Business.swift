import Ledger
import SessionModel
import TestSupport
import Testing

/// Entries of a shop, written one after another, a second apart unless said otherwise.
struct Business {
  private(set) var ledger: MemoryLedger
  var now = Sample.time
  private var random = SeededGenerator()

  init() throws { ledger = MemoryLedger(id: try #require(LedgerID(random.bytes(16)))) }

  var entries: [Entry] { ledger.entries }
  var seed: UInt64 { random.seed }

  /// Everything written so far, folded.
  func register() -> CustomerRegister {
    var register = CustomerRegister()
    for entry in entries { register.apply(entry) }
    return register
  }

  mutating func say(_ payload: some EntryPayload, in session: SessionID? = nil) {
    now = now.advanced(byMilliseconds: 1000)
    ledger.append(payload.draft(session: session), salt: random.bytes(16), at: now)
  }

  mutating func newSession() -> SessionID { SessionID(using: &random) }
  mutating func newCase() -> CaseID { CaseID(using: &random) }

  mutating func addCustomer(_ id: String) throws -> Name {
    let id = try #require(Name(id))
    say(CustomerAdded(id: id, name: "Customer \(id)", party: .business, by: "operator"))
    return id
  }

  mutating func openCase(_ customer: Name? = nil, title: String = "printer") -> CaseID {
    let id = newCase()
    say(CaseOpened(caseID: id, title: title, customer: customer, by: "relay"))
    return id
  }

  @discardableResult
  mutating func request(
    _ caseID: CaseID?, _ customer: Name? = nil, key: UInt8? = nil, plan: PlanTerms = Sample.plan
  ) throws -> SessionID {
    let id = newSession()
    say(
      SessionRequested(
        machine: "guest", technician: try #require(Name("mika")), technicianKey: Sample.fingerprint(1),
        purpose: "printer", plan: plan, address: "::1", caseID: caseID, customer: customer,
        machineKey: key.map { Sample.fingerprint($0) }, identity: customer == nil ? .unknown : .facts), in: id)
    return id
  }

  mutating func close(
    _ id: SessionID, _ outcome: Outcome = .fixed, amountMinor: Int64 = 2250, lines: [LedgerLine] = [],
    rating: RatingFacts = RatingFacts()
  ) {
    say(
      SessionClosed(
        outcome: outcome, note: nil, by: "mika", activeMilliseconds: 600_000,
        intervals: [
          LedgerInterval(from: now, to: now.advanced(byMilliseconds: 300_000)),
          LedgerInterval(from: now.advanced(byMilliseconds: -400_000), to: now.advanced(byMilliseconds: -100_000)),
        ], billedSeconds: 900, amountMinor: amountMinor, currency: "EUR",
        lines: lines.isEmpty
          ? [LedgerLine(kind: "time", description: "", seconds: 900, percent: "100", amountMinor: amountMinor)] : lines,
        bytesToMachine: 0, bytesFromMachine: 0, rating: rating), in: id)
  }

  /// A price of one line of time.
  static func price(_ minor: Int64, _ rating: RatingFacts = RatingFacts()) -> NewPrice {
    NewPrice(
      billedSeconds: 600, amountMinor: minor, currency: "EUR",
      lines: [LedgerLine(kind: "time", description: "", seconds: 600, percent: "100", amountMinor: minor)],
      rating: rating)
  }
}
