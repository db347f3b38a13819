import SessionModel

extension CustomerWords {
  /// Finnish: "you" in the polite plural, or nobody addressed.
  static let finnish = CustomerWords(
    price: PriceWords(
      headGross: "Hinta (sis. alv):", headNet: "Hinta (alv 0 %):", shortGross: "Sis. alv:", shortNet: "Alv 0 %:",
      eachGross: "Hinta tukihenkilöä kohti (sis. alv):", eachNet: "Hinta tukihenkilöä kohti (alv 0 %):",
      shortEachGross: "Tukihenkilöltä, sis. alv:", shortEachNet: "Tukihenkilöltä, alv 0 %:",
      callOut: { " aloitusmaksu \($0)," },
      first: { "\($0) \(FinnishPeriod.ofFirst($1))," },
      then: { "sitten \($0) \(FinnishPeriod.ofEach($1))." },
      every: { "\($0) \(FinnishPeriod.ofEach($1))." },
      hourly: { "\($0) tunnilta." },
      counting: {
        "Veloitetaan kokonaan \(FinnishPeriod.first($0)), sitten \(FinnishPeriod.each($1))."
      },
      countingEvery: { "Veloitetaan kokonaan \(FinnishPeriod.each($0))." },
      shortFirst: { "\($0) ensim. \(Language.finnish.duration(seconds: $1))," },
      shortThen: { "sitten \($0)/alkava \(Language.finnish.duration(seconds: $1))." },
      shortEvery: { "\($0)/alkava \(Language.finnish.duration(seconds: $1))." },
      shortCounting: {
        "Ensim. \(Language.finnish.duration(seconds: $0)) kokonaan, sitten joka alkava \(Language.finnish.duration(seconds: $1))."
      },
      shortCountingEvery: { "Joka alkava \(Language.finnish.duration(seconds: $0)) kokonaan." },
      percentNow: { "Nyt \($0) tästä hinnasta." },
      outOfHoursNow: { "Tämä on hinta työajan ulkopuolella: \($0) tavallisesta." },
      shortOutOfHoursNow: { "(Työajan ulkopuolella: \($0).)" },
      outOfHoursLater: { "\($2 ? "Huomenna klo" : "Klo")\u{a0}\($1) alkaen \($0) tästä hinnasta." },
      otherWork: { "Muu työ: \($0) tästä hinnasta." },
      otherWorkAtMost: { "Muu työ: enintään \($0) tästä hinnasta." },
      otherWorkHourly: { "Muu työ tunnilta: \($0)." }, otherWorkHourlyAtMost: { "Muu työ: enintään \($0) tunnilta." },
      dearer: { "Kalliimpaa, tästä hinnasta: \($0)." },
      dearerLater: { "\($2 ? "huomenna klo" : "klo")\u{a0}\($1) alkaen \($0)" },
      dearerWork: { "muu työ jopa \($0)" },
      dearerWorkHourly: { "muu työ jopa \($0) tunnilta" },
      otherWorkLater: { "Muu työ \($2 ? "huomenna " : "")klo\u{a0}\($1) alkaen: enintään \($0) tunnilta." },
      dearerWorkLater: { "muu työ \($2 ? "huomenna " : "")klo\u{a0}\($1) alkaen jopa \($0) tunnilta" }),
    consent: ConsentWords(
      who: "Kuka: ", why: "Miksi: ",
      reworkFree: { "Ei maksa mitään: sama vika korjataan uudelleen maksutta \($0) loppuun asti." },
      reworkPrice: { "Tämä on jo \($0) tavallisesta hinnasta: sama vika uudelleen, \($1) loppuun asti." },
      shortReworkPrice: { "(Sama vika: jo \($0), \($1) loppuun asti.)" },
      reworkShare: { "Tästä hinnasta maksatte \($0): sama vika uudelleen, \($1) loppuun asti." },
      shortReworkShare: { "Siitä maksatte \($0): sama vika, \($1) loppuun asti." },
      continuing: "Työ jatkuu: uutta vähimmäisveloitusta ei tule.",
      included: { "Sisältyvää aikaa jäljellä \($0). Se käytetään ensin." },
      shortIncluded: { "Sisältyvää aikaa \($0)." },
      includedUsual: { "Sisältyvää aikaa jäljellä \($0), vain työajalla." },
      shortIncludedUsual: { "Sisältyvää aikaa \($0) (työajalla)." },
      atMost: { "Sovittu hinta: enintään \($0)." },
      atMostLeft: { "Sovittu hinta: enintään \($0), siitä jäljellä \($1)." },
      fixedGross: { "Sovittu hinta (sis. alv): \($0) koko työstä." },
      fixedNet: { "Sovittu hinta (alv 0 %): \($0) koko työstä." },
      fixedUsed: { "Sovittu hinta koko työstä, \($0), on jo veloitettu." },
      limit: { "Pysähdymme ja kysymme, ennen kuin \($0) ylittyy." },
      shortLimit: { "Yli \($0) vain luvallanne." },
      thisMonth: { "\($0) tässä kuussa" },
      or: " tai ",
      withdrawal: "Aloitammeko nyt? Työn jälkeen 14 pv:n peruutusoikeus lakkaa.",
      yesNo: "k tai y = kyllä, maksan.    e tai n = ei, maksutta.",
      yesNoFree: "k tai y = kyllä.    e tai n = ei. Kumpikaan ei maksa mitään."),
    allowances: AllowanceWords(
      change: "Lupa: nähdä ja muuttaa tiedostoja. Ctrl+C lopettaa kaiken.",
      read: "Lupa: nähdä tiedostoja, ei muuttaa. Ctrl+C lopettaa kaiken.",
      write: "Lupa: tuoda tänne tiedostoja. Ctrl+C lopettaa kaiken.",
      nothing: "Lupa: ei vielä mihinkään täällä. Ctrl+C lopettaa kaiken.",
      changeAndConnect: "Lupa: muuttaa tiedostoja, käyttää verkkoa. Ctrl+C lopettaa.",
      readAndConnect: "Lupa: nähdä tiedostoja, käyttää verkkoa. Ctrl+C lopettaa.",
      writeAndConnect: "Lupa: tuoda tiedostoja, käyttää verkkoa. Ctrl+C lopettaa.",
      connect: "Lupa: vain käyttää verkkoanne. Ctrl+C lopettaa."),
    limit: LimitWords(
      session: { "Jatkaminen ylittäisi tämän käynnin rajan \($0)." },
      month: { "Jatkaminen ylittäisi tämän kuun rajan \($0)." },
      scope: { "Tämä työ (\($0)) ei kuulu sovittuun." },
      chargedGross: { "Veloitettu tähän mennessä: \($0) (sis. alv), \($1)." },
      chargedNet: { "Veloitettu tähän mennessä: \($0) (alv 0 %), \($1)." },
      waiting: "Aikaa ei lasketa. Tukihenkilö odottaa valintaanne.",
      goOn: { "1 = jatketaan tällä hinnalla, yhteensä enintään \($0)" },
      goOnOutOfScope: { "1 = jatketaan, tämä työ \($0) tunnilta" },
      goOnAgreed: "1 = jatketaan sovitun hinnan puitteissa", stop: "2 = lopetetaan tähän",
      ask: "3 = tämä on eri asia: kertokaa ensin hinta",
      agreedWorkGoesOn: "Sovittu työ jatkuu.", shopGoesOn: "Liike päätti jatkaa rajan yli.",
      answeredElsewhere: "Tähän vastattiin jo toisella käynnillä.", replaced: "Tilalle tulee toinen kysymys.",
      workNow: { "Tästä eteenpäin: \($0), \($1) tunnilta." }),
    quote: QuoteWords(
      offer: { "\($0) tarjoaa työn tähän hintaan." }, work: "Työ: ",
      atMostGross: { "Hinta (sis. alv): enintään \($0)." },
      atMostNet: { "Hinta (alv 0 %): enintään \($0)." },
      fixedGross: { "Hinta (sis. alv): \($0), kestipä työ miten kauan tahansa." },
      fixedNet: { "Hinta (alv 0 %): \($0), kestipä työ miten kauan tahansa." },
      binding: "Hinta sitoo liikettä: enempää ette tästä maksa.",
      staysOwed: "Se jää maksettavaksi tämän hinnan lisäksi.",
      yesNo: "k tai y = kyllä, hyväksyn hinnan.    e tai n = en hyväksy."),
    receipt: ReceiptWords(
      title: { "KUITTI \($0), \($1)" }, provisionalTitle: { "ALUSTAVA KUITTI \($0), \($1)" },
      provisional: "Välityspalvelin ei ole vielä vahvistanut tätä.",
      vatID: { "ALV-tunniste \($0)" },
      forCustomer: { "Asiakas \($0): \($1)" }, forPurpose: { "Asia: \($0)" },
      result: { "Tulos: \($0), tekijä \($1)" },
      fixed: "korjattu", onSite: "vaatii käynnin paikan päällä", outOfScope: "ei kuulu sovittuun",
      customerEquipment: "vika on omassa laitteessanne", abandoned: "ei ratkennut",
      worked: "Työaika", charged: "Veloitus", included: "Sisältyy", rework: "Uusinta", time: "Aika",
      callOut: "Aloitus", quote: "Sovittu", allowance: "Alennus", toPay: "MAKSETTAVA",
      more: { "ja\u{a0}\($0)\u{a0}muuta" },
      minimum: "sovittu vähimmäisaika", begun: { FinnishPeriod.each($0) },
      grace: "viimeiset hetket maksutta",
      atMost: { "enintään \($0)" }, fixedPrice: { "\($0) koko työstä" },
      fixedBeside: { "kiinteä hinta \($0)" }, quoteUsed: { "siitä \($0) käytetty aiemmin" },
      quoteShares: { "Yhteensä \($0): ennen tämän hinnan sopimista \($1), tällä hinnalla \($2) (\($3))." },
      nothing: "ei mitään",
      taxIncluded: { "sis. alv \($0), \($1)" }, taxIncludedPlain: "sis. alv",
      taxOnTop: { "lisäksi alv \($0), \($1)" }, taxOnTopPlain: "alv 0 %",
      payLater: { "Maksu myöhemmin: lasku tulee osoitteeseen \($0)." },
      consentAt: { "Hyväksyitte tämän hinnan klo \($0)." },
      consentOn: { "Hyväksyitte tämän hinnan \($0) klo \($1)." },
      fixedRest: { "Kiinteästä hinnasta \($0) jää maksettavaa \($1), kun työ on valmis." },
      promiseBroken: { "Lupaus, jota ei pidetty: \($0)" }, promiseReason: { "Syy (\($0)): \($1)" },
      morePromises: { "Muita lupauksia, joita ei pidetty: \($0)." },
      includedLeft: { "Sisältyvää aikaa jäljellä tässä kuussa: \($0)." },
      sameFree: { "Sama vika uudelleen? Maksutta \($0) loppuun asti." },
      samePartly: { "Sama vika uudelleen? \($0) hinnasta \($1) loppuun asti." },
      advice: { "Suosituksemme, jota ette halunnut: \($0)" },
      moreAdvice: { "Aiempia suosituksia, joita ette halunnut: \($0)." },
      questions: { "Kysyttävää? Soittakaa ensin: \($0)." },
      nothingDone: "Työ vei alle sekunnin. Maksettavaa ei ole."))
}

