import SessionModel

/// Every sentence of one language that the relay writes for customers. No member has a default: a language without one of
/// them does not compile. Amounts, percentages, dates and durations come in already written as the language writes them;
/// lengths of periods come in seconds, because the words around them change with the number.
struct CustomerWords: Sendable {
  var price: PriceWords
  var consent: ConsentWords
  var allowances: AllowanceWords
  var limit: LimitWords
  var quote: QuoteWords
  var receipt: ReceiptWords

  /// The one table of a language.
  static func of(_ language: Language) -> CustomerWords {
    switch language {
    case .english: english
    case .korean: korean
    case .finnish: finnish
    case .russian: russian
    case .polish: polish
    }
  }
}

/// What a price is made of.
struct PriceWords: Sendable {
  typealias Text = @Sendable (String) -> String
  typealias Period = @Sendable (_ price: String, _ seconds: Int64) -> String

  /// Before a price that contains tax, or does not; short where there is little room.
  var headGross, headNet, shortGross, shortNet: String
  /// The same where two technicians cost twice.
  var eachGross, eachNet, shortEachGross, shortEachNet: String
  /// Of the fee, before the rest of the price; begins with a space and ends with a comma.
  var callOut: Text
  /// `22.50 EUR for the first 15 minutes,`
  var first: Period
  /// `then 9.00 EUR for every 6 minutes begun.`
  var then: Period
  /// `9.00 EUR for every 6 minutes begun.`
  var every: Period
  /// `90.10 EUR an hour.`
  var hourly: Text
  /// `We charge the whole first minute, then every minute begun.`
  var counting: @Sendable (_ firstSeconds: Int64, _ thenSeconds: Int64) -> String
  /// `We charge every minute begun.`
  var countingEvery: @Sendable (_ seconds: Int64) -> String
  /// The same, abbreviated.
  var shortFirst, shortThen, shortEvery: Period
  var shortCounting: @Sendable (_ firstSeconds: Int64, _ thenSeconds: Int64) -> String
  var shortCountingEvery: @Sendable (_ seconds: Int64) -> String
  /// What holds is so many percent of the price named.
  var percentNow: Text
  /// The price named is the one out of hours: so many percent of the usual one.
  var outOfHoursNow, shortOutOfHoursNow: Text
  /// From a time of day on, today's or tomorrow's, the price is so many percent of the one named.
  var outOfHoursLater: @Sendable (_ percent: String, _ clock: String, _ isTomorrow: Bool) -> String
  /// Kinds of work with their percentages, in one list; then the highest of them.
  var otherWork, otherWorkAtMost: Text
  /// The same with what an hour of them costs, where the price named is nothing.
  var otherWorkHourly, otherWorkHourlyAtMost: Text
  /// All that makes it dearer, in one list of the items below.
  var dearer: Text
  var dearerLater: @Sendable (_ percent: String, _ clock: String, _ isTomorrow: Bool) -> String
  var dearerWork, dearerWorkHourly: Text
  /// What an hour of other work costs at most from a time of day on, today's or tomorrow's; then in that list.
  var otherWorkLater, dearerWorkLater: @Sendable (_ price: String, _ clock: String, _ isTomorrow: Bool) -> String
}

/// The consent screen around the price.
struct ConsentWords: Sendable {
  typealias Text = @Sendable (String) -> String

  /// Labels, with the space behind them.
  var who, why: String
  /// Rework that costs nothing, until a day.
  var reworkFree: Text
  /// The price before it is rework's: so many percent of the usual one, until a day.
  var reworkPrice, shortReworkPrice: @Sendable (_ percent: String, _ date: String) -> String
  /// The price before it is the usual one, of which rework costs so many percent, until a day.
  var reworkShare, shortReworkShare: @Sendable (_ percent: String, _ date: String) -> String
  /// The session continues one with a first period of its own.
  var continuing: String
  /// So much included time is left.
  var included, shortIncluded: Text
  /// The same where it does not pay for work out of hours.
  var includedUsual, shortIncludedUsual: Text
  /// A quote not to exceed; then one of which a part is used.
  var atMost: Text
  var atMostLeft: @Sendable (_ amount: String, _ left: String) -> String
  /// A fixed quote, which stands in place of the price; then one that was charged already.
  var fixedGross, fixedNet, fixedUsed: Text
  /// What is never passed without asking.
  var limit, shortLimit: Text
  /// So much time in this month.
  var thisMonth: Text
  /// Between the last two of several limits, with spaces.
  var or: String
  /// The work begins at once, and ends the consumer's right to cancel.
  var withdrawal: String
  /// Which letter is yes and which is no; then where a yes costs nothing either.
  var yesNo, yesNoFree: String
}

