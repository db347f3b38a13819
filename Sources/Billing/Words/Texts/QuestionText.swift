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
      goOn = facts.isPriceAgreed ? words.goOnAgreed : words.goOnOutOfScope(language.money(facts.hourly))
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

/// What the consent says of a limit, for a receipt that has to say that it was passed without asking.
public enum LimitPromise {
  /// The sentence of the consent; nil for the kinds of work, of which it says nothing.
  public static func text(_ limit: ReachedLimit, in language: Language) -> String? {
    let words = CustomerWords.of(language).consent
    return switch limit {
    case .sessionAmount(let amount, _): words.limit(language.money(amount))
    case .sessionTime(let seconds, _): words.limit(language.duration(seconds: seconds))
    case .monthTime(let seconds, _): words.limit(words.thisMonth(language.duration(seconds: seconds)))
    case .scope: nil
    }
  }
}

/// Why a question is taken off the customer's screen before he has answered it.
public enum QuestionWithdrawal: Hashable, Sendable, CaseIterable {
  /// Work goes on that was agreed.
  case agreedWork
  /// A supervisor lets work go on past the limit.
  case override
  /// What he answered in another session counts here too.
  case answeredElsewhere
  /// Another question is asked.
  case replaced

  /// A sentence.
  public func text(in language: Language) -> String { text(CustomerWords.of(language).limit) }

  func text(_ words: LimitWords) -> String {
    switch self {
    case .agreedWork: words.agreedWorkGoesOn
    case .override: words.shopGoesOn
    case .answeredElsewhere: words.answeredElsewhere
    case .replaced: words.replaced
    }
  }
}

/// What the customer is told when another kind of work begins in his session.
public enum WorkNotice {
  /// One line: which work, and what an hour of it costs now, rounded up.
  public static func text(_ type: String, plan: Plan, at now: WallTime, in language: Language) -> String {
    text(type, plan.hourly(of: type, at: now), language, CustomerWords.of(language).limit)
  }

  static func text(_ type: String, _ hourly: Money, _ language: Language, _ words: LimitWords) -> String {
    words.workNow(Lines.field(type, columns: 20), language.money(hourly))
  }
}

/// The question that offers a price, to be answered by yes or no. Fits eight lines of 60 columns, unless the work takes more
/// than two to describe: it is what he agrees to, and is not cut.
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
    let work = Lines.wrapped(quote.work + Lines.field(facts.work, columns: workColumns))
    let room = ConsentText.maximumLines - offer.count - work.count - 1
    var money = sentences.flatMap { Lines.wrapped($0) }
    if money.count > room { money = Lines.wrapped(sentences.joined(separator: " ")) }
    return (offer + work + money + [quote.yesNo]).joined(separator: "\n")
  }

  /// The desk takes no text that is wider (200 characters, of two columns each at most).
  private static let workColumns = 2 * TextSafety.maximumFieldScalars
}
