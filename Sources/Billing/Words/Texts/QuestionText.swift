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
  /// The question, without a line feed at the end.
  public static func text(_ facts: QuoteFacts, in language: Language) -> String {
    text(facts, language: language, words: CustomerWords.of(language).quote)
  }

  static func text(_ facts: QuoteFacts, language: Language, words: QuoteWords) -> String {
    let amount = language.money(facts.terms.amount)
    let price =
      switch (facts.terms.kind, facts.prices) {
      case (.notToExceed, .gross): words.atMostGross(amount)
      case (.notToExceed, .net): words.atMostNet(amount)
      case (.fixed, .gross): words.fixedGross(amount)
      case (.fixed, .net): words.fixedNet(amount)
      }
    let work = Lines.wrapped(words.work + Lines.field(facts.work))
    let workLines =
      work.count <= 2 ? work : [work[0], TextWidth.cut(work[1...].joined(separator: " "), toColumns: Lines.columns)]
    return
      (Lines.wrapped(words.offer(Lines.field(facts.technician, columns: 32)))
      + workLines
      + [price, words.binding].flatMap { Lines.wrapped($0) } + [words.yesNo])
      .joined(separator: "\n")
  }
}
