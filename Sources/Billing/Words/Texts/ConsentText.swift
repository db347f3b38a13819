public import SessionModel

/// What the customer reads before anybody may touch the machine, and says yes to. The agent shows it word for word.
///
/// There are eight lines: who, why, what is allowed, the right to cancel (consumers) and the answers have one each, the rest
/// is for money. Where that is too little, the second line of why goes first; then words are shortened, what ranks lowest
/// (``Statement/Rank``) first; then lines are run together; then remarks are left out. Nothing that is agreed to ever is:
/// prices, what raises them, quotes, limits and included time of plans that have everything at once take more lines.
public enum ConsentText {
  /// Widest line, in terminal columns.
  public static let maximumColumns = Lines.columns
  /// The lines that a screen is made to fit.
  public static let maximumLines = 8
  /// The lines that it has at most, when a plan has everything at once; a question the same. With what the agent says around
  /// it, it fits a terminal of 20.
  public static let mostLines = 14

  /// The consent screen: at most eight lines of at most 60 columns, without a line feed at the end. Names that do not fit are
  /// cut with `…`, the shop before the phone number before the technician's name.
  public static func text(_ facts: ConsentFacts, in language: Language) -> String {
    text(facts, language: language, words: CustomerWords.of(language))
  }

  static func text(_ facts: ConsentFacts, language: Language, words: CustomerWords) -> String {
    let consent = words.consent
    var closing = [allowance(facts.allowances, words.allowances)]
    if facts.isConsumer && !facts.isFree { closing.append(consent.withdrawal) }
    closing.append(facts.isFree ? consent.yesNoFree : consent.yesNo)
    let who = whoLine(facts, consent)
    let room = maximumLines - closing.count - 1
    let money = Statement.lines(
      ConsentMoney(facts: facts, language: language, words: words).statements,
      maximum: room - (facts.purpose.isEmpty ? 0 : 1))
    let why = whyLines(facts.purpose, consent, maximum: max(1, room - money.count))
    return ([who] + why + money + closing).joined(separator: "\n")
  }

  private static func whoLine(_ facts: ConsentFacts, _ words: ConsentWords) -> String {
    let room = maximumColumns - TextWidth.columns(of: words.who)
    let name = Lines.field(facts.technician, columns: 32)
    var left = room - TextWidth.columns(of: name)
    let phone = Lines.field(facts.phone, columns: left - 2)
    if !phone.isEmpty { left -= TextWidth.columns(of: phone) + 2 }
    // A shop cut to a letter or two says nothing.
    let fullShop = Lines.clean(facts.shop)
    let isLegible = left >= 6 || TextWidth.columns(of: fullShop) + 2 <= left
    let shop = isLegible ? TextWidth.cut(fullShop, toColumns: left - 2) : ""
    return words.who + [name, shop, phone].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Two lines at most: a long purpose must not push the price out of sight.
  private static func whyLines(_ purpose: String, _ words: ConsentWords, maximum: Int) -> [String] {
    let text = Lines.clean(purpose)
    guard !text.isEmpty, maximum > 0 else { return [] }
    let line = words.why + text
    if TextWidth.columns(of: line) <= maximumColumns { return [line] }
    let wrapped = Lines.wrapped(line)
    guard maximum >= 2, TextWidth.columns(of: wrapped[0]) > maximumColumns / 2 else {
      return [TextWidth.cut(line, toColumns: maximumColumns)]
    }
    return [wrapped[0], TextWidth.cut(wrapped[1...].joined(separator: " "), toColumns: maximumColumns)]
  }

  /// What the yes permits, truly: a shell can change any file, and whoever may connect onwards reaches the network.
  private static func allowance(_ allowances: Allowances, _ words: AllowanceWords) -> String {
    let changes = allowances.contains(.shell) || allowances.contains([.readFiles, .writeFiles])
    let connects = allowances.contains(.forward)
    if changes { return connects ? words.changeAndConnect : words.change }
    if allowances.contains(.readFiles) { return connects ? words.readAndConnect : words.read }
    if allowances.contains(.writeFiles) { return connects ? words.writeAndConnect : words.write }
    return connects ? words.connect : words.nothing
  }
}

/// What the consent screen says of money.
struct ConsentMoney {
  var facts: ConsentFacts
  var language: Language
  var words: CustomerWords

