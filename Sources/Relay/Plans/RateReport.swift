import Billing
import SessionModel

/// `fixline-relay rate`: what would this cost. Pure arithmetic on two files, no state.
public enum RateReport {
  /// Rates the work in `workFile` by the plan in `planFile`; returns what to print.
  public static func rate(planFile: String, workFile: String, json: Bool) throws -> String {
    let plan = try PlanFile.read(planFile)
    let text = try GivenFile.text(workFile, "work file", maximumBytes: JSONValue.maximumBytes)
    let rated = try rate(plan: plan, work: text, file: workFile)
    return json ? rated.json.text : self.text(rated, plan: plan)
  }

  /// Rates the text of a work file; `file` is its name for the error.
  static func rate(plan: Plan, work text: String, file: String) throws(RelayFailure) -> RatedWork {
    let file = TextSafety.escaped(file)
    let json: JSONValue
    do {
      json = try JSONValue(parsing: text)
    } catch {
      throw RelayFailure(.data, "\(file):\(error.line): \(error.reason).")
    }
    let work: Work
    do {
      work = try Work(json: json, currency: plan.currency)
    } catch {
      throw RelayFailure(.data, "\(file): \(error.description).")
    }
    do {
      return try Rating.rate(plan: plan, work: work)
    } catch {
      throw RelayFailure(.data, "\(file): \(error.description).")
    }
  }

  private static func text(_ rated: RatedWork, plan: Plan) -> String {
    let tax = plan.prices == .gross ? "tax included" : "without tax"
    let totals = Columns.aligned([
      ["Worked", DurationText.exact(seconds: rated.activeSeconds)],
      ["Charged", DurationText.exact(seconds: rated.billedSeconds)], ["Price", "\(rated.amount)  (\(tax))"],
    ])
    guard !rated.lines.isEmpty else { return totals }
    let rows = rated.lines.map { line in
      [
        line.kind.rawValue, line.technician ?? "", line.seconds > 0 ? DurationText.exact(seconds: line.seconds) : "",
        "\(line.percent) %", Money(minorUnits: line.amountMinor, currency: rated.currency).description,
        line.description,
      ]
    }
    return totals + "\n" + Columns.aligned([["LINE", "TECHNICIAN", "TIME", "PERCENT", "AMOUNT", "WHAT"]] + rows)
  }
}
