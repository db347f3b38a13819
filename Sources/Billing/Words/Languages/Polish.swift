import SessionModel

extension CustomerWords {
  /// Polish: sentences that need neither Pan nor Pani.
  static let polish = CustomerWords(
    price: PriceWords(
      headGross: "Cena z VAT:", headNet: "Cena bez VAT:", shortGross: "Z VAT:", shortNet: "Bez VAT:",
      eachGross: "Cena za każdego technika, z VAT:", eachNet: "Cena za każdego technika, bez VAT:",
      shortEachGross: "Za technika, z VAT:", shortEachNet: "Za technika, bez VAT:",
      callOut: { " za wezwanie \($0)," },
      first: { "\($0) za \(PolishPeriod.first($1))," },
      then: { sentence("potem \($0) za \(PolishPeriod.each($1))") },
      every: { sentence("\($0) za \(PolishPeriod.each($1))") },
      hourly: { "\($0) za godzinę." },
      counting: { sentence("Liczymy w całości \(PolishPeriod.first($0)), potem \(PolishPeriod.each($1))") },
      countingEvery: { sentence("Liczymy w całości \(PolishPeriod.each($0))") },
      shortFirst: { "\($0) za \(PolishPeriod.shortFirst($1))," },
      shortThen: { sentence("potem \($0) za \(PolishPeriod.shortBegun($1))") },
      shortEvery: { sentence("\($0) za \(PolishPeriod.shortBegun($1))") },
      shortCounting: { sentence("W całości \(PolishPeriod.shortFirst($0)), potem \(PolishPeriod.shortBegun($1))") },
      shortCountingEvery: { sentence("W całości \(PolishPeriod.shortBegun($0))") },
      percentNow: { "Teraz \($0) tej ceny." },
      outOfHoursNow: { "To cena poza godzinami pracy: \($0) zwykłej." },
      shortOutOfHoursNow: { "(Poza godzinami pracy: \($0).)" },
      outOfHoursLater: { "\($2 ? "Jutro od" : "Od")\u{a0}\($1): \($0) tej ceny." },
      otherWork: { "Inna praca: \($0) tej ceny." },
      otherWorkAtMost: { "Inna praca: najwyżej \($0) tej ceny." },
      otherWorkHourly: { "Inna praca, za godzinę: \($0)." },
      otherWorkHourlyAtMost: { "Inna praca: najwyżej \($0) za godzinę." },
      dearer: { "Drożej, z tej ceny: \($0)." }, dearerLater: { "\($2 ? "jutro od" : "od")\u{a0}\($1) \($0)" },
      dearerWork: { "inna praca do \($0)" },
      dearerWorkHourly: { "inna praca do \($0) za godzinę" },
      otherWorkLater: { "Inna praca \($2 ? "jutro " : "")od\u{a0}\($1): najwyżej \($0) za\u{a0}godzinę." },
      dearerWorkLater: { "inna praca \($2 ? "jutro " : "")od\u{a0}\($1) najwyżej \($0) za\u{a0}godzinę" }),
    consent: ConsentWords(
      who: "Kto: ", why: "Po co: ",
      reworkFree: { "Nic do zapłaty: ten sam problem naprawiamy bezpłatnie do końca dnia \($0)." },
      reworkPrice: { "To już \($0) zwykłej ceny: ten sam problem ponownie, do końca dnia \($1)." },
      shortReworkPrice: { "(Ten sam problem: już \($0), do końca dnia \($1).)" },
      reworkShare: { "Z tej ceny płaci się \($0): ten sam problem ponownie, do końca dnia \($1)." },
      shortReworkShare: { "Płaci się z niej \($0): ten sam problem, do końca dnia \($1)." },
      continuing: "To dalszy ciąg pracy: bez nowej opłaty minimalnej.",
      included: { "W abonamencie zostało \($0); zużywamy to najpierw." },
      shortIncluded: { sentence("W abonamencie \($0)") },
      includedUsual: { "W abonamencie \($0), tylko w godzinach pracy." },
      shortIncludedUsual: { "W abonamencie \($0) (godziny pracy)." },
      atMost: { "Uzgodniona cena: najwyżej \($0)." },
      atMostLeft: { "Uzgodniona cena: najwyżej \($0), zostało \($1)." },
      fixedGross: { "Uzgodniona cena z VAT: \($0) za całość." },
      fixedNet: { "Uzgodniona cena bez VAT: \($0) za całość." },
      fixedUsed: { "Uzgodnioną cenę za całość, \($0), już naliczono." },
      limit: { sentence("Zatrzymamy się i zapytamy, zanim przekroczymy \($0)") },
      shortLimit: { "Ponad \($0) tylko za zgodą." },
      thisMonth: { "\($0) w tym miesiącu" },
      or: " lub ",
      withdrawal: "Zacząć teraz? Po pracy wygasa 14-dniowe prawo odstąpienia.",
      yesNo: "t lub y = tak, zapłacę.    n = nie, to nic nie kosztuje.",
      yesNoFree: "t lub y = tak.    n = nie. Jedno i drugie bez opłat."),
    allowances: AllowanceWords(
      change: "Dostęp: podgląd i zmiana plików. Ctrl+C kończy wszystko.",
      read: "Dostęp: tylko podgląd plików. Ctrl+C kończy wszystko.",
      write: "Dostęp: zapis plików tutaj. Ctrl+C kończy wszystko.",
      nothing: "Dostęp: na razie żaden. Ctrl+C kończy wszystko.",
      changeAndConnect: "Dostęp: zmiana plików, korzystanie z sieci. Ctrl+C kończy.",
      readAndConnect: "Dostęp: podgląd plików, korzystanie z sieci. Ctrl+C kończy.",
      writeAndConnect: "Dostęp: zapis plików, korzystanie z sieci. Ctrl+C kończy.",
      connect: "Dostęp: tylko korzystanie z sieci. Ctrl+C kończy."),
    limit: LimitWords(
      session: { "Limit tej wizyty, \($0), zostałby przekroczony." },
      month: { "Limit tego miesiąca, \($0), zostałby przekroczony." },
      scope: { "Ta praca (\($0)) nie jest objęta umową." },
      chargedGross: { sentence("Naliczono do tej pory: \($0) z VAT, za \($1)") },
      chargedNet: { sentence("Naliczono do tej pory: \($0) bez VAT, za \($1)") },
      waiting: "Czas nie biegnie. Technik czeka na wybór.",
      goOn: { "1 = dalej za tę cenę, łącznie najwyżej \($0)" },
      goOnOutOfScope: { "1 = dalej, ta praca \($0) za godzinę" },
      goOnAgreed: "1 = dalej, w ramach uzgodnionej ceny", stop: "2 = zakończyć teraz",
      ask: "3 = to coś innego: najpierw proszę podać cenę",
      agreedWorkGoesOn: "Uzgodniona praca trwa dalej.", shopGoesOn: "Firma postanowiła kontynuować mimo limitu.",
      answeredElsewhere: "Na to pytanie odpowiedziano już podczas innej wizyty.",
      replaced: "Zastępuje je inne pytanie.",
      workNow: { "Od teraz: \($0), \($1) za godzinę." }),
    quote: QuoteWords(
      offer: { "\($0) proponuje cenę." }, work: "Praca: ",
      atMostGross: { "Cena z VAT: najwyżej \($0)." },
      atMostNet: { "Cena bez VAT: najwyżej \($0)." },
      fixedGross: { "Cena z VAT: \($0), bez względu na czas pracy." },
      fixedNet: { "Cena bez VAT: \($0), bez względu na czas pracy." },
      binding: "Ta cena jest wiążąca: nie trzeba będzie zapłacić więcej.",
      staysOwed: "Ta kwota pozostaje do zapłaty oprócz tej ceny.",
      yesNo: "t lub y = tak, zgoda na tę cenę.    n = nie."),
    receipt: ReceiptWords(
      title: { "POKWITOWANIE \($0), \($1)" }, provisionalTitle: { "POKWITOWANIE TYMCZASOWE \($0), \($1)" },
      provisional: "Serwer jeszcze go nie potwierdził.",
      vatID: { "NIP \($0)" },
      forCustomer: { "Klient \($0): \($1)" }, forPurpose: { "Dotyczy: \($0)" },
      result: { "Wynik: \($0), technik \($1)" },
      fixed: "naprawione", onSite: "potrzebny przyjazd technika", outOfScope: "nie jest objęte umową",
      customerEquipment: "usterka we własnym sprzęcie klienta", abandoned: "nierozwiązane",
      worked: "Praca", charged: "Naliczono", included: "Abonament", rework: "Poprawka", time: "Czas",
      callOut: "Wezwanie", quote: "Ustalono", allowance: "Rabat", toPay: "DO ZAPŁATY",
      more: { "i\u{a0}jeszcze\u{a0}\($0)" },
      minimum: "uzgodnione minimum", begun: { PolishPeriod.each($0) },
      grace: "ostatnie chwile gratis",
      atMost: { "najwyżej \($0)" }, fixedPrice: { "\($0) za całość" },
      fixedBeside: { "cena stała \($0)" }, quoteUsed: { "z tego \($0) wykorzystano wcześniej" },
      quoteShares: { "Razem \($0): przed uzgodnieniem tej ceny \($1), w jej ramach \($2) (\($3))." },
      nothing: "nic",
      taxIncluded: { "w tym VAT \($0), \($1)" }, taxIncludedPlain: "z VAT",
      taxOnTop: { "plus VAT \($0), \($1)" }, taxOnTopPlain: "bez VAT",
      payLater: { "Płatność później: faktura przyjdzie na \($0)." },
      consentAt: { "Zgoda na tę cenę: godz. \($0)." },
      consentOn: { "Zgoda na tę cenę: \($0), godz. \($1)." },
      fixedRest: { "Z ceny stałej \($0) pozostaje do zapłaty \($1), gdy praca będzie skończona." },
      promiseBroken: { "Nie dotrzymano obietnicy: \($0)" }, promiseReason: { "Powód (\($0)): \($1)" },
      morePromises: { "Innych niedotrzymanych obietnic: \($0)." },
      includedLeft: { sentence("W abonamencie zostało w tym miesiącu: \($0)") },
      sameFree: { "Ten sam problem? Bezpłatnie do końca dnia \($0)." },
      samePartly: { "Ten sam problem? \($0) ceny do końca dnia \($1)." },
      advice: { "Nasza rada, z której zrezygnowano: \($0)" },
      moreAdvice: { "Wcześniejszych rad, z których zrezygnowano: \($0)." },
      questions: { "Pytania? Prosimy najpierw zadzwonić: \($0)." },
      nothingDone: "Praca trwała krócej niż sekundę. Nie ma nic do zapłaty."))
}