  /// In the order in which they are read.
  var statements: [Statement] {
    if let rework = facts.rework, rework.percent <= .zero {
      return [Statement(.owed, consent.reworkFree(language.date(rework.until)))] + limit
    }
    // It stands in place of every other price, rework's too: the case costs exactly this.
    if let quote = facts.quote, quote.kind == .fixed {
      let amount = language.money(quote.amount)
      if facts.isFree { return [Statement(.owed, consent.fixedUsed(amount))] + limit }
      let price = facts.plan.prices == .gross ? consent.fixedGross(amount) : consent.fixedNet(amount)
      return [Statement(.owed, price)] + limit
    }
    if let rework = facts.rework { return self.rework(rework) }
    return price + raising + quote + limit + included + continuing
  }

  private var consent: ConsentWords { words.consent }

  /// Rework has one price: no hour and no kind of work changes it, and included time does not pay it.
  private func rework(_ terms: ReworkTerms) -> [Statement] {
    let until = language.date(terms.until)
    var price = self.plainPrice
    price.rework = terms.percent
    let percent = language.percent(terms.percent.description)
    // Where no price at that percentage is exact, the usual one stands before it.
    let share =
      price.named == terms.percent
      ? Statement(.owed, consent.reworkPrice(percent, until), short: consent.shortReworkPrice(percent, until))
      : Statement(.owed, consent.reworkShare(percent, until), short: consent.shortReworkShare(percent, until))
    return Array(price.statements.prefix(1)) + [share] + quote + limit + continuing
  }

  private var plainPrice: Price {
    var price = Price(plan: facts.plan, language: language, words: words.price)
    price.continues = facts.continues
    price.perTechnician = facts.eachTechnician
    return price
  }

  private var hour: Percent { facts.outOfHours.now ?? .hundred }

  /// The one of the first kind of work at this hour.
  private var namedPrice: Price {
    var price = plainPrice
    price.hour = hour
    return price
  }

  private var price: [Statement] {
    let statements = namedPrice.statements
    guard hour != .hundred else { return statements }
    let text = language.percent(hour.description)
    // Where the percentage had to be said by itself, it is said already.
    if statements.count > 1 { return statements }
    return statements + [
      Statement(.remark, words.price.outOfHoursNow(text), short: words.price.shortOutOfHoursNow(text))
    ]
  }

  /// What may make it dearer than the price that was named.
  private var raising: [Statement] {
    let rises = facts.outOfHours.rises.compactMap { rise in
      firstWork.share(of: namedPrice.named, hour: rise.percent).map {
        (share: language.percent($0.description), clock: language.clock(rise.from), rise.isTomorrow)
      }
    }
    var pieces = rises.map(words.price.outOfHoursLater)
    var short = rises.map(words.price.dearerLater)
    let other = otherWork
    pieces += [other?.full].compactMap { $0 }
    short += [other?.dearer].compactMap { $0 }
    // Each by itself says too little: such work at that hour costs their product (the rules multiply percentages).
    // Named is when the hours begin to be dearer, and what the dearest of them costs.
    if let work = highestWork, let first = facts.outOfHours.rises.first, let last = facts.outOfHours.rises.last,
      other?.dearer != nil
    {
      let amount = language.money(work.hourly(facts.plan, hour: last.percent))
      pieces.append(words.price.otherWorkLater(amount, language.clock(first.from), first.isTomorrow))
      short.append(words.price.dearerWorkLater(amount, language.clock(first.from), first.isTomorrow))
    }
    // Under a quote nothing is dearer than the quote.
    let rank: Statement.Rank = facts.quote == nil ? .owed : .remark
    if !short.isEmpty {
      return [Statement(rank, pieces: pieces, short: words.price.dearer(short.joined(separator: ", ")))]
    }
    return other.map { [Statement(.relief, $0.full, short: $0.atMost)] } ?? []
  }

