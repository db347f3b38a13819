import SessionModel

extension CustomerWords {
  /// Russian: the customer is addressed as «Вы», or nobody is.
  static let russian = CustomerWords(
    price: PriceWords(
      headGross: "Цена с НДС:", headNet: "Цена без НДС:", shortGross: "С НДС:", shortNet: "Без НДС:",
      eachGross: "Цена за каждого специалиста, с НДС:", eachNet: "Цена за каждого специалиста, без НДС:",
      shortEachGross: "За специалиста, с НДС:", shortEachNet: "За специалиста, без НДС:",
      callOut: { " за вызов \($0)," },
      first: { "\($0) за \(RussianPeriod.first($1))," },
      then: { "затем \($0) за \(RussianPeriod.each($1))." },
      every: { "\($0) за \(RussianPeriod.each($1))." },
      hourly: { "\($0) в час." },
      counting: { "Считаем целиком \(RussianPeriod.first($0)), затем \(RussianPeriod.each($1))." },
      countingEvery: { "Считаем целиком \(RussianPeriod.each($0))." },
      shortFirst: { "\($0) за \(RussianPeriod.shortFirst($1))," },
      shortThen: { "далее \($0) за \(RussianPeriod.shortBegun($1))." },
      shortEvery: { "\($0) за \(RussianPeriod.shortBegun($1))." },
      shortCounting: { "Целиком \(RussianPeriod.shortFirst($0)), далее \(RussianPeriod.shortBegun($1))." },
      shortCountingEvery: { "Целиком \(RussianPeriod.shortBegun($0))." },
      percentNow: { "Сейчас \($0) этой цены." },
      outOfHoursNow: { "Это цена в нерабочее время: \($0) обычной." },
      shortOutOfHoursNow: { "(Нерабочее время: \($0).)" },
      outOfHoursLater: { "\($2 ? "Завтра с" : "С")\u{a0}\($1): \($0) этой цены." },
      otherWork: { "Другая работа: \($0) этой цены." },
      otherWorkAtMost: { "Другая работа: до \($0) этой цены." },
      otherWorkHourly: { "Другая работа, в час: \($0)." }, otherWorkHourlyAtMost: { "Другая работа: до \($0) в час." },
      dearer: { "Дороже, от этой цены: \($0)." }, dearerLater: { "\($2 ? "завтра с" : "с")\u{a0}\($1) \($0)" },
      dearerWork: { "другая работа до \($0)" },
      dearerWorkHourly: { "другая работа до \($0) в час" },
      otherWorkLater: { "Другая работа \($2 ? "завтра " : "")с\u{a0}\($1): не более \($0) в\u{a0}час." },
      dearerWorkLater: { "другая работа \($2 ? "завтра " : "")с\u{a0}\($1) не более \($0) в\u{a0}час" }),
    consent: ConsentWords(
      who: "Кто: ", why: "Зачем: ",
      reworkFree: { "Платить не нужно: эту же проблему устраняем бесплатно до конца дня \($0)." },
      reworkPrice: { "Это уже \($0) обычной цены: та же проблема снова, до конца дня \($1)." },
      shortReworkPrice: { "(Та же проблема: уже \($0), до конца дня \($1).)" },
      reworkShare: { "От этой цены Вы платите \($0): та же проблема снова, до конца дня \($1)." },
      shortReworkShare: { "Платите \($0) от неё: та же проблема, до конца дня \($1)." },
      continuing: "Это продолжение прежней работы: нового минимума нет.",
      included: { "Включено ещё \($0): сначала расходуем это время." },
      shortIncluded: { "Включено ещё \($0)." },
      includedUsual: { "Включено ещё \($0), только в рабочее время." },
      shortIncludedUsual: { "Включено ещё \($0) (рабочее время)." },
      atMost: { "Согласованная цена: не более \($0)." },
      atMostLeft: { "Согласованная цена: не более \($0), осталось \($1)." },
      fixedGross: { "Согласованная цена с НДС: \($0) за всю работу." },
      fixedNet: { "Согласованная цена без НДС: \($0) за всю работу." },
      fixedUsed: { "Согласованная цена за всю работу, \($0), уже начислена." },
      limit: { "Остановимся и спросим Вас, прежде чем превысить \($0)." },
      shortLimit: { "Свыше \($0): сначала спросим." },
      thisMonth: { "\($0) в этом месяце" },
      or: " или ",
      withdrawal: "Начать сейчас? После работы право отказа (14 дней) истекает.",
      yesNo: "д или y = да, я заплачу.    н или n = нет, это бесплатно.",
      yesNoFree: "д или y = да.    н или n = нет. Платить не придётся."),
    allowances: AllowanceWords(
      change: "Доступ: просмотр и изменение файлов. Ctrl+C прекращает всё.",
      read: "Доступ: только просмотр файлов. Ctrl+C прекращает всё.",
      write: "Доступ: запись файлов сюда. Ctrl+C прекращает всё.",
      nothing: "Доступ: пока никакого. Ctrl+C прекращает всё.",
      changeAndConnect: "Доступ: изменение файлов и выход в сеть. Ctrl+C: стоп.",
      readAndConnect: "Доступ: просмотр файлов и выход в сеть. Ctrl+C: стоп.",
      writeAndConnect: "Доступ: запись файлов и выход в сеть. Ctrl+C: стоп.",
      connect: "Доступ: только выход в Вашу сеть. Ctrl+C: стоп."),
    limit: LimitWords(
      session: { "Продолжение превысит предел этого сеанса: \($0)." },
      month: { "Продолжение превысит предел этого месяца: \($0)." },
      scope: { "Эта работа (\($0)) не входит в договорённость." },
      chargedGross: { "Начислено: \($0) с НДС, за \($1)." },
      chargedNet: { "Начислено: \($0) без НДС, за \($1)." },
      waiting: "Время не идёт. Специалист ждёт Вашего выбора.",
      goOn: { "1 = продолжить по этой цене, всего не более \($0)" },
      goOnOutOfScope: { "1 = продолжить, эта работа \($0) в час" },
      goOnAgreed: "1 = продолжить в рамках согласованной цены", stop: "2 = закончить на этом",
      ask: "3 = это другое: сначала назовите цену",
      agreedWorkGoesOn: "Согласованная работа продолжается.", shopGoesOn: "Фирма решила продолжить сверх предела.",
      answeredElsewhere: "На этот вопрос уже ответили в другом сеансе.", replaced: "Его заменяет другой вопрос.",
      workNow: { "С этого момента: \($0), \($1) в час." }),
    quote: QuoteWords(
      offer: { "\($0) предлагает Вам цену." }, work: "Работа: ",
      atMostGross: { "Цена с НДС: не более \($0)." },
      atMostNet: { "Цена без НДС: не более \($0)." },
      fixedGross: { "Цена с НДС: \($0), сколько бы это ни заняло времени." },
      fixedNet: { "Цена без НДС: \($0), сколько бы это ни заняло времени." },
      binding: "Цена окончательная: больше Вы за это не заплатите.",
      staysOwed: "Эта сумма остаётся к оплате сверх этой цены.",
      yesNo: "д или y = да, цена подходит.    н или n = нет."),
    receipt: ReceiptWords(
      title: { "КВИТАНЦИЯ \($0), \($1)" }, provisionalTitle: { "ПРЕДВАРИТЕЛЬНАЯ КВИТАНЦИЯ \($0), \($1)" },
      provisional: "Сервер её ещё не подтвердил.",
      vatID: { "НДС № \($0)" },
      forCustomer: { "Клиент \($0): \($1)" }, forPurpose: { "По поводу: \($0)" },
      result: { "Итог: \($0), специалист \($1)" },
      fixed: "исправлено", onSite: "нужен выезд специалиста", outOfScope: "не входит в договорённость",
      customerEquipment: "неисправность в Вашем оборудовании", abandoned: "не решено",
      worked: "Работа", charged: "Начислено", included: "Включено", rework: "Повторно", time: "Время",
      callOut: "Вызов", quote: "Договорено", allowance: "Скидка", toPay: "К ОПЛАТЕ",
      more: { "и\u{a0}ещё\u{a0}\($0)" },
      minimum: "согласованный минимум", begun: { RussianPeriod.each($0) },
      grace: "последние мгновения бесплатно",
      atMost: { "не более \($0)" }, fixedPrice: { "\($0) за всю работу" },
      fixedBeside: { "твёрдая цена \($0)" }, quoteUsed: { "из них \($0) израсходовано раньше" },
      quoteShares: { "Вместе \($0): до согласования этой цены \($1), по ней \($2) (\($3))." },
      nothing: "ничего",
      taxIncluded: { "в том числе НДС \($0), \($1)" }, taxIncludedPlain: "с НДС",
      taxOnTop: { "плюс НДС \($0), \($1)" }, taxOnTopPlain: "без НДС",
      payLater: { "Оплата потом: счёт придёт на адрес \($0)." },
      consentAt: { "Вы согласились на эту цену в \($0)." },
      consentOn: { "Вы согласились на эту цену \($0) в \($1)." },
      fixedRest: { "Из твёрдой цены \($0) останется доплатить \($1), когда работа будет закончена." },
      promiseBroken: { "Обещание не выполнено: \($0)" }, promiseReason: { "Причина (\($0)): \($1)" },
      morePromises: { "Других невыполненных обещаний: \($0)." },
      includedLeft: { "В этом месяце включено ещё \($0)." },
      sameFree: { "Та же проблема? Бесплатно до конца дня \($0)." },
      samePartly: { "Та же проблема? \($0) цены до конца дня \($1)." },
      advice: { "Мы советовали, Вы отказались: \($0)" },
      moreAdvice: { "Ещё раньше Вы отказались от советов: \($0)." },
      questions: { "Есть вопросы? Сначала позвоните: \($0)." },
      nothingDone: "Работа заняла меньше секунды. Платить не нужно."))
}

