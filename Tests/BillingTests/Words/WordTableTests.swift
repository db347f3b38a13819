import SessionModel
import Testing

@testable import Billing

/// That a language has every sentence is the compiler's business; that every sentence is used is tested here.
struct WordTableTests {
  @Test func noSentenceIsThereInVain() throws {
    let said = try everything(words: Self.marked).joined(separator: "\n")
    var count = 0
    for table in Mirror(reflecting: Self.marked).children {
      let name = try #require(table.label)
      for member in Mirror(reflecting: table.value).children.compactMap(\.label) {
        count += 1
        #expect(said.contains("<\(name).\(member)>"), "\(name).\(member) is never said")
      }
    }
    #expect(count > 100)
  }

  /// Everything that can be said, in small portions, so that nothing gives way for lack of room.
  private func everything(words: CustomerWords) throws -> [String] {
    var texts: [String] = []
    for (facts, _) in try Matrix.consents() {
      texts.append(ConsentText.text(facts, language: .english, words: words))
      // Names are longer than words: which short ones there is room for is not theirs to say.
      texts += ConsentMoney(facts: facts, language: .english, words: words).statements.map(\.short)
    }
    for facts in Matrix.limits() { texts.append(LimitQuestion.text(facts, language: .english, words: words.limit)) }
    for why in QuestionWithdrawal.allCases { texts.append(why.text(words.limit)) }
    texts.append(WorkNotice.text("consult", Samples.money("180.00"), .english, words.limit))
    for facts in Matrix.quotes() { texts.append(QuoteQuestion.text(facts, language: .english, words: words)) }
    for facts in try Matrix.receipts() {
      texts.append(ReceiptText.text(facts, language: .english, words: words.receipt))
    }
    return texts
  }