/// With one full stop, where the last word is an abbreviation too: `za 2 godz.`
private func sentence(_ words: String) -> String { words.hasSuffix(".") ? words : words + "." }

/// Lengths of periods in the accusative, which is what stands behind "za" and "liczymy".
enum PolishPeriod {
  /// `pierwsze 15 minut`, `pierwszą minutę`.
  static func first(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "pierwsze \(abbreviated(seconds))" }
    return whole.count == 1 ? "pierwszą \(noun(whole))" : "pierwsze \(whole.count) \(noun(whole))"
  }

  /// `każde rozpoczęte 6 minut`, `każdą rozpoczętą minutę`.
  static func each(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "każde rozpoczęte \(abbreviated(seconds))" }
    return whole.count == 1 ? "każdą rozpoczętą \(noun(whole))" : "każde rozpoczęte \(whole.count) \(noun(whole))"
  }

  /// `pierwsze 15 min`; of one unit as in ``first(_:)``.
  static func shortFirst(_ seconds: Int64) -> String {
    WholePeriod(seconds)?.count == 1 ? first(seconds) : "pierwsze \(abbreviated(seconds))"
  }

  /// `rozpoczęte 6 min`, `rozpoczętą minutę`.
  static func shortBegun(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds), whole.count == 1 else { return "rozpoczęte \(abbreviated(seconds))" }
    return "rozpoczętą \(noun(whole))"
  }

  private static func noun(_ whole: WholePeriod) -> String {
    switch whole.unit {
    case .hour: Language.polish.form(whole.count, "godzinę", "godziny", "godzin")
    case .minute: Language.polish.form(whole.count, "minutę", "minuty", "minut")
    case .second: Language.polish.form(whole.count, "sekundę", "sekundy", "sekund")
    }
  }

  private static func abbreviated(_ seconds: Int64) -> String { Language.polish.duration(seconds: seconds) }
}