/// Lengths of periods in the accusative, which is what stands behind «за» and «считаем».
enum RussianPeriod {
  /// `первые 15 минут`, `первую минуту`, `первый час`.
  static func first(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "первые \(abbreviated(seconds))" }
    return whole.count == 1 ? "\(ending(whole, "первый", "первую")) \(noun(whole))" : "первые \(counted(whole))"
  }

  /// `каждые начатые 6 минут`, `каждую начатую минуту`, `каждый начатый час`.
  static func each(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds) else { return "каждые начатые \(abbreviated(seconds))" }
    return whole.count == 1
      ? "\(ending(whole, "каждый начатый", "каждую начатую")) \(noun(whole))" : "каждые начатые \(counted(whole))"
  }

  /// `первые 15 мин`; of one unit as in ``first(_:)``.
  static func shortFirst(_ seconds: Int64) -> String {
    WholePeriod(seconds)?.count == 1 ? first(seconds) : "первые \(abbreviated(seconds))"
  }

  /// `начатые 6 мин`, `начатую минуту`.
  static func shortBegun(_ seconds: Int64) -> String {
    guard let whole = WholePeriod(seconds), whole.count == 1 else { return "начатые \(abbreviated(seconds))" }
    return "\(ending(whole, "начатый", "начатую")) \(noun(whole))"
  }

  private static func counted(_ whole: WholePeriod) -> String { "\(whole.count) \(noun(whole))" }

  private static func noun(_ whole: WholePeriod) -> String {
    switch whole.unit {
    case .hour: Language.russian.form(whole.count, "час", "часа", "часов")
    case .minute: Language.russian.form(whole.count, "минуту", "минуты", "минут")
    case .second: Language.russian.form(whole.count, "секунду", "секунды", "секунд")
    }
  }

  private static func ending(_ whole: WholePeriod, _ masculine: String, _ feminine: String) -> String {
    whole.unit == .hour ? masculine : feminine
  }

  private static func abbreviated(_ seconds: Int64) -> String { Language.russian.duration(seconds: seconds) }
}