  /// A language whose sentences are their own names.
  private static let marked = CustomerWords(
    price: PriceWords(
      headGross: "<price.headGross>", headNet: "<price.headNet>", shortGross: "<price.shortGross>",
      shortNet: "<price.shortNet>", eachGross: "<price.eachGross>", eachNet: "<price.eachNet>",
      shortEachGross: "<price.shortEachGross>", shortEachNet: "<price.shortEachNet>",
      callOut: { " <price.callOut>\($0)" }, first: { "<price.first>\($0)\($1)" }, then: { "<price.then>\($0)\($1)" },
      every: { "<price.every>\($0)\($1)" }, hourly: { "<price.hourly>\($0)" },
      counting: { "<price.counting>\($0)\($1)" }, countingEvery: { "<price.countingEvery>\($0)" },
      shortFirst: { "<price.shortFirst>\($0)\($1)" }, shortThen: { "<price.shortThen>\($0)\($1)" },
      shortEvery: { "<price.shortEvery>\($0)\($1)" }, shortCounting: { "<price.shortCounting>\($0)\($1)" },
      shortCountingEvery: { "<price.shortCountingEvery>\($0)" }, percentNow: { "<price.percentNow>\($0)" },
      outOfHoursNow: { "<price.outOfHoursNow>\($0)" }, shortOutOfHoursNow: { "<price.shortOutOfHoursNow>\($0)" },
      outOfHoursLater: { "<price.outOfHoursLater>\($0)\($1)\($2)" }, otherWork: { "<price.otherWork>\($0)" },
      otherWorkAtMost: { "<price.otherWorkAtMost>\($0)" }, otherWorkHourly: { "<price.otherWorkHourly>\($0)" },
      otherWorkHourlyAtMost: { "<price.otherWorkHourlyAtMost>\($0)" }, dearer: { "<price.dearer>\($0)" },
      dearerLater: { "<price.dearerLater>\($0)\($1)\($2)" }, dearerWork: { "<price.dearerWork>\($0)" },
      dearerWorkHourly: { "<price.dearerWorkHourly>\($0)" },
      otherWorkLater: { "<price.otherWorkLater>\($0)\($1)\($2)" },
      dearerWorkLater: { "<price.dearerWorkLater>\($0)\($1)\($2)" }),
    consent: ConsentWords(
      who: "<consent.who>", why: "<consent.why>", reworkFree: { "<consent.reworkFree>\($0)" },
      reworkPrice: { "<consent.reworkPrice>\($0)\($1)" },
      shortReworkPrice: { "<consent.shortReworkPrice>\($0)\($1)" },
      reworkShare: { "<consent.reworkShare>\($0)\($1)" },
      shortReworkShare: { "<consent.shortReworkShare>\($0)\($1)" },
      continuing: "<consent.continuing>",
      included: { "<consent.included>\($0)" }, shortIncluded: { "<consent.shortIncluded>\($0)" },
      includedUsual: { "<consent.includedUsual>\($0)" }, shortIncludedUsual: { "<consent.shortIncludedUsual>\($0)" },
      atMost: { "<consent.atMost>\($0)" }, atMostLeft: { "<consent.atMostLeft>\($0)\($1)" },
      fixedGross: { "<consent.fixedGross>\($0)" }, fixedNet: { "<consent.fixedNet>\($0)" },
      fixedUsed: { "<consent.fixedUsed>\($0)" },
      limit: { "<consent.limit>\($0)" }, shortLimit: { "<consent.shortLimit>\($0)" },
      thisMonth: { "<consent.thisMonth>\($0)" }, or: "<consent.or>", withdrawal: "<consent.withdrawal>",
      yesNo: "<consent.yesNo>", yesNoFree: "<consent.yesNoFree>"),
    allowances: AllowanceWords(
      change: "<allowances.change>", read: "<allowances.read>", write: "<allowances.write>",
      nothing: "<allowances.nothing>", changeAndConnect: "<allowances.changeAndConnect>",
      readAndConnect: "<allowances.readAndConnect>", writeAndConnect: "<allowances.writeAndConnect>",
      connect: "<allowances.connect>"),
    limit: LimitWords(
      session: { "<limit.session>\($0)" }, month: { "<limit.month>\($0)" }, scope: { "<limit.scope>\($0)" },
      chargedGross: { "<limit.chargedGross>\($0)\($1)" }, chargedNet: { "<limit.chargedNet>\($0)\($1)" },
      waiting: "<limit.waiting>", goOn: { "<limit.goOn>\($0)" }, goOnOutOfScope: { "<limit.goOnOutOfScope>\($0)" },
      goOnAgreed: "<limit.goOnAgreed>",
      stop: "<limit.stop>", ask: "<limit.ask>", agreedWorkGoesOn: "<limit.agreedWorkGoesOn>",
      shopGoesOn: "<limit.shopGoesOn>", answeredElsewhere: "<limit.answeredElsewhere>", replaced: "<limit.replaced>",
      workNow: { "<limit.workNow>\($0)\($1)" }),
    quote: QuoteWords(
      offer: { "<quote.offer>\($0)" }, work: "<quote.work>", atMostGross: { "<quote.atMostGross>\($0)" },
      atMostNet: { "<quote.atMostNet>\($0)" }, fixedGross: { "<quote.fixedGross>\($0)" },
      fixedNet: { "<quote.fixedNet>\($0)" }, binding: "<quote.binding>", staysOwed: "<quote.staysOwed>",
      yesNo: "<quote.yesNo>"),
    receipt: ReceiptWords(
      title: { "<receipt.title>\($0)\($1)" }, provisionalTitle: { "<receipt.provisionalTitle>\($0)\($1)" },
      provisional: "<receipt.provisional>", vatID: { "<receipt.vatID>\($0)" },
      forCustomer: { "<receipt.forCustomer>\($0)\($1)" }, forPurpose: { "<receipt.forPurpose>\($0)" },
      result: { "<receipt.result>\($0)\($1)" }, fixed: "<receipt.fixed>", onSite: "<receipt.onSite>",
      outOfScope: "<receipt.outOfScope>", customerEquipment: "<receipt.customerEquipment>",
      abandoned: "<receipt.abandoned>", worked: "<receipt.worked>", charged: "<receipt.charged>",
      included: "<receipt.included>", rework: "<receipt.rework>", time: "<receipt.time>",
      callOut: "<receipt.callOut>", quote: "<receipt.quote>", allowance: "<receipt.allowance>",
      toPay: "<receipt.toPay>", more: { "<receipt.more>\($0)" }, minimum: "<receipt.minimum>",
      begun: { "<receipt.begun>\($0)" }, grace: "<receipt.grace>",
      atMost: { "<receipt.atMost>\($0)" }, fixedPrice: { "<receipt.fixedPrice>\($0)" },
      fixedBeside: { "<receipt.fixedBeside>\($0)" }, quoteUsed: { "<receipt.quoteUsed>\($0)" },
      quoteShares: { "<receipt.quoteShares>\($0)\($1)\($2)\($3)" }, nothing: "<receipt.nothing>",
      taxIncluded: { "<receipt.taxIncluded>\($0)\($1)" }, taxIncludedPlain: "<receipt.taxIncludedPlain>",
      taxOnTop: { "<receipt.taxOnTop>\($0)\($1)" }, taxOnTopPlain: "<receipt.taxOnTopPlain>",
      payLater: { "<receipt.payLater>\($0)" }, consentAt: { "<receipt.consentAt>\($0)" },
      consentOn: { "<receipt.consentOn>\($0)\($1)" }, fixedRest: { "<receipt.fixedRest>\($0)\($1)" },
      promiseBroken: { "<receipt.promiseBroken>\($0)" }, promiseReason: { "<receipt.promiseReason>\($0)\($1)" },
      morePromises: { "<receipt.morePromises>\($0)" }, includedLeft: { "<receipt.includedLeft>\($0)" },
      sameFree: { "<receipt.sameFree>\($0)" },
      samePartly: { "<receipt.samePartly>\($0)\($1)" }, advice: { "<receipt.advice>\($0)" },
      moreAdvice: { "<receipt.moreAdvice>\($0)" },
      questions: { "<receipt.questions>\($0)" }, nothingDone: "<receipt.nothingDone>"))
}
