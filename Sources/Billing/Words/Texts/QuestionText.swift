public import SessionModel

/// The question before a limit would be passed: what is reached, what is owed so far, and three choices. Fits eight lines of
/// 60 columns.
public enum LimitQuestion {
  /// The question, without a line feed at the end. The choices are numbered 1 (go on), 2 (stop), 3 (ask for a price).
  public static func text(_ facts: LimitFacts, in language: Language) -> String {
    text(facts, language: language, words: CustomerWords.of(language).limit)
  }

  static func text(_ facts: LimitFacts, language: Language, words: LimitWords) -> String {
    let (charged, duration) = (language.money(facts.charged), language.duration(seconds: facts.billedSeconds))
    let reached: String
    let goOn: String
    switch facts.limit {
    case .sessionAmount(let amount, let granted):
      (reached, goOn) = (words.session(language.money(amount)), words.goOn(language.money(granted)))
    case .sessionTime(let seconds, let granted):
      (reached, goOn) = (
        words.session(language.duration(seconds: seconds)), words.goOn(language.duration(seconds: granted))
      )
    case .monthTime(let seconds, let granted):
      (reached, goOn) = (
        words.month(language.duration(seconds: seconds)), words.goOn(language.duration(seconds: granted))
      )
    case .scope(let type):
      reached = words.scope(Lines.field(type, columns: 20))
      goOn = facts.isPriceAgreed ? words.goOnAgreed : words.goOnOutOfScope
    }
    let sum = words.charged(charged, duration, facts.prices)
    return [reached, sum, words.waiting, goOn, words.stop, words.ask].flatMap { Lines.wrapped($0) }
      .joined(separator: "\n")
  }
}

extension LimitWords {
  /// What is charged so far, for how long.
  func charged(_ amount: String, _ duration: String, _ prices: PriceBasis) -> String {
    prices == .gross ? chargedGross(amount, duration) : chargedNet(amount, duration)
  }
}

/// The question that offers a price, to be answered by yes or no. Fits eight lines of 60 columns.
public enum QuoteQuestion {
  /// The question, without a line feed at the end. What is charged by now is said where there is anything: it stays owed.
  public static func text(_ facts: QuoteFacts, in language: Language) -> String {
    text(facts, language: language, words: CustomerWords.of(language))
  }

  static func text(_ facts: QuoteFacts, language: Language, words: CustomerWords) -> String {
    let quote = words.quote
    let amount = language.money(facts.terms.amount)
    let price =
      switch (facts.terms.kind, facts.prices) {
      case (.notToExceed, .gross): quote.atMostGross(amount)
      case (.notToExceed, .net): quote.atMostNet(amount)
      case (.fixed, .gross): quote.fixedGross(amount)
      case (.fixed, .net): quote.fixedNet(amount)
      }
    var sentences = [price, quote.binding]
    if facts.charged.minorUnits > 0 {
      let duration = language.duration(seconds: facts.billedSeconds)
      sentences += [words.limit.charged(language.money(facts.charged), duration, facts.prices), quote.staysOwed]
    }
    let offer = Lines.wrapped(quote.offer(Lines.field(facts.technician, columns: 32)))
    // All but the work and the answer, which have a line each at least.
    let room = ConsentText.maximumLines - offer.count - 2
    var money = sentences.flatMap { Lines.wrapped($0) }
    if money.count > room { money = Lines.wrapped(sentences.joined(separator: " ")) }
    return (offer + work(facts.work, quote, isLong: money.count < room) + money + [quote.yesNo]).joined(separator: "\n")
  }

  /// One line, or two.
  private static func work(_ text: String, _ words: QuoteWords, isLong: Bool) -> [String] {
    let lines = Lines.wrapped(words.work + Lines.field(text))
    guard lines.count > (isLong ? 2 : 1) else { return lines }
    let cut = TextWidth.cut(lines.dropFirst(isLong ? 1 : 0).joined(separator: " "), toColumns: Lines.columns)
    return isLong ? [lines[0], cut] : [cut]
  }
}