/// Lengths of periods in the cases that Finnish sentences need: after a number the noun stands in the partitive, and takes
/// the case of the sentence only in the ablative and genitive.
enum FinnishPeriod {
  /// `ensimmäiset 15 minuuttia`, `ensimmäinen tunti`.
  static func first(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "ensimmäiset \(abbreviated(seconds))" }
    let (one, many) =
      switch whole.unit {
      case .hour: ("tunti", "tuntia")
      case .minute: ("minuutti", "minuuttia")
      case .second: ("sekunti", "sekuntia")
      }
    return whole.count == 1 ? "ensimmäinen \(one)" : "ensimmäiset \(whole.count) \(many)"
  }

  /// `ensimmäisiltä 15 minuutilta`, `ensimmäiseltä tunnilta`.
  static func ofFirst(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "ensimmäiseltä jaksolta (\(abbreviated(seconds)))" }
    return whole.count == 1
      ? "ensimmäiseltä \(ablative(whole))" : "ensimmäisiltä \(whole.count) \(ablative(whole))"
  }

  /// `jokaiselta alkavalta 6 minuutilta`, `jokaiselta alkavalta tunnilta`.
  static func ofEach(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "jokaiselta alkavalta jaksolta (\(abbreviated(seconds)))" }
    return whole.count == 1
      ? "jokaiselta alkavalta \(ablative(whole))" : "jokaiselta alkavalta \(whole.count) \(ablative(whole))"
  }

  /// `jokainen alkava 6 minuutin jakso`, `jokainen alkava tunti`.
  static func each(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "jokainen alkava jakso (\(abbreviated(seconds)))" }
    let (one, genitive) =
      switch whole.unit {
      case .hour: ("tunti", "tunnin")
      case .minute: ("minuutti", "minuutin")
      case .second: ("sekunti", "sekunnin")
      }
    return whole.count == 1 ? "jokainen alkava \(one)" : "jokainen alkava \(whole.count) \(genitive) jakso"
  }

  private static func ablative(_ whole: WholePeriod) -> String {
    switch whole.unit {
    case .hour: "tunnilta"
    case .minute: "minuutilta"
    case .second: "sekunnilta"
    }
  }

  private static func abbreviated(_ seconds: Int64) -> String { Language.finnish.duration(seconds: seconds) }
}
