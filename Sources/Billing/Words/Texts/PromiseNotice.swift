public import SessionModel

/// What the customer is told when a promise of his running session is broken. His receipt says it in the same words.
public enum PromiseNotice {
  /// What was promised and why it is not kept, in lines of at most 60 columns.
  public static func text(_ promise: BrokenPromise, in language: Language) -> String {
    let words = CustomerWords.of(language).receipt
    return sentences(promise.shortened(toColumns: 2 * Lines.columns), language, words).flatMap { Lines.wrapped($0) }
      .joined(separator: "\n")
  }

  static func sentences(_ promise: BrokenPromise, _ language: Language, _ words: ReceiptWords) -> [String] {
    let terms = [promise.price.map { language.money($0) }, promise.date.map { language.date($0) }].compactMap(\.self)
    let bracketed = terms.isEmpty ? "" : " (\(terms.joined(separator: ", ")))"
    return [words.promiseBroken(promise.text + bracketed)]
      + (promise.reason.isEmpty ? [] : [words.promiseReason(promise.by, promise.reason)])
  }
}
