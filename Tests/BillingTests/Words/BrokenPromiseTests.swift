import SessionModel
import Testing

@testable import Billing

/// What customers read of promises that were not kept.
struct BrokenPromiseTests {
  @Test func theReceiptSaysWhatWasPromisedAndWhyItWasNotKept() throws {
    var facts = try Samples.receipt()
    let before = lines(ReceiptText.text(facts, in: .english))
    facts.brokenPromises = Array(Matrix.brokenPromises.prefix(3))
    let text = ReceiptText.text(facts, in: .english)
    #expect(
      text.contains(
        """
        A promise was not kept: at most 30 euro (30.00 EUR)
        Reason given by bob: it was a different problem
        A promise was not kept: a new disk (1 March 2026)
        Reason given by anna: no parts came
        A promise was not kept: nobody else sees it
        Reason given by anna: the owner asked
        """), "\(text)")
    #expect(lines(text).count == before.count + 6 && Set(before).isSubset(of: lines(text)))
  }

  @Test func moreThanAreNamedAreCounted() throws {
    var facts = try Samples.receipt()
    facts.brokenPromises = Matrix.brokenPromises
    let text = ReceiptText.text(facts, in: .english)
    #expect(text.contains("\nMore promises that were not kept: 2.\n") && !text.contains("promise 4"), "\(text)")
    facts.brokenPromises.removeLast(2)
    #expect(!ReceiptText.text(facts, in: .english).contains("More promises"))
  }

  /// On the screen when it is broken, and on the receipt: the same words, in his language, whole.
  @Test(arguments: Language.allCases) func theScreenSaysTheSame(language: Language) throws {
    for promise in Matrix.brokenPromises {
      let notice = PromiseNotice.text(promise, in: language)
      var facts = try Samples.receipt()
      facts.brokenPromises = [promise]
      #expect(ReceiptText.text(facts, in: language).contains("\n\(notice)\n"), "\(notice)")
      let told = [
        promise.text, promise.price.map { language.money($0) }, promise.date.map { language.date($0) }, promise.reason,
        promise.by,
      ]
      for part in told.compactMap(\.self) {
        #expect(lines(notice).joined(separator: " ").contains(part), "\(part) in \(notice)")
      }
      #expect(language == .english || !notice.contains("promise was"), "\(notice)")
    }
  }

  @Test func whatOthersWroteIsMadeFitToBeShown() {
    let long = String(repeating: "word ", count: 60)
    let notice = PromiseNotice.text(
      BrokenPromise(text: "\u{202e}\(long)", reason: "\u{1b}[2J\(long)", by: "bob"), in: .english)
    #expect(TextSafety.problem(inShownText: notice) == nil && notice.contains("…"), "\(notice)")
    #expect(lines(notice).allSatisfy { TextWidth.columns(of: $0) <= 60 }, "\(notice)")
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