/// What a yes permits, and that Ctrl+C ends it. Each fits one line.
struct AllowanceWords: Sendable {
  var change, read, write, nothing: String
  var changeAndConnect, readAndConnect, writeAndConnect, connect: String
}

/// The question before a limit.
struct LimitWords: Sendable {
  typealias Text = @Sendable (String) -> String
  /// Which limit: of the session's amount or time, of the month's time, of the kinds of work.
  var session, month, scope: Text
  /// What is charged so far, for how long.
  var chargedGross, chargedNet: @Sendable (_ amount: String, _ duration: String) -> String
  /// No time counts until an answer is given.
  var waiting: String
  /// The choices, with their numbers: to go on until so much in all; at what an hour of work costs that was not agreed, or at
  /// the price that was agreed for all work; to stop; to be told a price.
  var goOn, goOnOutOfScope: Text
  var goOnAgreed, stop, ask: String
  /// Why a question was taken back: work goes on that was agreed; a supervisor lets it go on; the answer to another visit's
  /// question counts here too; another question is asked.
  var agreedWorkGoesOn, shopGoesOn, answeredElsewhere, replaced: String
  /// Another kind of work begins: which, and what an hour of it costs.
  var workNow: @Sendable (_ type: String, _ price: String) -> String
}

/// The question that offers a price.
struct QuoteWords: Sendable {
  typealias Text = @Sendable (String) -> String
  /// Who offers.
  var offer: Text
  /// The label of the work, with the space behind it.
  var work: String
  var atMostGross, atMostNet, fixedGross, fixedNet: Text
  /// What a quote means.
  var binding: String
  /// Behind what is charged so far: that stays owed, on top of the price that is offered.
  var staysOwed: String
  var yesNo: String
}

/// The receipt.
struct ReceiptWords: Sendable {
  typealias Text = @Sendable (String) -> String
  typealias Two = @Sendable (_ first: String, _ second: String) -> String

  /// Identifier and day.
  var title, provisionalTitle: Two
  /// The relay has not signed it.
  var provisional: String
  var vatID: Text
  /// Customer and purpose, or one of them.
  var forCustomer: Two
  var forPurpose: Text
  /// How it ended, and who worked.
  var result: Two
  var fixed, onSite, outOfScope, customerEquipment, abandoned: String
  /// Labels of the figures.
  var worked, charged, included, rework, time, callOut, quote, allowance, toPay: String
  /// How many intervals are not shown.
  var more: @Sendable (Int64) -> String
  /// Why what is charged is not what was worked.
  var minimum: String
  var begun: @Sendable (_ seconds: Int64) -> String
  var grace: String
  /// The quote that held; then a fixed one beside which something else is to pay, and how much of a quote earlier visits used.
  var atMost, fixedPrice, fixedBeside, quoteUsed: Text
  /// What the figures above make: what was owed when a price was agreed, and what came under it; how that binds.
  var quoteShares: @Sendable (_ sum: String, _ before: String, _ under: String, _ terms: String) -> String
  var nothing: String
  /// Rate and amount of the tax; the plain ones where they are not known.
  var taxIncluded: Two
  var taxIncludedPlain: String
  var taxOnTop: Two
  var taxOnTopPlain: String
  var payLater: Text
  /// When the yes was given: the time; then on another day than the receipt's.
  var consentAt: Text
  var consentOn: Two
  /// A fixed price, and what of it is charged when the case is closed.
  var fixedRest: Two
  /// A promise that was not kept, and why: who says so, and his reason.
  var promiseBroken: Text
  var promiseReason: Two
  /// So many more were not kept than are named.
  var morePromises: @Sendable (Int64) -> String
  /// How much included time is left in this month.
  var includedLeft: Text
  /// What the same problem costs again, until a day.
  var sameFree: Text
  var samePartly: Two
  var advice: Text
  /// So many pieces of declined advice before those that are named.
  var moreAdvice: @Sendable (Int64) -> String
  var questions: Text
  var nothingDone: String
}
