import Billing
import Ledger
import SessionModel

/// `fixline-relay report`.
public enum BusinessReports {
  /// How a report is written.
  public enum Form: Sendable {
    /// Aligned, for people.
    case text
    /// RFC 4180, for spreadsheets.
    case csv
    /// For scripts.
    case json
  }

  /// The report; `by` is customer, technician, outcome or month, `month` such as 2026-11.
  public static func report(by: String, month: String?, form: Form, state: String) throws -> String {
    guard let grouping = BusinessReport.Grouping(rawValue: by) else {
      let all = BusinessReport.Grouping.allCases.map(\.rawValue).joined(separator: ", ")
      throw RelayFailure(.usage, "--by takes one of \(all).")
    }
    var only: BillingMonth?
    if let month {
      guard let read = BillingMonth(month) else { throw RelayFailure(.usage, "--month takes a month such as 2026-11.") }
      only = read
    }
    return try withStores(state, readOnly: true) { stores in
      let report = BusinessReport(try stores.ledger.register(), by: grouping, month: only)
      return switch form {
      case .text: report.text
      case .csv: report.csv
      case .json: report.json.text
      }
    }
  }
}

extension BusinessReport {
  /// What a group is called where it has no name.
  private func name(of row: Row) -> String {
    guard row.key.isEmpty else { return row.key }
    return switch grouping {
    case .customer: "(no customer)"
    case .technician, .outcome, .month: "(erased)"
    }
  }

  /// Aligned columns, then why time or money was let go, and what came besides sessions.
  var text: String {
    guard !rows.isEmpty else { return "No session was closed\(month.map { " in \($0)" } ?? "")." }
    let head = [
      grouping.rawValue.uppercased(), "SESSIONS", "WORKED", "CHARGED", "AMOUNT", "UNBILLED", "WAIVED",
      "OFF BY QUOTE", "REWORK", "FIXED", "VISITS AVOIDED", "WAIT", "LONGEST",
    ]
    let all = rows + (rows.count > totals.count ? totals : [])
    let reasons = totals.flatMap { row in
      row.unbilledSeconds.sorted { $0.key < $1.key }.map {
        ["  unbilled", DurationText.exact(seconds: $0.value), $0.key]
      } + row.waivedMinor.sorted { $0.key < $1.key }.map { ["  waived", money($0.value, row), $0.key] }
        + (row.fixedPriceMinor == 0
          ? []
          : [["  charged", money(row.fixedPriceMinor, row), "rest of fixed prices, when their cases were closed"]])
    }
    return Columns.aligned([head] + all.map(cells)) + (reasons.isEmpty ? "" : "Why\n" + Columns.aligned(reasons))
  }

  private func cells(_ row: Row) -> [String] {
    func duration(_ milliseconds: Int64?) -> String {
      milliseconds.map { DurationText.exact(seconds: $0 / 1000) } ?? "-"
    }
    return [
      name(of: row), String(row.sessions), DurationText.exact(seconds: row.activeSeconds),
      DurationText.exact(seconds: row.billedSeconds), money(row.amountMinor, row),
      DurationText.exact(seconds: row.unbilledTotal), money(row.waivedTotal, row), money(row.quotedOffMinor, row),
      String(row.rework), row.fixedPercent.map { "\($0) %" } ?? "-", String(row.visitsAvoided),
      duration(row.medianWait),
      duration(row.longestWait),
    ]
  }

  private func money(_ minor: Int64, _ row: Row) -> String {
    Currency(row.currency).map { Money(minorUnits: minor, currency: $0).description } ?? "-"
  }

  /// One line a group and currency, without totals: a spreadsheet adds them up.
  var csv: String {
    let head = [
      grouping.rawValue, "sessions", "worked_sessions", "active_seconds", "billed_seconds", "amount", "currency",
      "unbilled_seconds", "unbilled_reasons", "waived_amount", "waived_reasons", "rework_sessions", "fixed_percent",
      "visits_avoided", "median_wait_seconds", "longest_wait_seconds", "off_by_quote_amount", "fixed_price_amount",
    ]
    return CSV.text(
      [head]
        + rows.map { row in
          func amount(_ minor: Int64) -> String {
            Currency(row.currency).map { Money(minorUnits: minor, currency: $0).decimalText } ?? ""
          }
          return [
            row.key, String(row.sessions), String(row.worked), String(row.activeSeconds), String(row.billedSeconds),
            amount(row.amountMinor), row.currency, String(row.unbilledTotal),
            row.unbilledSeconds.keys.sorted().joined(separator: "; "), amount(row.waivedTotal),
            row.waivedMinor.keys.sorted().joined(separator: "; "), String(row.rework),
            row.fixedPercent.map { String($0) } ?? "", String(row.visitsAvoided),
            row.medianWait.map { String($0 / 1000) } ?? "", row.longestWait.map { String($0 / 1000) } ?? "",
            amount(row.quotedOffMinor), amount(row.fixedPriceMinor),
          ]
        })
  }

  /// Rows and totals.
  var json: JSONValue {
    [
      "by": .string(grouping.rawValue), "month": JSONValue(month?.description),
      "rows": .array(rows.map { json(of: $0, key: $0.key.isEmpty ? .null : .string($0.key)) }),
      "totals": .array(totals.map { json(of: $0, key: nil) }),
    ]
  }

  private func json(of row: Row, key: JSONValue?) -> JSONValue {
    var members = JSONObject()
    if let key { members[grouping.rawValue] = key }
    members["sessions"] = .integer(row.sessions)
    members["worked_sessions"] = .integer(row.worked)
    members["active_seconds"] = .integer(row.activeSeconds)
    members["billed_seconds"] = .integer(row.billedSeconds)
    members["amount_minor"] = .integer(row.amountMinor)
    members["currency"] = row.currency.isEmpty ? .null : .string(row.currency)
    members["fixed_price_minor"] = .integer(row.fixedPriceMinor)
    members["unbilled_seconds"] = .integer(row.unbilledTotal)
    members["unbilled"] = .array(
      row.unbilledSeconds.sorted { $0.key < $1.key }.map {
        ["reason": .string($0.key), "seconds": .integer($0.value)]
      })
    members["waived_minor"] = .integer(row.waivedTotal)
    members["waived"] = .array(
      row.waivedMinor.sorted { $0.key < $1.key }.map {
        ["reason": .string($0.key), "amount_minor": .integer($0.value)]
      })
    members["off_by_quote_minor"] = .integer(row.quotedOffMinor)
    members["rework_sessions"] = .integer(row.rework)
    members["fixed_sessions"] = .integer(row.fixed)
    members["fixed_percent"] = JSONValue(row.fixedPercent)
    members["visits_avoided"] = .integer(Int64(row.visitsAvoided))
    members["median_wait_ms"] = JSONValue(row.medianWait)
    members["longest_wait_ms"] = JSONValue(row.longestWait)
    return .object(members)
  }
}
