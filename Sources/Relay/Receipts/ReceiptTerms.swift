import Billing
import Ledger
import Receipts
import SessionModel

/// What a receipt says that is not in the session's own record: in whose language, by which plan, for whom.
struct ReceiptTerms {
  /// The plan the session was agreed under.
  var plan: Plan
  /// What the customer reads.
  var language: Language
  /// How the shop names itself on documents.
  var shop: Receipt.Shop
  /// Who pays; nil for somebody the shop does not know (yet).
  var customer: Receipt.Customer?
  /// Where his invoice goes; empty where that is not known.
  var email = ""
  /// The quote that held.
  var quote: QuoteTerms?
  /// What the session had cost when it was agreed to, in minor units.
  var owedBeforeQuoteMinor: Int64 = 0
  /// What is left of his included time in the month in which the session was closed, in seconds; nil when his plan has none.
  var includedLeftSeconds: Int64?
  /// What an earlier session promised of this problem, where that held when this one was closed.
  var earlierPromise: ReworkPromise?
  /// Advice of the session's case that the customer did not take, the newest last.
  var adviceDeclined: [String] = []
  /// Promises that were not kept, what matters most first.
  var brokenPromises: [Unkept] = []

  /// - Parameters:
  ///   - language: what the machine asks for; what the session was asked in, and the customer's own, come before it.
  ///   - register: what is known of customers, cases and quotes.
  init(_ record: SessionRecord, shop: Receipt.Shop, language: Language?, register: CustomerRegister) {
    plan = record.plan.flatMap { try? Plan(json: $0.json) } ?? .standard
    self.shop = shop
    let details = record.customer.flatMap { register.customers[$0]?.details }
    self.language = (details?.language ?? record.request?.language).map { Language(tag: $0) } ?? language ?? .english
    customer = details.map {
      Receipt.Customer(id: $0.id.rawValue, name: ReceiptWriter.field($0.legalName ?? $0.name))
    }
    email = details?.email ?? ""
    adviceDeclined = record.caseID.flatMap { register.cases[$0]?.advice }?.filter(\.isDeclined).map(\.text) ?? []
    brokenPromises = unkeptPromises(of: record, register)
    includedLeftSeconds = Self.includedLeft(plan, after: record, register)
    earlierPromise = Entitlements.promise(
      caseID: record.caseID, earlier: EarlierSession.all(register.closedSessions(of: record.customer, record.caseID)),
      at: record.closedAt ?? record.openedAt)
    quote =
      record.lines.contains { $0.kind == LineKind.quote.rawValue }
        || register.sessions[record.id]?.rating.quote != nil
      ? record.caseID.flatMap { register.bindingQuote(of: $0) }.flatMap { Self.terms(of: $0) } : nil
    if quote?.kind == .fixed, let caseID = record.caseID, let currency = quote?.amount.currency {
      // A price promised on the case caps what closing it charges.
      let rest = register.shortfall(of: caseID)?.line.amountMinor ?? 0
      quote?.left = Money(minorUnits: rest, currency: currency)
    }
    owedBeforeQuoteMinor = Self.owedBefore(record, register.sessions[record.id]?.rating.quote)
  }

  /// What the lines have beyond what came under the quote, before all that was let off.
  private static func owedBefore(_ record: SessionRecord, _ use: RatingFacts.QuoteUse?) -> Int64 {
    guard let use else { return 0 }
    return record.lines.reduce(-use.usedMinor) {
      $0.addingSaturated($1.kind == LineKind.allowance.rawValue ? 0 : $1.amountMinor)
    }
  }

  /// By this session and those that were closed before it.
  private static func includedLeft(_ plan: Plan, after record: SessionRecord, _ register: CustomerRegister) -> Int64? {
    guard plan.included != nil, let customer = record.customer, let closedAt = record.closedAt,
      let since = register.includedSince(plan, of: customer)
    else { return nil }
    let closed = register.closedSessions(of: customer)
    let count = closed.firstIndex { $0.id == record.id }.map { $0 + 1 } ?? closed.count
    return Entitlements.includedLeft(
      plan: plan, month: plan.month(of: closedAt), since: since,
      earlier: EarlierSession.all(Array(closed.prefix(count))))
  }

  private static func terms(of quote: RegisteredQuote) -> QuoteTerms? {
    guard let currency = Currency(quote.made.currency) else { return nil }
    return QuoteTerms(
      kind: quote.made.binding == .fixed ? .fixed : .notToExceed,
      amount: Money(minorUnits: quote.made.amountMinor, currency: currency),
      left: Money(minorUnits: quote.leftMinor, currency: currency))
  }

  /// Whether the amounts contain tax.
  var prices: Receipt.Prices {
    switch plan.prices {
    case .net: .net
    case .gross: .gross
    }
  }

