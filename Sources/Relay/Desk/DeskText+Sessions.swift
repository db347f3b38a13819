import Billing
import Ledger
import Metering
import SessionModel

/// What the desk prints of one session.
extension DeskText {
  /// `fixed 3 days ago`
  static func ending(of session: RegisteredSession, now: WallTime) -> String {
    guard let closedAt = session.closedAt else { return "open" }
    let minutes = max(0, now.milliseconds(since: closedAt)) / 60_000
    let ago =
      switch minutes {
      case 0: "just now"
      case 1: "a minute ago"
      case ..<60: "\(minutes) minutes ago"
      case ..<120: "an hour ago"
      case ..<1440: "\(minutes / 60) hours ago"
      case ..<2880: "a day ago"
      default: "\(minutes / 1440) days ago"
      }
    return "\((session.outcome ?? .unclosed).rawValue) \(ago)"
  }

  /// One session with what is known of it while it is open.
  struct SessionView {
    let record: SessionRecord
    let live: LiveSession?
    let rating: SessionRating?
    let one: RegisteredCase?

    private var lines: [LedgerLine] { rating?.work.lines.map { LedgerLine($0) } ?? record.lines }
    private var amountMinor: Int64? { rating?.work.amountMinor ?? record.amountMinor }
    private var activeMilliseconds: Int64 { live?.machine.activeMilliseconds ?? record.activeMilliseconds }
    private var state: SessionState { live?.machine.state ?? record.state }
    private var reasons: [SuspendReason] { live?.machine.suspendedReasons ?? record.suspendedReasons }

    var json: String {
      var value = record.json
      value["state"] = .string(state.rawValue)
      value["suspended_reasons"] = .array(reasons.map { .string($0.rawValue) })
      value["active_ms"] = .integer(activeMilliseconds)
      value["billed_seconds"] = (rating?.work.billedSeconds ?? record.billedSeconds).map { .integer($0) } ?? .null
      value["amount_minor"] = amountMinor.map { .integer($0) } ?? .null
      value["lines"] = .array(lines.map(\.json))
      value["question"] = live?.question.map { .string($0.kind.rawValue) } ?? .null
      return value.text + "\n"
    }

    var text: String {
      let why = reasons.isEmpty ? "" : " (\(reasons.map(\.rawValue).joined(separator: ", ")))"
      var rows = [
        ["Session", "\(record.id), \(record.outcome?.rawValue ?? state.rawValue)\(why)"],
        ["Case", one.map { "\($0.id), \($0.title ?? "")" } ?? ""],
        ["Customer", record.customer?.rawValue ?? "not known"], ["Technician", record.technician ?? ""],
        ["Machine", record.machine ?? ""], ["Purpose", record.purpose ?? ""],
        ["Worked", DurationText.exact(seconds: activeMilliseconds / 1000)],
      ]
      if let currency = record.currency.flatMap({ Currency($0) }) {
        for line in lines {
          let why = line.reason.map { " (\($0))" } ?? ""
          rows.append(["", "\(line.description)\(why): \(Money(minorUnits: line.amountMinor, currency: currency))"])
        }
        if let amountMinor { rows.append(["Price", "\(Money(minorUnits: amountMinor, currency: currency))"]) }
      }
      if live?.question != nil { rows.append(["Asked", "the customer is being asked"]) }
      return Columns.aligned(rows)
    }
  }
}
