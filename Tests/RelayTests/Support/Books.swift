import Billing
import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@testable import Relay

/// A state directory with a real ledger, as an operator's commands find it, and sessions as a relay writes them.
final class Books {
  let state: String
  let ledger: SQLiteLedger
  /// Half past ten in the morning of 21 November 2025, in UTC.
  static let morning = WallTime(milliseconds: 1_763_721_000_000)

  init() throws {
    state = NSTemporaryDirectory() + "fixline-books-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    ledger = try SQLiteLedger(path: state + "/" + SQLiteLedger.fileName)
    try ledger.append(LedgerNote(text: "begun", by: "operator").draft(), at: Self.morning)
  }

  deinit { try? FileManager.default.removeItem(atPath: state) }

  func file(_ name: String, _ text: String) throws -> String {
    let path = state + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  func register() throws -> CustomerRegister { try ledger.register() }

  @discardableResult
  func addPlan(_ id: String, rate: String = "90.00", _ more: String = "") throws -> String {
    let yaml = """
      {"id": "\(id)", "name": "Plan \(id)", "currency": "EUR", "rate_per_hour": "\(rate)", "first": "15m", "then": "6m"\(more)}
      """
    return try PlanReports.add(file: try file("\(id).yaml", yaml), state: state)
  }

  @discardableResult
  func addCustomer(
    _ id: String, name: String? = "Customer", plan: String? = nil, facts: [String] = [], language: String? = nil,
    yaml: String? = nil
  ) throws -> String {
    let path = try yaml.map { try file("customer.yaml", $0) }
    return try CustomerReports.add(
      .init(id: id, name: name, plan: plan, facts: facts, language: language, file: path), state: state)
  }

  /// A session under `plan`, worked for `seconds` from `start` on and closed, or left open.
  @discardableResult
  func session(
    _ seconds: Int64, from start: WallTime = Books.morning, caseID: CaseID? = nil, customer: Name? = nil,
    technician: String = "mika", outcome: Outcome? = .fixed, plan: Plan = .standard, lines more: [LedgerLine] = [],
    purpose: String = "the printer of Mäntytie 5"
  ) throws -> SessionID {
    var random = SystemRandomNumberGenerator()
    let id = SessionID(using: &random)
    let mika = try #require(Name(technician))
    try ledger.append(
      [
        SessionRequested(
          machine: "guest-1", technician: mika, technicianKey: SHA256.hash([1]), purpose: purpose,
          plan: PlanTerms(plan), address: "192.0.2.9", caseID: caseID, customer: customer,
          machineKey: SHA256.hash([2])
        ).draft(session: id),
        ConsentAsked(words: purpose, wordsHash: SHA256.hash(Array(purpose.utf8)), allowances: .all).draft(session: id),
        ConsentAnswered(
          accepted: true, reason: "", signature: Array(repeating: 1, count: 64),
          agentKey: Array(repeating: 2, count: 32)
        ).draft(session: id),
      ], at: start.advanced(byMilliseconds: -30_000))
    try ledger.append(SessionActivated().draft(session: id), at: start)
    guard let outcome else { return id }
    let end = start.advanced(byMilliseconds: seconds * 1000)
    let interval = WorkInterval(from: start, to: end, technician: technician)
    let work = try Rating.rate(plan: plan, intervals: seconds > 0 ? [interval] : [])
    let lines = work.lines.map { LedgerLine($0) } + more
    try ledger.append(
      SessionClosed(
        outcome: outcome, note: "new cable", by: technician, activeMilliseconds: seconds * 1000,
        intervals: seconds > 0 ? [LedgerInterval(from: start, to: end, technician: technician)] : [],
        billedSeconds: work.billedSeconds, amountMinor: lines.reduce(0) { $0 + $1.amountMinor },
        currency: plan.currency.code, lines: lines, bytesToMachine: 1, bytesFromMachine: 2
      ).draft(session: id), at: end)
    return id
  }

  /// A case on record.
  func openCase(_ customer: Name? = nil, title: String = "the printer of Mäntytie 5") throws -> CaseID {
    var random = SystemRandomNumberGenerator()
    let id = CaseID(using: &random)
    try ledger.append(
      CaseOpened(caseID: id, title: title, customer: customer, by: "relay").draft(), at: Self.morning)
    return id
  }

  /// The one line with which `body` is refused.
  static func refusal(_ body: () throws -> String) throws -> (line: String, code: Int32) {
    do {
      return ("not refused: \(try body())", 0)
    } catch let failure as RelayFailure {
      return (failure.line, failure.exitCode)
    }
  }
}
