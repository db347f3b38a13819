import SessionModel

extension CustomerWords {
  /// English.
  static let english = CustomerWords(
    price: PriceWords(
      headGross: "Price, VAT included:", headNet: "Price, without VAT:", shortGross: "VAT included:",
      shortNet: "Without VAT:", eachGross: "Price per technician, VAT included:",
      eachNet: "Price per technician, without VAT:",
      shortEachGross: "Each technician, VAT included:", shortEachNet: "Each technician, without VAT:",
      callOut: { " \($0) call-out," },
      first: { "\($0) for the first \(EnglishPeriod.words($1))," },
      then: { "then \($0) for every \(EnglishPeriod.words($1)) begun." },
      every: { "\($0) for every \(EnglishPeriod.words($1)) begun." },
      hourly: { "\($0) an hour." },
      counting: {
        "We charge the whole first \(EnglishPeriod.words($0)), then every \(EnglishPeriod.words($1)) begun."
      },
      countingEvery: { "We charge every \(EnglishPeriod.words($0)) begun." },
      shortFirst: { "\($0) first \(Language.english.duration(seconds: $1))," },
      shortThen: { "then \($0) per \(Language.english.duration(seconds: $1)) begun." },
      shortEvery: { "\($0) per \(Language.english.duration(seconds: $1)) begun." },
      shortCounting: {
        "First \(Language.english.duration(seconds: $0)) whole, then per \(Language.english.duration(seconds: $1)) begun."
      },
      shortCountingEvery: { "Per \(Language.english.duration(seconds: $0)) begun." },
      percentNow: { "Now \($0) of this price." },
      outOfHoursNow: { "This is the price out of hours: \($0) of the usual one." },
      shortOutOfHoursNow: { "(Out of hours: \($0).)" },
      outOfHoursLater: { "From\u{a0}\($1)\($2 ? " tomorrow" : ""): \($0) of this price." },
      otherWork: { "Other work: \($0) of this price." },
      otherWorkAtMost: { "Other work: at most \($0) of this price." },
      otherWorkHourly: { "Other work, an hour: \($0)." },
      otherWorkHourlyAtMost: { "Other work: at most \($0) an hour." },
      dearer: { "Dearer, of this price: \($0)." }, dearerLater: { "from\u{a0}\($1)\($2 ? " tomorrow" : "") \($0)" },
      dearerWork: { "other work up to \($0)" },
      dearerWorkHourly: { "other work up to \($0) an hour" },
      otherWorkLater: { "Other work from\u{a0}\($1)\($2 ? " tomorrow" : ""): at most \($0) an hour." },
      dearerWorkLater: { "other work from\u{a0}\($1)\($2 ? " tomorrow" : "") up to \($0) an hour" }),
    consent: ConsentWords(
      who: "Who: ", why: "Why: ",
      reworkFree: { "Price: nothing. It is the same problem again, and that is free until the end of \($0)." },
      reworkPrice: { "This is already \($0) of the usual price: the same problem again, until the end of \($1)." },
      shortReworkPrice: { "(Same problem: already \($0), until \($1).)" },
      reworkShare: { "Of this price you pay \($0): the same problem again, until the end of \($1)." },
      shortReworkShare: { "You pay \($0) of it: same problem, until \($1)." },
      continuing: "This goes on from before: no new minimum.",
      included: { "Included time left: \($0). It is used first." },
      shortIncluded: { "Included: \($0) left." },
      includedUsual: { "Included time left: \($0), for usual hours only." },
      shortIncludedUsual: { "Included: \($0) left (usual hours)." },
      atMost: { "Agreed price: at most \($0)." },
      atMostLeft: { "Agreed price: at most \($0), \($1) of it left." },
      fixedGross: { "Agreed price, VAT included: \($0) for the whole job." },
      fixedNet: { "Agreed price, without VAT: \($0) for the whole job." },
      fixedUsed: { "Agreed price for the whole job, \($0): charged already." },
      limit: { "We stop and ask you before it passes \($0)." },
      shortLimit: { "We ask before \($0)." },
      thisMonth: { "\($0) this month" },
      or: " or ",
      withdrawal: "Start now? When it is done, the 14-day right to cancel ends.",
      yesNo: "Type y = yes, and I will pay.    n = no, it costs nothing.",
      yesNoFree: "Type y = yes.    n = no. Neither costs anything."),
    allowances: AllowanceWords(
      change: "They can see and change your files. Ctrl+C stops it all.",
      read: "They can see but not change your files. Ctrl+C stops it all.",
      write: "They can put files here. Ctrl+C stops it all.",
      nothing: "They can do nothing here yet. Ctrl+C stops it all.",
      changeAndConnect: "They can change files and use your network. Ctrl+C stops it.",
      readAndConnect: "They can see your files, use your network. Ctrl+C stops it.",
      writeAndConnect: "They can put files here, use your network. Ctrl+C stops it.",
      connect: "They can use your network only. Ctrl+C stops it."),
    limit: LimitWords(
      session: { "Going on would pass this visit's limit of \($0)." },
      month: { "Going on would pass this month's limit of \($0)." },
      scope: { "This work (\($0)) is not part of what was agreed." },
      chargedGross: { "Charged so far: \($0), VAT included, for \($1)." },
      chargedNet: { "Charged so far: \($0), without VAT, for \($1)." },
      waiting: "No time counts. The technician waits until you choose.",
      goOn: { "1 = go on at this price, up to \($0) in all" },
      goOnOutOfScope: { "1 = go on, at \($0) an hour for this work" },
      goOnAgreed: "1 = go on, within the agreed price", stop: "2 = stop here",
      ask: "3 = this is something else: tell me a price first",
      agreedWorkGoesOn: "The agreed work goes on.", shopGoesOn: "Your shop decided to go on past the limit.",
      answeredElsewhere: "You answered this in another visit.", replaced: "Another question takes its place.",
      workNow: { "From now on: \($0), \($1) an hour." }),
    quote: QuoteWords(
      offer: { "\($0) offers you a price." }, work: "For: ",
      atMostGross: { "Price, VAT included: at most \($0)." },
      atMostNet: { "Price, without VAT: at most \($0)." },
      fixedGross: { "Price, VAT included: \($0), however long it takes." },
      fixedNet: { "Price, without VAT: \($0), however long it takes." },
      binding: "It binds the shop: you will not pay more for this.",
      staysOwed: "That stays owed, on top of this price.",
      yesNo: "Type y = yes, I agree to this price.    n = no."),
    receipt: ReceiptWords(
      title: { "RECEIPT \($0), \($1)" }, provisionalTitle: { "PROVISIONAL RECEIPT \($0), \($1)" },
      provisional: "Not confirmed by the relay yet.",
      vatID: { "VAT \($0)" },
      forCustomer: { "For \($0): \($1)" }, forPurpose: { "For: \($0)" },
      result: { "Result: \($0), by \($1)" },
      fixed: "fixed", onSite: "someone has to come", outOfScope: "not part of what was agreed",
      customerEquipment: "the fault is in your equipment", abandoned: "not solved",
      worked: "Worked", charged: "Charged", included: "Included", rework: "Rework", time: "Time", callOut: "Call-out",
      quote: "Agreed", allowance: "Discount", toPay: "TO PAY",
      more: { "and \($0) more" },
      minimum: "the agreed minimum", begun: { "every \(EnglishPeriod.words($0)) begun" },
      grace: "the last moments are free",
      atMost: { "at most \($0)" }, fixedPrice: { "\($0) for the whole job" },
      fixedBeside: { "fixed price \($0)" }, quoteUsed: { "\($0) of it used before" },
      quoteShares: { "Together \($0): \($1) from before this price was agreed, \($2) under it (\($3))." },
      nothing: "nothing",
      taxIncluded: { "VAT \($0), \($1), included" }, taxIncludedPlain: "VAT included",
      taxOnTop: { "plus VAT \($0), \($1)" }, taxOnTopPlain: "without VAT",
      payLater: { "Pay later: the invoice comes to \($0)." },
      consentAt: { "You said yes to this price at \($0)." },
      consentOn: { "You said yes to this price on \($0) at \($1)." },
      fixedRest: { "Of the fixed price of \($0), \($1) is left to pay when the job is done." },
      promiseBroken: { "A promise was not kept: \($0)" }, promiseReason: { "Reason given by \($0): \($1)" },
      morePromises: { "More promises that were not kept: \($0)." },
      includedLeft: { "Included time left this month: \($0)." },
      sameFree: { "Same problem? Free until the end of \($0)." },
      samePartly: { "Same problem? \($0) of the price until the end of \($1)." },
      advice: { "We advised this, and you declined: \($0)" },
      moreAdvice: { "Before that we advised more, and you declined: \($0)." },
      questions: { "Questions? Call \($0) first." },
      nothingDone: "It took less than a second. There is nothing to pay."))
}

/// Lengths of periods in words that fit behind "the first" and "every".
enum EnglishPeriod {
  /// `15 minutes`, `minute`, `2 hours`, `90 seconds`, `1 h 05 min 10 s`.
  static func words(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return Language.english.duration(seconds: seconds) }
    let unit =
      switch whole.unit {
      case .hour: "hour"
      case .minute: "minute"
      case .second: "second"
      }
    return whole.count == 1 ? unit : "\(whole.count) \(unit)s"
  }
}
