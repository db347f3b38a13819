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

  static func json(_ sessions: [LiveSession]) -> String {
    let values = sessions.map { session in
      [
        "id": .string(session.id.rawValue), "state": .string(session.machine.state.rawValue),
        "suspended_reasons": .array(session.machine.suspendedReasons.map { .string($0.rawValue) }),
        "technician": .string(session.technician.rawValue), "machine": .string(session.machineName),
        "purpose": .string(session.purpose), "opened_at": .string(session.openedAt.rfc3339),
        "active_ms": .integer(session.machine.activeMilliseconds), "channels": .integer(Int64(session.channels.count)),
      ] as JSONValue
    }
    return JSONValue.array(values).text + "\n"
  }

  static func closed(
    _ id: SessionID, _ closed: SessionClosed, isRecorded: Bool, currency: Currency, json: Bool
  ) -> String {
    if json {
      return
        ([
          "id": .string(id.rawValue), "state": "closed", "outcome": .string(closed.outcome.rawValue),
          "active_ms": .integer(closed.activeMilliseconds), "billed_seconds": .integer(closed.billedSeconds),
          "amount_minor": .integer(closed.amountMinor), "currency": .string(closed.currency),
          "recorded": .bool(isRecorded),
        ] as JSONValue).text + "\n"
    }
    let amount = Money(minorUnits: closed.amountMinor, currency: currency)
    return Columns.aligned([
      ["Session", "\(id), closed: \(closed.outcome.rawValue)"],
      ["Worked", DurationText.exact(seconds: closed.activeMilliseconds / 1000)],
      ["Charged", DurationText.exact(seconds: closed.billedSeconds)],
      ["Price", amount.description],
    ]) + (isRecorded ? "" : "Not on record yet: the relay cannot write its records.\n")
  }

  private static func state(of session: LiveSession) -> String {
    let reasons = session.machine.suspendedReasons
    guard !reasons.isEmpty else { return session.machine.state.rawValue }
    return "\(session.machine.state.rawValue) (\(reasons.map(\.rawValue).joined(separator: ", ")))"
  }
}
