import SessionModel

extension CustomerWords {
  /// Korean: the polite formal style. A period is written as any other duration; only the particle behind it changes.
  static let korean = CustomerWords(
    price: PriceWords(
      headGross: "요금(부가세 포함):", headNet: "요금(부가세 별도):", shortGross: "부가세 포함:", shortNet: "부가세 별도:",
      eachGross: "기사 1명당 요금(부가세 포함):", eachNet: "기사 1명당 요금(부가세 별도):",
      shortEachGross: "1명당(부가세 포함):", shortEachNet: "1명당(부가세 별도):",
      callOut: { " 기본료 \($0)," },
      first: { "처음 \(KoreanPeriod.words($1)) \($0)," },
      then: { "그 뒤 \(KoreanPeriod.subject($1)) 시작될 때마다 \($0)입니다." },
      every: { "\(KoreanPeriod.subject($1)) 시작될 때마다 \($0)입니다." },
      hourly: { "한 시간에 \($0)입니다." },
      counting: {
        "처음 \(KoreanPeriod.topic($0)) 모두 계산하고, 그 뒤에는 \(KoreanPeriod.subject($1)) 시작될 때마다 모두 계산합니다."
      },
      countingEvery: { "\(KoreanPeriod.subject($0)) 시작될 때마다 모두 계산합니다." },
      shortFirst: { "처음 \(KoreanPeriod.words($1)) \($0)," },
      shortThen: { "그 뒤 \(KoreanPeriod.words($1)) 시작마다 \($0)." },
      shortEvery: { "\(KoreanPeriod.words($1)) 시작마다 \($0)." },
      shortCounting: { "처음 \(KoreanPeriod.words($0)) 모두, 그 뒤 \(KoreanPeriod.words($1)) 시작마다." },
      shortCountingEvery: { "\(KoreanPeriod.words($0)) 시작마다." },
      percentNow: { "지금은 이 요금의 \($0)입니다." },
      outOfHoursNow: { "영업시간 외 요금으로, 평소 요금의 \($0)입니다." },
      shortOutOfHoursNow: { "(영업시간 외 \($0).)" },
      outOfHoursLater: { "\($2 ? "내일 " : "")\($1)부터는 이 요금의 \($0)입니다." },
      otherWork: { "다른 작업(이 요금 기준): \($0)." },
      otherWorkAtMost: { "다른 작업은 이 요금의 최대 \($0)입니다." },
      otherWorkHourly: { "다른 작업(시간당): \($0)." }, otherWorkHourlyAtMost: { "다른 작업은 시간당 최대 \($0)입니다." },
      dearer: { "이 요금 대비: \($0)." }, dearerLater: { "\($2 ? "내일 " : "")\($1)부터 \($0)" },
      dearerWork: { "다른 작업 최대 \($0)" },
      dearerWorkHourly: { "다른 작업 시간당 최대 \($0)" },
      otherWorkLater: { "\($2 ? "내일 " : "")\($1)부터 다른 작업은 시간당 최대 \($0)입니다." },
      dearerWorkLater: { "\($2 ? "내일 " : "")\($1)부터 다른 작업 시간당 최대 \($0)" }),
    consent: ConsentWords(
      who: "기사: ", why: "이유: ",
      reworkFree: { "요금은 없습니다. 같은 문제는 \($0)까지 무료로 다시 봐 드립니다." },
      reworkPrice: { "같은 문제여서 평소 요금의 \($0)만 적용한 금액입니다(\($1)까지)." },
      shortReworkPrice: { "(같은 문제: 이미 \($0) 적용, \($1)까지.)" },
      reworkShare: { "같은 문제여서 위 요금의 \($0)만 내시면 됩니다(\($1)까지)." },
      shortReworkShare: { "같은 문제: 위 요금의 \($0), \($1)까지." },
      continuing: "앞선 작업에 이어지므로 최소 요금이 다시 붙지 않습니다.",
      included: { "포함된 시간이 \($0) 남아 있으며 먼저 사용됩니다." },
      shortIncluded: { "포함 시간 \($0) 남음." },
      includedUsual: { "포함된 시간 \($0) 남음, 영업시간에만 사용됩니다." },
      shortIncludedUsual: { "포함 시간 \($0) 남음(영업시간만)." },
      atMost: { "합의한 요금: 최대 \($0)." },
      atMostLeft: { "합의한 요금: 최대 \($0), 남은 금액 \($1)." },
      fixedGross: { "합의한 요금(부가세 포함): 작업 전체에 \($0)." },
      fixedNet: { "합의한 요금(부가세 별도): 작업 전체에 \($0)." },
      fixedUsed: { "작업 전체에 합의한 요금 \($0)은 이미 청구되었습니다." },
      limit: { "\($0) 넘기 전에 멈추고 먼저 여쭤봅니다." },
      shortLimit: { "\($0) 넘기 전에 여쭤봅니다." },
      thisMonth: { "이번 달 \($0)" },
      or: " 또는 ",
      withdrawal: "지금 시작할까요? 작업 후에는 14일 청약철회가 안 됩니다.",
      yesNo: "y(예) = 동의하고 요금을 냅니다.    n(아니요) = 무료입니다.",
      yesNoFree: "y(예) = 동의합니다.    n(아니요) = 거절. 모두 무료입니다."),
    allowances: AllowanceWords(
      change: "허용: 파일 보기와 변경. Ctrl+C를 누르면 모두 멈춥니다.",
      read: "허용: 파일 보기만, 변경 불가. Ctrl+C로 모두 멈춥니다.",
      write: "허용: 파일 넣기만. Ctrl+C를 누르면 모두 멈춥니다.",
      nothing: "허용: 아직 없음. Ctrl+C를 누르면 모두 멈춥니다.",
      changeAndConnect: "허용: 파일 변경, 네트워크 사용. Ctrl+C로 모두 멈춥니다.",
      readAndConnect: "허용: 파일 보기, 네트워크 사용. Ctrl+C로 모두 멈춥니다.",
      writeAndConnect: "허용: 파일 넣기, 네트워크 사용. Ctrl+C로 모두 멈춥니다.",
      connect: "허용: 네트워크 사용만. Ctrl+C를 누르면 모두 멈춥니다."),
    limit: LimitWords(
      session: { "계속하면 이번 작업의 한도 \($0)를 넘게 됩니다." },
      month: { "계속하면 이번 달의 한도 \($0)를 넘게 됩니다." },
      scope: { "이 작업(\($0))은 합의한 범위에 들어 있지 않습니다." },
      chargedGross: { "지금까지 요금: \($0)(부가세 포함), \($1)." },
      chargedNet: { "지금까지 요금: \($0)(부가세 별도), \($1)." },
      waiting: "시간은 계산되지 않습니다. 고르실 때까지 기사가 기다립니다.",
      goOn: { "1 = 이 요금으로 계속합니다 (모두 합해 최대 \($0))" },
      goOnOutOfScope: { "1 = 이 작업을 시간당 \($0) 요금으로 계속합니다" },
      goOnAgreed: "1 = 합의한 요금 안에서 계속합니다", stop: "2 = 여기서 끝냅니다",
      ask: "3 = 다른 일입니다. 먼저 가격을 알려 주세요",
      agreedWorkGoesOn: "합의한 작업이 계속됩니다.", shopGoesOn: "업체에서 한도를 넘어 계속하기로 했습니다.",
      answeredElsewhere: "다른 작업에서 이미 답하셨습니다.", replaced: "다른 질문으로 바뀝니다.",
      workNow: { "지금부터: \($0), 시간당 \($1)." }),
    quote: QuoteWords(
      offer: { "\($0) 기사가 가격을 제안합니다." }, work: "작업: ",
      atMostGross: { "가격(부가세 포함): 최대 \($0)." },
      atMostNet: { "가격(부가세 별도): 최대 \($0)." },
      fixedGross: { "가격(부가세 포함): 걸리는 시간과 관계없이 \($0)." },
      fixedNet: { "가격(부가세 별도): 걸리는 시간과 관계없이 \($0)." },
      binding: "확정 가격이며, 이보다 더 내실 일은 없습니다.",
      staysOwed: "그 금액은 이 가격과 별도로 내셔야 합니다.",
      yesNo: "y(예) = 이 가격에 동의합니다.    n(아니요) = 거절합니다."),
    receipt: ReceiptWords(
      title: { "영수증 \($0), \($1)" }, provisionalTitle: { "임시 영수증 \($0), \($1)" },
      provisional: "중계 서버가 아직 확인하지 않았습니다.",
      vatID: { "부가세 번호 \($0)" },
      forCustomer: { "고객 \($0): \($1)" }, forPurpose: { "내용: \($0)" },
      result: { "결과: \($0), 담당 \($1)" },
      fixed: "해결됨", onSite: "방문이 필요함", outOfScope: "합의한 범위가 아님",
      customerEquipment: "고객님 장비의 문제임", abandoned: "해결되지 않음",
      worked: "작업", charged: "청구", included: "포함 시간", rework: "재작업", time: "시간", callOut: "기본료",
      quote: "합의 요금", allowance: "할인", toPay: "내실 금액",
      more: { "외\u{a0}\($0)건" },
      minimum: "합의한 최소 시간", begun: { "\(KoreanPeriod.subject($0)) 시작될 때마다" },
      grace: "마지막 잠깐은 무료",
      atMost: { "최대 \($0)" }, fixedPrice: { "작업 전체 \($0)" },
      fixedBeside: { "정액 \($0)" }, quoteUsed: { "그중 \($0) 이미 사용" },
      quoteShares: { "여기까지 \($0): 이 요금에 합의하기 전 \($1), 그 뒤 이 요금으로 \($2)(\($3))." },
      nothing: "없음",
      taxIncluded: { "부가세 \($0), \($1) 포함" }, taxIncludedPlain: "부가세 포함",
      taxOnTop: { "부가세 \($0), \($1) 별도" }, taxOnTopPlain: "부가세 별도",
      payLater: { "나중에 결제: 청구서를 \($0) 주소로 보내 드립니다." },
      consentAt: { "\($0)에 이 요금에 동의하셨습니다." },
      consentOn: { "\($0) \($1)에 이 요금에 동의하셨습니다." },
      fixedRest: { "정액 \($0) 중 나머지 \($1): 작업이 끝나면 청구됩니다." },
      promiseBroken: { "지켜지지 않은 약속: \($0)" }, promiseReason: { "이유(\($0)): \($1)" },
      morePromises: { "그 밖에 지켜지지 않은 약속: \($0)건." },
      includedLeft: { "이번 달에 남은 포함 시간: \($0)." },
      sameFree: { "같은 문제인가요? \($0)까지 무료입니다." },
      samePartly: { "같은 문제인가요? \($1)까지 요금의 \($0)입니다." },
      advice: { "권해 드렸으나 원하지 않으신 사항: \($0)" },
      moreAdvice: { "그 전에 권해 드렸으나 원하지 않으신 사항: \($0)건." },
      questions: { "궁금하신 점은 먼저 전화해 주세요: \($0)." },
      nothingDone: "작업 시간이 1초 미만입니다. 내실 금액은 없습니다."))
}

/// Lengths of periods with the particles behind them, which follow the last sound: 시간 and 분 end in a consonant, 초 does not.
enum KoreanPeriod {
  /// `15분`, `1시간 5분`, `30초`.
  static func words(_ seconds: Int64) -> String { Language.korean.duration(seconds: seconds) }

  /// `15분이`, `30초가`.
  static func subject(_ seconds: Int64) -> String { words(seconds) + (endsInVowel(seconds) ? "가" : "이") }

  /// `15분은`, `30초는`.
  static func topic(_ seconds: Int64) -> String { words(seconds) + (endsInVowel(seconds) ? "는" : "은") }

  private static func endsInVowel(_ seconds: Int64) -> Bool { seconds % 60 != 0 || seconds == 0 }
}
