import Ledger
import LedgerSQLite
import SessionModel

/// `fixline-relay sessions` and `session show`: read from the ledger, whether or not a relay is running.
public enum SessionReports {
  /// Sessions opened in `since ..< until`, oldest first; of one customer, when he is named.
  public static func list(
    since: String?, until: String?, customer: String?, json: Bool, state: String
  ) throws -> String {
    let from = try since.map { try time($0, "--since") }
    let to = try until.map { try time($0, "--until") }
    return try withStores(state, readOnly: true) { stores in
      var ids = try stores.ledger.sessions(since: from, until: to)
      if let customer {
        let register = try stores.ledger.register()
        let owner = try CustomerReports.known(customer, in: register).id
        ids.removeAll { register.sessions[$0]?.customer != owner }
      }
      // One record at a time is in memory: a year's sessions are many.
      lazy var register = try? stores.ledger.register()
      func each<Line>(_ line: (SessionRecord) -> Line) throws -> [Line] {
        try ids.compactMap { id in
          guard let record = try stores.ledger.record(session: id) else { return nil }
          if record.state != .closed, let register { return line(record.rated(register, stores.ledger)) }
          return line(record)
        }
      }
      if json { return "[" + (try each(\.json.text)).joined(separator: ",") + "]" }
      let rows = try each(row)
      guard !rows.isEmpty else { return "No sessions." }
      return Columns.aligned(
        [["SESSION", "OPENED", "STATE", "TECHNICIAN", "MACHINE", "WORKED", "CHARGED", "PRICE", "OUTCOME"]] + rows)
    }
  }

  /// Everything on record about one session.
  public static func show(_ id: String, json: Bool, state: String) throws -> String {
    guard let session = SessionID(id) else {
      throw RelayFailure(
        .usage, "\"\(TextSafety.escaped(id))\" is no session. See: fixline-relay sessions --state \(state)")
    }
    return try withStores(state, readOnly: true) { stores in
      guard var record = try stores.ledger.record(session: session) else {
        throw RelayFailure(.refused, "There is no session \(session). See: fixline-relay sessions --state \(state)")
      }
      // A damaged ledger can still be looked at; it says no price of what is open.
      if record.state != .closed, let register = try? stores.ledger.register() {
        record = record.rated(register, stores.ledger)
      }
      return json ? record.jsonWithEvents.text : text(record)
    }
  }

  private static func time(_ text: String, _ option: String) throws(RelayFailure) -> WallTime {
    guard let time = WallTime(rfc3339: text) else {
      throw RelayFailure(.usage, "\(option) takes a time such as 2026-11-21T20:00:00Z.")
    }
    return time
  }

  private static func row(_ record: SessionRecord) -> [String] {
    [
      record.id.rawValue, record.openedAt.rfc3339, state(record), record.technician ?? "", record.machine ?? "",
      DurationText.exact(seconds: record.activeMilliseconds / 1000),
      record.billedSeconds.map { DurationText.exact(seconds: $0) } ?? "", amount(record.amountMinor, record),
      record.outcome?.rawValue ?? "",
    ]
  }

  static func text(_ record: SessionRecord) -> String {
    guard record.wasRequested else {
      let facts = [["Session", record.id.rawValue], ["State", "not on record: see the events"]]
      return Columns.aligned(facts) + events(of: record)
    }
    var facts = [
      ["Session", record.id.rawValue], ["State", state(record)], ["Case", record.caseID?.rawValue ?? ""],
      ["Customer", customer(of: record)], ["Technician", record.technician ?? ""],
      ["Machine", record.machine ?? ""],
      ["Purpose", record.purpose ?? ""], ["Opened", record.openedAt.rfc3339],
    ]
    if let closed = record.closedAt { facts.append(["Closed", closed.rfc3339]) }
    if let outcome = record.outcome { facts.append(["Outcome", outcome.rawValue]) }
    if let note = record.note { facts.append(["Note", note]) }
    if let receipt = receipt(of: record) { facts.append(["Receipt", receipt]) }
    facts.append(["Worked", DurationText.exact(seconds: record.activeMilliseconds / 1000)])
    if record.suspendedMilliseconds > 0 {
      facts.append(["Suspended", DurationText.exact(seconds: record.suspendedMilliseconds / 1000)])
    }
    facts.append(["Charged", record.billedSeconds.map { DurationText.exact(seconds: $0) } ?? ""])
    facts.append(["Price", amount(record.amountMinor, record)])
    facts.append(["Bytes to machine", String(record.bytesToMachine)])
    facts.append(["Bytes from machine", String(record.bytesFromMachine)])
    let lines = record.lines.map { ["  \($0.description)", "\($0.percent) %", amount($0.amountMinor, record)] }
    return Columns.aligned(facts) + (lines.isEmpty ? "" : "Lines\n" + Columns.aligned(lines)) + files(of: record)
      + events(of: record)
  }

  private static func events(of record: SessionRecord) -> String {
    let currency = record.currency.flatMap { Currency($0) }
    let rows = zip(record.entries, EventWords.details(of: record.entries, currency)).map { entry, words in
      ["  \(entry.time.rfc3339)", entry.kind.description, words]
    }
    return "Events\n" + Columns.aligned(rows)
  }

  private static func customer(of record: SessionRecord) -> String {
    guard let customer = record.customer else { return "" }
    return switch record.identity {
    case .unknown: customer.rawValue
    case .machine: "\(customer), known by his machine"
    case .facts: "\(customer), who proved it"
    }
  }

  /// Who signed the session's receipt; nil when it has none.
  private static func receipt(of record: SessionRecord) -> String? {
    guard record.entries.contains(where: { $0.kind == .receiptIssued }) else { return nil }
    let isCountersigned = record.entries.contains { $0.kind == .receiptCountersigned }
    return isCountersigned ? "signed by the relay and the customer's computer" : "signed by the relay"
  }

  /// What was done with files, a line each; empty when nothing was.
  static func files(of record: SessionRecord) -> String {
    guard !record.files.isEmpty else { return "" }
    let rows = record.files.map { file in
      let words = file.words
      return ["  \(words.action)", words.bytes, words.detail]
    }
    let more =
      record.filesNotHeld == 0
      ? "" : "  and \(record.filesNotHeld) more: see files-reported among the events of --json\n"
    return "Files, as the customer's side reported them\n" + Columns.aligned(rows) + more
  }

  private static func state(_ record: SessionRecord) -> String {
    guard !record.suspendedReasons.isEmpty else { return record.state.rawValue }
    return "\(record.state.rawValue) (\(record.suspendedReasons.map(\.rawValue).joined(separator: ", ")))"
  }

  private static func amount(_ minor: Int64?, _ record: SessionRecord) -> String {
    guard let minor, let currency = record.currency.flatMap({ Currency($0) }) else { return "" }
    return Money(minorUnits: minor, currency: currency).description
  }
}
