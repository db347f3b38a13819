import Billing
import Ledger
import Metering
import SessionModel

/// What the desk prints.
enum DeskText {
  static func list(_ sessions: [LiveSession], now: MonotonicInstant) -> String {
    guard !sessions.isEmpty else { return "No session is open.\n" }
    let rows = sessions.map { session in
      [
        session.id.rawValue, state(of: session), session.technician.rawValue, session.machineName,
        DurationText.exact(seconds: session.machine.activeMilliseconds / 1000), "\(session.channels.count)",
        session.purpose,
      ]
    }
    return Columns.aligned([["SESSION", "STATE", "TECHNICIAN", "MACHINE", "ACTIVE", "CHANNELS", "PURPOSE"]] + rows)
  }

  /// Open sessions, each with what it costs by now; null where that cannot be reckoned.
  static func json(_ sessions: [(session: LiveSession, rating: SessionRating?)]) -> String {
    let values = sessions.map { session, rating in
      var members = object(session)
      members["billed_seconds"] = JSONValue(rating?.work.billedSeconds)
      members["amount_minor"] = JSONValue(rating?.work.amountMinor)
      members["lines"] = .array((rating?.work.lines ?? []).map { LedgerLine($0).json })
      members["channels"] = .integer(Int64(session.channels.count))
      return JSONValue.object(members)
    }
    return JSONValue.array(values).text + "\n"
  }

  /// A session that was just closed.
  static func json(_ session: LiveSession, _ closed: SessionClosed, at closedAt: WallTime, isRecorded: Bool) -> String {
    var members = object(session)
    members["state"] = .string(SessionState.closed.rawValue)
    members["suspended_reasons"] = []
    members["closed_at"] = .string(closedAt.rfc3339)
    members["active_ms"] = .integer(closed.activeMilliseconds)
    members["billed_seconds"] = .integer(closed.billedSeconds)
    members["amount_minor"] = .integer(closed.amountMinor)
    members["currency"] = .string(closed.currency)
    members["bytes_to_machine"] = .integer(closed.bytesToMachine)
    members["bytes_from_machine"] = .integer(closed.bytesFromMachine)
    members["outcome"] = .string(closed.outcome.rawValue)
    members["note"] = JSONValue(closed.note)
    members["lines"] = .array(closed.lines.map(\.json))
    members["recorded"] = .bool(isRecorded)
    return JSONValue.object(members).text + "\n"
  }

  /// What `sessions --json` says of a session, in the same order, as this relay has it; what it costs is for the caller.
  private static func object(_ session: LiveSession) -> JSONObject {
    var members = JSONObject()
    members["id"] = .string(session.id.rawValue)
    members["case"] = JSONValue(session.terms.caseID?.rawValue)
    members["customer"] = JSONValue(session.terms.customer?.rawValue)
    members["machine"] = .string(session.machineName)
    members["technician"] = .string(session.technician.rawValue)
    members["state"] = .string(session.machine.state.rawValue)
    members["suspended_reasons"] = .array(session.machine.suspendedReasons.map { .string($0.rawValue) })
    members["opened_at"] = .string(session.openedAt.rfc3339)
    members["closed_at"] = .null
    members["active_ms"] = .integer(session.machine.activeMilliseconds)
    members["billed_seconds"] = .null
    members["amount_minor"] = .null
    members["currency"] = .string(session.terms.currency.code)
    members["bytes_to_machine"] = .integer(session.traffic.bytesToMachine)
    members["bytes_from_machine"] = .integer(session.traffic.bytesFromMachine)
    members["outcome"] = .null
    members["note"] = .null
    members["lines"] = []
    members["purpose"] = .string(session.purpose)
    members["plan"] = .string(session.terms.plan.id)
    members["rework"] = .bool(session.terms.isRework)
    members["identity"] = .string(session.terms.identity.rawValue)
    return members
  }

  static func closed(_ session: LiveSession, _ closed: SessionClosed, _ trouble: Journal.Change?) -> String {
    if trouble == .damaged {
      return
        "Session \(session.id) is over (\(closed.outcome.rawValue)). The ledger is damaged: this is not on record, "
        + "and nothing is billed from it. Tell the operator.\n"
    }
    let amount = Money(minorUnits: closed.amountMinor, currency: session.terms.currency)
    return Columns.aligned([
      ["Session", "\(session.id), closed: \(closed.outcome.rawValue)"],
      ["Worked", DurationText.exact(seconds: closed.activeMilliseconds / 1000)],
      ["Charged", DurationText.exact(seconds: closed.billedSeconds)],
      ["Price", amount.description],
    ]) + (trouble == nil ? "" : "Not on record yet: the relay cannot write its records.\n")
  }

  private static func state(of session: LiveSession) -> String {
    let reasons = session.machine.suspendedReasons
    guard !reasons.isEmpty else { return session.machine.state.rawValue }
    return "\(session.machine.state.rawValue) (\(reasons.map(\.rawValue).joined(separator: ", ")))"
  }
}
