public import SessionModel

/// The price in words, made from the values that are billed.
public enum PriceText {
  /// One sentence: `Price, VAT included: 22.50 EUR for the first 15 minutes, then 9.00 EUR for every 6 minutes begun.`
  public static func text(plan: Plan, in language: Language) -> String {
    let price = Price(plan: plan, language: language, words: CustomerWords.of(language).price)
    return price.statements.flatMap(\.pieces).joined(separator: " ")
  }
}

/// A plan's price as it holds for one session.
struct Price {
  var plan: Plan
  /// What the hour makes of it.
  var hour = Percent.hundred
  /// What rework makes of it, in place of everything else, and of the call-out too.
  var rework: Percent?
  /// No first period, no call-out.
  var continues = false
  /// Two technicians at once cost two clocks.
  var perTechnician = false
  var language: Language
  var words: PriceWords

  init(plan: Plan, language: Language, words: PriceWords) {
    self.plan = plan
    self.language = language
    self.words = words
  }

  /// The price, and the percentage by itself where no price at it is exact in the minor unit.
  var statements: [Statement] {
    let percent = self.percent
    if let exact = statement(percent: percent) { return [exact] }
    let plain = statement(percent: .hundred) ?? hourly(percent: .hundred, amount: plan.ratePerHour)
    return [plain, Statement(.owed, words.percentNow(language.percent(percent.description)))]
  }

  /// What percentage of the plan's price is the one that is named.
  var named: Percent { statement(percent: percent) == nil ? .hundred : percent }

  /// Of the plan's hourly price: the first kind of work at this hour, or rework.
  private var percent: Percent {
    let kind = plan.workTypes.first?.percent ?? .hundred
    return rework ?? (try? kind.times(hour)) ?? kind
  }

  /// Nil when neither the periods nor the hour have an exact price at this percentage.
  private func statement(percent: Percent) -> Statement? {
    let then = exactPrice(ofSeconds: plan.thenSeconds, percent: percent)
    let first = exactPrice(ofSeconds: plan.firstSeconds, percent: percent)
    if let then, continues || (first != nil && plan.firstSeconds == plan.thenSeconds) {
      return Statement(
        .owed, pieces: ["\(head)\(callOut(percent)) \(words.every(language.money(then), plan.thenSeconds))"],
        short: "\(shortHead)\(callOut(percent)) \(words.shortEvery(language.money(then), plan.thenSeconds))")
    }
    if let first, let then, !continues {
      let (first, then) = (language.money(first), language.money(then))
      return Statement(
        .owed,
        pieces: [
          "\(head)\(callOut(percent)) \(words.first(first, plan.firstSeconds))", words.then(then, plan.thenSeconds),
        ],
        short:
          "\(shortHead)\(callOut(percent)) \(words.shortFirst(first, plan.firstSeconds)) \(words.shortThen(then, plan.thenSeconds))"
      )
    }
    return exactPrice(ofSeconds: 3600, percent: percent).map { hourly(percent: percent, amount: $0) }
  }

  private func hourly(percent: Percent, amount: Money) -> Statement {
    let hour = words.hourly(language.money(amount))
    let isEvery = continues || plan.firstSeconds == plan.thenSeconds
    let counting =
      isEvery ? words.countingEvery(plan.thenSeconds) : words.counting(plan.firstSeconds, plan.thenSeconds)
    let shortCounting =
      isEvery ? words.shortCountingEvery(plan.thenSeconds) : words.shortCounting(plan.firstSeconds, plan.thenSeconds)
    return Statement(
      .owed, pieces: ["\(head)\(callOut(percent)) \(hour)", counting],
      short: "\(shortHead)\(callOut(percent)) \(hour) \(shortCounting)")
  }

  private var head: String {
    switch (plan.prices, perTechnician) {
    case (.gross, false): words.headGross
    case (.net, false): words.headNet
    case (.gross, true): words.eachGross
    case (.net, true): words.eachNet
    }
  }

  private var shortHead: String {
    switch (plan.prices, perTechnician) {
    case (.gross, false): words.shortGross
    case (.net, false): words.shortNet
    case (.gross, true): words.shortEachGross
    case (.net, true): words.shortEachNet
    }
  }

  /// Rework's percentage is the call-out's too, unless the whole price stands before it.
  private func callOut(_ percent: Percent) -> String {
    let share = rework == nil ? .hundred : percent
    guard !continues, let minor = try? LineAmount.minorUnits(share, of: plan.callOutMinor), minor > 0
    else { return "" }
    return words.callOut(language.money(Money(minorUnits: minor, currency: plan.currency)))
  }

  /// The amount of so many seconds, or nil when it is not exact in the minor unit.
  private func exactPrice(ofSeconds seconds: Int64, percent: Percent) -> Money? {
    let (product, overflow) = (Int128(seconds) * Int128(plan.ratePerHourMinor))
      .multipliedReportingOverflow(by: Int128(percent.coefficient))
    guard !overflow, product % (Int128(3600) * Int128(percent.denominator)) == 0,
      let minor = try? LineAmount.minorUnits(
        seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor, percent: percent)
    else { return nil }
    return Money(minorUnits: minor, currency: plan.currency)
  }
}
