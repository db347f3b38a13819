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
    case .sessionAmount(let amount):
      (reached, goOn) = (words.session(language.money(amount)), words.goOn(language.money(amount)))
    case .sessionTime(let seconds):
      let time = language.duration(seconds: seconds)
      (reached, goOn) = (words.session(time), words.goOn(time))
    case .monthTime(let seconds):
      let time = language.duration(seconds: seconds)
      (reached, goOn) = (words.month(time), words.goOn(time))
    case .scope(let type): (reached, goOn) = (words.scope(Lines.field(type, columns: 20)), words.goOnOutOfScope)
    }
    let sum = facts.prices == .gross ? words.chargedGross(charged, duration) : words.chargedNet(charged, duration)
    return [reached, sum, words.waiting, goOn, words.stop, words.ask].flatMap { Lines.wrapped($0) }
      .joined(separator: "\n")
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
