public import SessionModel

/// What the customer's terminal says when a session ends, in the words of the receipt.
public enum ClosingText {
  /// The last line: what the customer wants to know most.
  static let over = "The visit is over. No one is connected."

  /// A few calm lines of at most 60 columns, without a line feed at the end.
  /// - Parameters:
  ///   - rated: What was worked and what it costs.
  ///   - continues: As it was rated.
  public static func english(
    rated: RatedWork, plan: Plan, outcome: Outcome, technician: String, continues: Bool = false
  ) -> String {
    guard rated.activeSeconds > 0 else { return "Nothing was done. There is nothing to pay.\n" + over }
    var lines: [String] = []
    if let result = words(outcome) {
      let name = TextWidth.cut(TextSafety.escaped(technician), toColumns: 20)
      lines.append("Result: \(result)\(name.isEmpty ? "" : ", by \(name)")")
    }
    lines.append("Worked   \(DurationText.exact(seconds: rated.activeSeconds))")
    let reason = reason(rated: rated, plan: plan, continues: continues).map { "  (\($0))" } ?? ""
    lines.append("Charged  \(DurationText.exact(seconds: rated.billedSeconds))\(reason)")
    if let callOut = rated.lines.first(where: { $0.kind == .callOut }) {
      lines.append("Call-out \(Money(minorUnits: callOut.amountMinor, currency: rated.currency))")
    }
    let tax = plan.prices == .gross ? "VAT included" : "without VAT"
    lines.append(rated.amountMinor == 0 ? "TO PAY   nothing" : "TO PAY   \(rated.amount)  (\(tax))")
    return (lines + [over]).joined(separator: "\n")
  }

  private static func reason(rated: RatedWork, plan: Plan, continues: Bool) -> String? {
    guard let billed = try? BilledSeconds(active: rated.activeSeconds, plan: plan, continues: continues) else {
      return nil
    }
    switch billed.reason {
    case .exact: return nil
    case .minimum: return "the agreed minimum"
    case .begunPeriod: return "every \(PeriodWords.english(plan.thenSeconds)) begun"
    case .grace: return "the last moments are free"
    }
  }

  private static func words(_ outcome: Outcome) -> String? {
    switch outcome {
    case .fixed: "fixed"
    case .onSite: "someone has to come"
    case .outOfScope: "not part of what was agreed"
    case .customerEquipment: "the fault is in your equipment"
    case .abandoned: "not solved"
    case .unclosed, .declined, .unanswered, .withdrawn: nil
    }
  }
}
