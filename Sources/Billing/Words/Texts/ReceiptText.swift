public import SessionModel

/// What the customer is handed when a session ends. Lines of at most 60 columns, nothing cut but names, advice, promises and
/// reasons longer than two lines.
public enum ReceiptText {
  /// Most intervals of work that are written out; the others are counted.
  public static let maximumIntervals = 6
  /// Most pieces of declined advice that are named, the newest; the others are counted.
  public static let maximumAdvice = 5
  /// Most promises that were not kept and are named; the others are counted.
  public static let maximumPromises = 3
  /// Most technicians who are named.
  static let maximumTechnicians = 8
  /// Longest path that is shown, in columns: a longer one would not leave the text short enough to be shown.
  public static let maximumPathColumns = 240

  /// Widest names, advice and reasons, in columns: what two lines hold, and less where the whole would become too long.
  static let fieldColumns = [120, 60, 24]

  /// The text, without a line feed at the end; at most ``TextSafety/maximumShownScalars`` characters. Where it would be more,
  /// names are cut shorter, and at last it is not said what the sum is made of.
  public static func text(_ facts: ReceiptFacts, in language: Language) -> String {
    text(facts, language: language, words: CustomerWords.of(language).receipt)
  }

  static func text(_ facts: ReceiptFacts, language: Language, words: ReceiptWords) -> String {
    for columns in fieldColumns {
      let text = text(facts.shortened(toColumns: columns), language, words)
      if TextSafety.problem(inShownText: text) == nil { return text }
    }
    var brief = facts.shortened(toColumns: fieldColumns.last ?? 0)
    brief.lines = []
    return text(brief, language, words)
  }

  private static func text(_ facts: ReceiptFacts, _ language: Language, _ words: ReceiptWords) -> String {
    let figures = ReceiptFigures(facts: facts, language: language, words: words)
    let parts: [[String]] = [
      heading(facts, language, words),
      facts.activeSeconds > 0 ? figures.lines : Lines.wrapped(words.nothingDone),
      afterwards(facts, language, words),
    ]
    return parts.flatMap { $0 }.joined(separator: "\n")
  }

  private static func heading(_ facts: ReceiptFacts, _ language: Language, _ words: ReceiptWords) -> [String] {
    let date = language.date(facts.date)
    let id = facts.session.rawValue
    let title = facts.isConfirmed ? words.title(id, date) : words.provisionalTitle(id, date)
    let vat = facts.vatID
    let shop = [facts.shop, facts.address, facts.phone] + [vat.isEmpty ? "" : words.vatID(vat)]
    let (customer, purpose) = (facts.customer, facts.purpose)
    let whom =
      switch (customer.isEmpty, purpose.isEmpty) {
      case (true, true): ""
      case (true, false): words.forPurpose(purpose)
      case (false, true): words.forPurpose(customer)
      case (false, false): words.forCustomer(customer, purpose)
      }
    let result = facts.activeSeconds > 0 ? result(facts, words) : ""
    return Lines.wrapped(title) + Lines.wrapped(facts.isConfirmed ? "" : words.provisional)
      + Lines.list(shop.filter { !$0.isEmpty }) + Lines.wrapped(whom) + Lines.wrapped(result)
  }

  /// An outcome nobody named is not invented.
  private static func result(_ facts: ReceiptFacts, _ words: ReceiptWords) -> String {
    let outcome: String
    switch facts.outcome {
    case .fixed: outcome = words.fixed
    case .onSite: outcome = words.onSite
    case .outOfScope: outcome = words.outOfScope
    case .customerEquipment: outcome = words.customerEquipment
    case .abandoned: outcome = words.abandoned
    case .unclosed, .declined, .unanswered, .withdrawn: return ""
    }
    return words.result(outcome, facts.technicians.filter { !$0.isEmpty }.joined(separator: ", "))
  }

