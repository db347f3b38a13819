import SessionModel

/// Commands about what a session costs.
extension DeskCommand {
  static let moneyFamilies: [String: Family] = [
    "quote": Family("quote SESSION|CASE --fixed AMOUNT|--not-to-exceed AMOUNT --text TEXT", quote),
    "discount": Family("discount SESSION --percent N|--amount AMOUNT --reason TEXT", discount),
    "waive": Family("waive SESSION --reason TEXT") { (words: inout DeskWords) throws(Mistake) in
      let session = try words.session()
      return .allow(session, .all, reason: try reason(&words))
    },
  ]

  private static func quote(_ words: inout DeskWords) throws(Mistake) -> DeskCommand {
    let target = try words.target()
    let fixed = try words.optional("--fixed")
    let atMost = try words.optional("--not-to-exceed")
    guard let amount = fixed ?? atMost, fixed == nil || atMost == nil else {
      throw words.mistake("A quote has one price: --fixed or --not-to-exceed.")
    }
    return .quote(target, DeskQuote(isFixed: fixed != nil, amount: amount, text: try reason(&words, "--text")))
  }

  private static func discount(_ words: inout DeskWords) throws(Mistake) -> DeskCommand {
    let session = try words.session()
    let percent = try words.optional("--percent")
    let amount = try words.optional("--amount")
    let reduction: DeskReduction
    switch (percent, amount) {
    case (let percent?, nil): reduction = .percent(percent)
    case (nil, let amount?): reduction = .amount(amount)
    case (nil, nil), (_?, _?): throw words.mistake("A discount is a share or an amount: --percent or --amount.")
    }
    return .allow(session, reduction, reason: try reason(&words))
  }

  /// What stands on a customer's document, in one short line.
  private static func reason(
    _ words: inout DeskWords, _ option: String = "--reason"
  ) throws(Mistake) -> String {
    let text = try words.required(option)
    guard TextSafety.problem(inField: text) == nil else {
      throw words.mistake("\(option) has at most \(TextSafety.maximumFieldScalars) characters.")
    }
    return text
  }
}
