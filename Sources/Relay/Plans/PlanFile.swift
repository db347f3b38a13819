import Billing
import SessionModel

/// A plan as the operator writes it, in YAML.
enum PlanFile {
  /// Reads the plan in the file at `path`.
  static func read(_ path: String) throws(RelayFailure) -> Plan {
    try plan(GivenFile.text(path, "plan file", maximumBytes: YAMLDocument.maximumBytes), file: path)
  }

  /// Reads the text of a plan; `file` is its name for the error. Unknown keys and impossible values are refused with key
  /// and line: `plan.yaml:7: rate_per_hour: "-1" is negative; write zero or more.`
  static func plan(_ text: String, file: String) throws(RelayFailure) -> Plan {
    let document = try YAMLDocument(text: text, file: file)
    let plan: Plan
    do {
      plan = try Plan(json: document.json)
    } catch {
      throw document.failure(key: error.key, reason: error.reason)
    }
    // A plan is named in commands and by customers, so that not every text will do.
    guard Name(plan.id) != nil else {
      throw document.failure(
        key: "id",
        reason: "use a-z, 0-9 and -, at most \(Name.maximumLength), beginning with a letter, and not \(Name.desk)")
    }
    return plan
  }
}