  private static func afterwards(_ facts: ReceiptFacts, _ language: Language, _ words: ReceiptWords) -> [String] {
    var lines: [String] = []
    if !facts.email.isEmpty && facts.total.minorUnits > 0 { lines.append(words.payLater(facts.email)) }
    if let consent = facts.consentAt {
      let time = language.clock(consent)
      lines.append(
        consent.date == facts.date ? words.consentAt(time) : words.consentOn(language.date(consent.date), time))
    }
    // He said yes to the whole of it: closing the case charges the rest.
    if let quote = facts.quote, quote.kind == .fixed, quote.left.minorUnits > 0 {
      lines.append(words.fixedRest(language.money(quote.amount), language.money(quote.left)))
    }
    lines += promises(facts, language, words)
    if let left = facts.includedLeftSeconds { lines.append(words.includedLeft(language.duration(seconds: left))) }
    if let rework = facts.rework {
      let until = language.date(rework.until)
      let percent = language.percent(rework.percent.description)
      lines.append(rework.percent <= .zero ? words.sameFree(until) : words.samePartly(percent, until))
    }
    for advice in facts.adviceDeclined.suffix(maximumAdvice) { lines.append(words.advice(advice)) }
    let more = facts.adviceDeclined.count - maximumAdvice
    if more > 0 { lines.append(words.moreAdvice(Int64(more))) }
    if !facts.phone.isEmpty { lines.append(words.questions(facts.phone)) }
    lines.append(language.visitIsOver)
    let path = TextSafety.escaped(facts.path)
    if !path.isEmpty, TextWidth.columns(of: path) <= maximumPathColumns {
      lines.append(language.checkReceipt(path: path))
    }
    return lines.flatMap { Lines.wrapped($0) }
  }

  private static func promises(_ facts: ReceiptFacts, _ language: Language, _ words: ReceiptWords) -> [String] {
    let named = facts.brokenPromises.prefix(maximumPromises)
    let more = facts.brokenPromises.count - named.count
    return named.flatMap { PromiseNotice.sentences($0, language, words) }
      + (more > 0 ? [words.morePromises(Int64(more))] : [])
  }
}

/// The figures of a receipt, with their labels in a column.
struct ReceiptFigures {
  var facts: ReceiptFacts
  var language: Language
  var words: ReceiptWords

  var lines: [String] {
    let letOff = facts.lines.filter { $0.kind == .allowance }
    let items =
      [figure(words.worked, duration(facts.activeSeconds), bracketed(intervals)), charged]
      + facts.lines.filter { $0.kind != .allowance }.compactMap(item) + [shares].compactMap(\.self)
      + letOff.compactMap(item) + [total]
    return items.flatMap { $0 }
  }

  /// Whether a price was agreed when something was owed already. What is said of that rests on the lines above it.
  private var hasShares: Bool { facts.quote != nil && facts.owedBeforeQuote.minorUnits > 0 && !facts.lines.isEmpty }

  /// What the lines above make, and of it what was owed before and what came under the price: whoever adds up gets here, and
  /// goes on with what was let off.
  private var shares: [String]? {
    guard hasShares, let quote = facts.quote else { return nil }
    let whole = language.money(quote.amount)
    let terms = quote.kind == .fixed ? words.fixedBeside(whole) : words.atMost(whole)
    let text = words.quoteShares(
      money(beforeLetOff), language.money(facts.owedBeforeQuote), money(underQuote), withUse(terms, of: quote))
    return figure("", text)
  }

  /// The lines without what was let off.
  private var beforeLetOff: Int64 {
    facts.lines.reduce(0) { $0.addingSaturated($1.kind == .allowance ? 0 : $1.amount.minorUnits) }
  }

  /// What of it came under the quote.
  private var underQuote: Int64 { beforeLetOff.addingSaturated(-facts.owedBeforeQuote.minorUnits) }

  /// A price that took something off, and left less than itself: earlier visits had used the rest of it.
  private func withUse(_ terms: String, of quote: QuoteTerms) -> String {
    let used = quote.amount.minorUnits.addingSaturated(-underQuote)
    guard used > 0, underQuote >= 0, facts.lines.contains(where: { $0.kind == .quote }) else { return terms }
    return "\(terms), \(words.quoteUsed(money(used)))"
  }

  private func money(_ minor: Int64) -> String {
    language.money(Money(minorUnits: minor, currency: facts.total.currency))
  }

  private var charged: [String] {
    let reason: String? =
      switch facts.reason {
      case .exact: nil
      case .minimum: words.minimum
      case .begunPeriod: words.begun(facts.thenSeconds)
      case .grace: words.grace
      }
    return figure(words.charged, duration(facts.billedSeconds), bracketed(reason))
  }