  /// The words the customer is shown, of a closed session.
  func text(of session: SessionReceipts, issuedAt: WallTime) -> String {
    let record = session.record
    let currency = record.currency.flatMap { Currency($0) } ?? plan.currency
    var facts = ReceiptFacts(
      session: record.id, date: local(record.closedAt ?? issuedAt).date, outcome: record.outcome ?? .unclosed,
      technicians: [record.technician].compactMap { $0 }, activeSeconds: record.activeMilliseconds / 1000,
      billedSeconds: record.billedSeconds ?? 0, thenSeconds: plan.thenSeconds,
      lines: record.lines.compactMap { Self.line($0, currency) },
      total: Money(minorUnits: record.amountMinor ?? 0, currency: currency), prices: plan.prices)
    facts.shop = shop.name
    facts.address = shop.address
    facts.phone = shop.phone
    facts.vatID = shop.vatID
    facts.customer = customer?.name ?? ""
    facts.email = email
    facts.quote = quote
    facts.owedBeforeQuote = Money(minorUnits: owedBeforeQuoteMinor, currency: currency)
    facts.brokenPromises = brokenPromises.map(\.fact)
    facts.adviceDeclined = advice(of: session)
    facts.purpose = record.purpose ?? ""
    facts.intervals = record.intervals.map { ClockInterval(from: local($0.from), to: local($0.to)) }
    let billed = try? BilledSeconds(
      active: facts.activeSeconds, plan: plan, continues: session.closed?.rating.continues ?? false)
    // Technicians who are rated apart have no reason in common.
    facts.reason = billed?.seconds == facts.billedSeconds ? billed?.reason ?? .exact : .exact
    facts.tax = tax(of: facts.total).map { ReceiptTax(percent: $0.percent, amount: $0.amount) }
    facts.includedLeftSeconds = includedLeftSeconds
    facts.rework = rework(after: session).map { ReworkTerms(percent: $0.rule.percent, until: $0.until) }
    facts.consentAt = session.consentAt.map { local($0) }
    let text = ReceiptText.text(facts, in: language)
    guard TextSafety.problem(inShownText: text) != nil else { return text }
    // Too long to be shown: the sum without what it is made of, which stands in the receipt itself.
    facts.lines = []
    return ReceiptText.text(facts, in: language)
  }

  /// The case's declined advice, the session's own last: another session of the case must not push it off the receipt.
  private func advice(of session: SessionReceipts) -> [String] {
    var others = adviceDeclined
    for own in session.adviceDeclined {
      if let index = others.lastIndex(of: own) { others.remove(at: index) }
    }
    return others + session.adviceDeclined
  }

  /// A moment by the plan's clock.
  private func local(_ moment: WallTime) -> CivilTime {
    CivilTime(moment, offsetSeconds: plan.timeZone.offsetSeconds(at: moment))
  }

  /// What holds should the fix not last: what the session promises, or, of rework, what it rests on, which it does not extend.
  func rework(after session: SessionReceipts) -> ReworkPromise? {
    let record = session.record
    guard let closedAt = record.closedAt, let outcome = record.outcome else { return nil }
    if session.closed?.rating.isRework == true { return earlierPromise }
    return Entitlements.reworkPromise(
      plan: plan, closedAt: closedAt, outcome: outcome, isRework: false, billedSeconds: record.billedSeconds ?? 0)
  }

  /// Until when that is free; nil when it costs something, or nothing is promised.
  func freeUntil(after session: SessionReceipts) -> CivilDate? {
    rework(after: session).flatMap { $0.rule.percent <= .zero ? $0.until : nil }
  }

  /// The tax in (gross) or on top of (net) a sum: rounded once, half up; of gross prices the net is rounded and the tax is
  /// what is left, as on an invoice.
  func tax(of total: Money) -> (category: String, percent: Percent, amount: Money)? {
    guard let tax = plan.tax else { return nil }
    let (rate, whole) = (Int128(tax.percent.coefficient), Self.whole(tax.percent))
    let sum = Int128(total.minorUnits)
    let minor =
      switch plan.prices {
      case .net: Self.half(up: sum * rate, whole)
      case .gross: sum - Self.half(up: sum * whole, whole + rate)
      }
    return (tax.category.rawValue, tax.percent, Money(minorUnits: Int64(clamping: minor), currency: total.currency))
  }

  /// 100 percent in the units of a percentage's coefficient.
  private static func whole(_ percent: Percent) -> Int128 { (0..<percent.scale).reduce(100) { power, _ in power * 10 } }

  private static func half(up dividend: Int128, _ divisor: Int128) -> Int128 {
    let (quotient, remainder) = (2 * dividend + divisor).quotientAndRemainder(dividingBy: 2 * divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private static func line(_ line: LedgerLine, _ currency: Currency) -> Billing.ReceiptLine? {
    guard let kind = LineKind(rawValue: line.kind), let percent = percent(line.percent) else { return nil }
    return Billing.ReceiptLine(
      kind: kind, seconds: line.seconds, percent: percent,
      amount: Money(minorUnits: line.amountMinor, currency: currency), technician: line.technician,
      note: line.reason ?? "")
  }

  /// Reads an exact decimal such as `112.5`.
  private static func percent(_ text: String) -> Percent? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let coefficient = Int64(parts.joined()) else { return nil }
    return Percent(coefficient: coefficient, scale: parts.count == 2 ? parts[1].utf8.count : 0)
  }
}
