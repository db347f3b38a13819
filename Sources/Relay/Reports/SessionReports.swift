import Billing
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
      let records = try ids.compactMap { id in
        try stores.ledger.record(session: id).map(rated)
      }
      if json { return JSONValue.array(records.map(\.json)).text }
      guard !records.isEmpty else { return "No sessions." }
      return Columns.aligned(
        [["SESSION", "OPENED", "STATE", "TECHNICIAN", "MACHINE", "WORKED", "CHARGED", "PRICE", "OUTCOME"]]
          + records.map(row))
    }
  }

  /// Everything on record about one session.
  public static func show(_ id: String, json: Bool, state: String) throws -> String {
    guard let session = SessionID(id) else {
      throw RelayFailure(
        .usage, "\"\(TextSafety.escaped(id))\" is no session. See: fixline-relay sessions --state \(state)")
    }
    return try withStores(state, readOnly: true) { stores in
      guard let record = try stores.ledger.record(session: session).map(rated) else {
        throw RelayFailure(.refused, "There is no session \(session). See: fixline-relay sessions --state \(state)")
      }
      return json ? record.jsonWithEvents.text : text(record)
    }
  }

  /// What an open session would cost by its last confirmed time; closed ones are on record as billed.
  private static func rated(_ record: SessionRecord) -> SessionRecord {
    var record = record
    guard record.state != .closed else { return record }
    let active = record.activeMilliseconds
    let span = WorkInterval(
      from: record.openedAt, to: record.openedAt.advanced(byMilliseconds: active), technician: record.technician)
    guard let work = try? Rating.rate(plan: Plan.standard, intervals: active > 0 ? [span] : []) else { return record }
    record.billedSeconds = work.billedSeconds
    record.amountMinor = work.amountMinor
    record.lines = work.lines.map { LedgerLine($0) }
    return record
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
      DurationText.exact(seconds: record.billedSeconds ?? 0), amount(record.amountMinor, record),
      record.outcome?.rawValue ?? "",
    ]
  }

  static func text(_ record: SessionRecord) -> String {
    var facts = [
      ["Session", record.id.rawValue], ["State", state(record)], ["Technician", record.technician ?? ""],
      ["Machine", record.machine ?? ""], ["Purpose", record.purpose ?? ""], ["Opened", record.openedAt.rfc3339],
    ]
    if let closed = record.closedAt { facts.append(["Closed", closed.rfc3339]) }
    if let outcome = record.outcome { facts.append(["Outcome", outcome.rawValue]) }
    if let note = record.note { facts.append(["Note", note]) }
    if let receipt = receipt(of: record) { facts.append(["Receipt", receipt]) }
    facts.append(["Worked", DurationText.exact(seconds: record.activeMilliseconds / 1000)])
    if record.suspendedMilliseconds > 0 {
      facts.append(["Suspended", DurationText.exact(seconds: record.suspendedMilliseconds / 1000)])
    }
    facts.append(["Charged", DurationText.exact(seconds: record.billedSeconds ?? 0)])
    facts.append(["Price", amount(record.amountMinor, record)])
    facts.append(["Bytes to machine", String(record.bytesToMachine)])
    facts.append(["Bytes from machine", String(record.bytesFromMachine)])
    let lines = record.lines.map { ["  \($0.description)", "\($0.percent) %", amount($0.amountMinor, record)] }
    let events = record.entries.map { ["  \($0.time.rfc3339)", $0.kind.description, detail(of: $0)] }
    return Columns.aligned(facts) + (lines.isEmpty ? "" : "Lines\n" + Columns.aligned(lines)) + files(of: record)
      + "Events\n" + Columns.aligned(events)
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

  private static func detail(of entry: Entry) -> String {
    switch entry.kind {
    case .consentAnswered: (ConsentAnswered(entry)?.accepted ?? false) ? "yes" : "no"
    case .sessionSuspended: SessionSuspended(entry)?.reasons.map(\.rawValue).joined(separator: ", ") ?? ""
    case .channelOpened:
      ChannelOpened(entry).map { opened in
        ([opened.channelKind] + [opened.command, opened.address.map { "(\($0))" }].compactMap(\.self))
          .joined(separator: " ")
      } ?? ""
    case .channelClosed:
      ChannelClosed(entry).map { "\($0.bytesToMachine) B to, \($0.bytesFromMachine) B from the machine" } ?? ""
    case .checkpointRefused:
      CheckpointRefused(entry).map { "relay \($0.relayMilliseconds) ms, agent \($0.agentMilliseconds) ms" } ?? ""
    case .reconciled: Reconciled(entry)?.line ?? ""
    case .filesReported:
      FilesReported(entry).map { "\(CountText.of($0.events.count, "report")) of channel \($0.channel)" } ?? ""
    case .forwardRefused: ForwardRefused(entry)?.reason ?? ""
    case .sessionRestored:
      SessionRestored(entry).map { "epoch \($0.epoch), \($0.activeMilliseconds) ms carried over: \($0.reason)" } ?? ""
    case .agentDisplaced: AgentDisplaced(entry)?.line ?? ""
    case .linkRefused: LinkRefused(entry).map { "from \($0.address): \($0.reason)" } ?? ""
    case .sessionClosed: SessionClosed(entry).map { "by \($0.by)" } ?? ""
    case .relayStarted, .technicianAdded, .technicianRemoved, .sessionRequested, .consentAsked, .sessionActivated,
      .sessionResumed, .checkpointEpochEnd, .note, .payloadErased, .planAdded, .planWithdrawn, .customerAdded,
      .caseOpened, .caseClosed, .sessionAssigned, .identityChecked, .quoteMade, .quoteAnswered, .promiseMade,
      .promiseBroken, .adviceGiven, .allowanceGranted, .questionAsked, .questionAnswered, .limitOverridden,
      .receiptIssued, .receiptCountersigned, .amountCorrected, .receiptProvisional, .workChanged, .unknown:
      ""
    }
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