  /// Other kinds of work: all of them, what one of them costs at most, and that among what is dearer; nil where it is not.
  private var otherWork: (full: String, atMost: String, dearer: String?)? {
    let (price, named) = (words.price, namedPrice.named)
    let shares = facts.otherWork.compactMap { $0.share(of: named, hour: hour) }
    // Of a price of nothing there are no shares: they stand by their own.
    let isHourly = shares.count < facts.otherWork.count
    let costs =
      isHourly
      ? facts.otherWork.map { language.money($0.hourly(facts.plan, hour: hour)) }
      : shares.map { language.percent($0.description) }
    guard let highest = facts.otherWork.firstIndex(where: { $0 == highestWork }) else { return nil }
    let list = zip(facts.otherWork, costs).map { "\(Lines.field($0.type, columns: 20)) \($1)" }.joined(separator: ", ")
    let full = isHourly ? price.otherWorkHourly(list) : price.otherWork(list)
    let atMost = isHourly ? price.otherWorkHourlyAtMost(costs[highest]) : price.otherWorkAtMost(costs[highest])
    let dearer = isHourly ? price.dearerWorkHourly(costs[highest]) : price.dearerWork(costs[highest])
    return (
      TextWidth.columns(of: full) <= Lines.columns ? full : atMost, atMost,
      isHourly || shares[highest] > .hundred ? dearer : nil
    )
  }

  /// What the named price is for.
  private var firstWork: OtherWork {
    let first = facts.plan.workTypes.first
    return OtherWork(type: first?.type ?? "", percent: first?.percent ?? .hundred)
  }

  private var highestWork: OtherWork? { facts.otherWork.max { $0.percent < $1.percent } }

  private var quote: [Statement] {
    guard let quote = facts.quote else { return [] }
    let (amount, left) = (language.money(quote.amount), language.money(quote.left))
    return [
      Statement(.owed, quote.left == quote.amount ? consent.atMost(amount) : consent.atMostLeft(amount, left))
    ]
  }

  /// What stops the session, and nothing else: not what an agreed price has answered, nor a sum where nothing is charged.
  private var limit: [Statement] {
    let binding = facts.quote.map { $0.kind == .fixed ? Quote.Binding.fixed : .notToExceed }
    func holds(_ kind: LimitKind) -> Bool { binding.map { !kind.isAnswered(by: $0) } ?? true }
    let limits = [
      holds(.sessionAmount) && !facts.isFree ? facts.limits.sessionAmount.map(language.money) : nil,
      holds(.session) ? facts.limits.sessionSeconds.map { language.duration(seconds: $0) } : nil,
      facts.limits.monthSeconds.map { consent.thisMonth(language.duration(seconds: $0)) },
    ].compactMap { $0 }
    guard let last = limits.last else { return [] }
    let list = limits.count == 1 ? last : limits.dropLast().joined(separator: ", ") + consent.or + last
    return [Statement(.stop, consent.limit(list), short: consent.shortLimit(list))]
  }

  private var included: [Statement] {
    guard let seconds = facts.includedLeftSeconds, seconds > 0,
      facts.outOfHours.now == nil || facts.plan.included?.coversOutOfHours == true
    else { return [] }
    let left = language.duration(seconds: seconds)
    if !facts.plan.outOfHours.isEmpty, facts.plan.included?.coversOutOfHours != true {
      return [Statement(.relief, consent.includedUsual(left), short: consent.shortIncludedUsual(left))]
    }
    return [Statement(.relief, consent.included(left), short: consent.shortIncluded(left))]
  }

  private var continuing: [Statement] {
    facts.continues ? [Statement(.remark, consent.continuing)] : []
  }
}