  private var intervals: String? {
    guard !facts.intervals.isEmpty else { return nil }
    var list = facts.intervals.prefix(ReceiptText.maximumIntervals).map { language.clock(from: $0.from, to: $0.to) }
      .joined(separator: ", ")
    let more = facts.intervals.count - ReceiptText.maximumIntervals
    if more > 0 { list += " \(words.more(Int64(more)))" }
    return list
  }

  /// What the sum is made of. A single line of time at the full price says no more than the sum.
  private func item(_ line: ReceiptLine) -> [String]? {
    let name = line.technician
    let percent = line.percent == .hundred ? nil : language.percent(line.percent.description)
    let amount = language.money(line.amount)
    switch line.kind {
    case .included: return figure(words.included, duration(line.seconds), bracketed(name))
    case .rework: return figure(words.rework, timed(line, percent), amount, bracketed(name))
    case .time:
      if facts.lines.count == 1 && percent == nil && name == nil && !hasShares { return nil }
      return figure(words.time, timed(line, percent), amount, bracketed(name))
    case .callOut: return figure(words.callOut, percent.map { "\($0)  \(amount)" } ?? amount)
    case .quote:
      // The price stands in the words below where it is not all that was to pay.
      return figure(words.quote, amount, hasShares ? nil : bracketed(facts.quote.map(terms)))
    case .allowance: return figure(words.allowance, amount, bracketed(line.note))
    }
  }

  private func terms(of quote: QuoteTerms) -> String {
    let whole = language.money(quote.amount)
    return withUse(quote.kind == .fixed ? words.fixedPrice(whole) : words.atMost(whole), of: quote)
  }

  private func timed(_ line: ReceiptLine, _ percent: String?) -> String {
    percent.map { "\(duration(line.seconds)) × \($0)" } ?? duration(line.seconds)
  }

  private var total: [String] {
    if facts.total.minorUnits == 0 { return figure(words.toPay, words.nothing) }
    let tax: String
    if let known = facts.tax {
      let rate = language.percent(known.percent.description)
      let amount = language.decimal(known.amount.decimalText)
      tax = facts.prices == .gross ? words.taxIncluded(rate, amount) : words.taxOnTop(rate, amount)
    } else {
      tax = facts.prices == .gross ? words.taxIncludedPlain : words.taxOnTopPlain
    }
    return figure(words.toPay, language.money(facts.total), bracketed(tax))
  }

  private func duration(_ seconds: Int64) -> String { language.duration(seconds: seconds) }

  private func bracketed(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : "(\($0))" } }

  /// Label and values in one line, or each further value in lines of its own below the first.
  private func figure(_ label: String, _ values: String?...) -> [String] {
    let padding = labelColumns - TextWidth.columns(of: label)
    let start = label + String(repeating: " ", count: max(1, padding))
    let values = values.compactMap { $0 }
    let whole = start + values.joined(separator: "  ")
    if TextWidth.columns(of: whole) <= Lines.columns { return [whole] }
    let indent = String(repeating: " ", count: labelColumns)
    let wrapped = values.flatMap { Lines.wrapped($0, columns: Lines.columns - labelColumns) }
    return wrapped.enumerated().map { $0.offset == 0 ? start + $0.element : indent + $0.element }
  }

  private var labelColumns: Int {
    let labels = [
      words.worked, words.charged, words.included, words.rework, words.time, words.callOut, words.quote,
      words.allowance, words.toPay,
    ]
    return (labels.map { TextWidth.columns(of: $0) }.max() ?? 0) + 1
  }
}

extension ReceiptFacts {
  /// The same with what others wrote made fit to be shown and cut to so many columns. An address for mail is never cut to
  /// less than the longest there is.
  fileprivate func shortened(toColumns columns: Int) -> ReceiptFacts {
    var facts = self
    func short(_ text: String) -> String { Lines.field(text, columns: columns) }
    facts.shop = short(shop)
    facts.address = short(address)
    facts.phone = short(phone)
    facts.vatID = short(vatID)
    facts.customer = short(customer)
    facts.purpose = short(purpose)
    facts.technicians = technicians.prefix(ReceiptText.maximumTechnicians).map { short($0) }
    facts.adviceDeclined = adviceDeclined.map(short)
    facts.brokenPromises = brokenPromises.map { $0.shortened(toColumns: columns) }
    facts.email = Lines.field(email, columns: 254)
    facts.lines = lines.map { line in
      var line = line
      line.note = short(line.note)
      line.technician = line.technician.map { Lines.field($0, columns: 32) }
      return line
    }
    return facts
  }
}
