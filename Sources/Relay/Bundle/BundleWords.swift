import Ledger
import SessionModel

/// What a layman reads first in a dispute bundle, in his language.
enum BundleWords {
  /// What the customer said to the first question.
  enum Answer: CaseIterable {
    case yes
    case no
    /// Neither: the time was up, or the question was withdrawn.
    case none

    init(_ record: SessionRecord) {
      if record.consent?.accepted == true {
        self = .yes
      } else {
        self = record.consent != nil || record.outcome == .declined ? .no : .none
      }
    }
  }

  /// What of the bundle was erased by law.
  struct Erased {
    /// The day of the plan's place on which it was done; nil where that is not on record.
    var date: CivilDate?
    /// The words of the first question.
    var areWords: Bool
    var isReceipt: Bool
    var areFiles: Bool
  }

  /// What is in the bundle.
  struct Contents {
    var session: SessionID
    var date: CivilDate
    var shop: String
    var phone: String
    var answer: Answer
    var hasAgreements: Bool
    var hasReceipt: Bool
    var hasFiles: Bool
    var hasProof: Bool
    /// Nil where nothing was.
    var erased: Erased?
  }

  /// README.txt.
  static func readme(_ language: Language, _ contents: Contents) -> String {
    let words = words(language)
    let erased = contents.erased
    var lines = ["\(words.title) \(contents.session), \(language.date(contents.date))", "", words.intro, ""]
    if let erased {
      let date = erased.date.map { " (\(language.date($0)))" } ?? ""
      lines += ["\(words.erased)\(date). \(words.notErased)", ""]
    }
    let answer =
      switch contents.answer {
      case .yes: words.yes
      case .no: words.no
      case .none: words.noAnswer
      }
    lines += ["consent.txt", "    \(erased?.areWords == true ? words.consentErased : words.consent) \(answer)"]
    if contents.hasAgreements { lines += ["agreements.txt", "    \(words.agreements)"] }
    if contents.hasReceipt { lines += ["receipt.txt, receipt.json", "    \(words.receipt)"] }
    lines += ["events.txt, session.json", "    \(words.events)"]
    if contents.hasFiles { lines += ["files.txt", "    \(words.files)"] }
    if contents.hasProof { lines += ["chain/", "    \(erased == nil ? words.chain : words.chainErased)"] }
    if erased?.areFiles == true { lines += ["", words.filesErased] }
    if !contents.hasReceipt { lines += ["", erased?.isReceipt == true ? words.receiptErased : words.noReceipt] }
    if contents.hasReceipt { lines += ["", words.check, "    fixline-agent verify receipt.json"] }
    let who = [contents.shop, contents.phone].filter { !$0.isEmpty }.joined(separator: ", ")
    if !who.isEmpty { lines += ["", "\(words.questions) \(who)"] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The sentences in one language.
  struct Words {
    let title, intro, consent, yes, no, noAnswer, agreements: String
    let receipt, events, files, chain, noReceipt, check, questions: String
    /// A date in brackets and a full stop follow.
    let erased: String
    let notErased, consentErased, receiptErased, filesErased, chainErased: String
  }

  static func words(_ language: Language) -> Words {
    switch language {
    case .english:
      Words(
        title: "Support session",
        intro: "These papers say what was agreed, what was done, how long it took and what it cost.",
        consent: "What you were shown before anything began, word for word.",
        yes: "You said yes to it.", no: "You said no to it.", noAnswer: "You did not say yes to it.",
        agreements: "What you were asked and answered after that, and what you were offered, promised and advised.",
        receipt: "The receipt: once to read, once with the signatures that show it was not changed.",
        events: "What happened, step by step, with the times (in UTC).",
        files: "Files that were transferred or changed, as your computer reported them.",
        chain: "For an expert: the proof that nothing above was changed or left out later. Begin with HOWTO.txt.",
        noReceipt: "There is no receipt: no work was done, or it was not made yet.",
        check: "Anybody can check the receipt, without the internet:",
        questions: "Questions:",
        erased: "Personal details were erased for good",
        notErased: "Where they stood it says (erased), or nothing. Times and amounts are still here.",
        consentErased: "What you were shown before anything began was erased.",
        receiptErased: "There was a receipt; it was erased.", filesErased: "The list of files was erased.",
        chainErased:
          "For an expert: the proof that nothing above was changed later, and that nothing but what was erased is missing. "
          + "Whoever still has the receipt can hold it against this. Begin with HOWTO.txt.")
    case .korean:
      Words(
        title: "원격 지원",
        intro: "무엇에 동의했고, 무엇을 했고, 얼마나 걸렸고, 비용이 얼마인지 보여 주는 자료입니다.",
        consent: "시작하기 전에 화면에 표시된 내용 그대로입니다.",
        yes: "고객님은 동의하셨습니다.", no: "고객님은 거절하셨습니다.", noAnswer: "고객님의 동의는 없었습니다.",
        agreements: "그 후의 질문과 고객님의 답변, 그리고 제안하거나 약속하거나 권한 내용입니다.",
        receipt: "영수증: 읽기 위한 것과, 바뀌지 않았음을 보여 주는 서명이 있는 것.",
        events: "있었던 일을 순서대로 시각(UTC)과 함께 적은 것입니다.",
        files: "전송되거나 바뀐 파일. 고객님의 컴퓨터가 알린 대로입니다.",
        chain: "전문가용: 위의 내용이 나중에 바뀌거나 빠지지 않았다는 증명. HOWTO.txt부터 보십시오.",
        noReceipt: "영수증이 없습니다. 작업이 없었거나 아직 만들어지지 않았습니다.",
        check: "영수증은 인터넷 없이 누구나 확인할 수 있습니다:",
        questions: "문의:",
        erased: "개인 정보는 완전히 삭제되었습니다",
        notErased: "있던 자리에는 (erased)라고 적혀 있거나 비어 있습니다. 시각과 금액은 남아 있습니다.",
        consentErased: "시작하기 전에 화면에 표시된 내용은 삭제되었습니다.",
        receiptErased: "영수증이 있었지만 삭제되었습니다.", filesErased: "파일 목록은 삭제되었습니다.",
        chainErased:
          "전문가용: 위의 내용이 나중에 바뀌지 않았고, 삭제된 것 말고는 빠진 것이 없다는 증명. "
          + "영수증이 아직 있으면 이것과 대조할 수 있습니다. HOWTO.txt부터 보십시오.")
    case .finnish:
      Words(
        title: "Etätuki",
        intro: "Nämä paperit kertovat, mitä sovittiin, mitä tehtiin, kauanko se kesti ja mitä se maksoi.",
        consent: "Mitä teille näytettiin sanasta sanaan ennen kuin mitään alkoi.",
        yes: "Vastasitte siihen kyllä.", no: "Vastasitte siihen ei.", noAnswer: "Ette vastannut siihen kyllä.",
        agreements: "Mitä sen jälkeen kysyttiin ja mitä vastasitte, ja mitä tarjottiin, luvattiin ja neuvottiin.",
        receipt: "Kuitti: luettavana ja allekirjoituksin, jotka osoittavat, ettei sitä ole muutettu.",
        events: "Mitä tapahtui, vaihe vaiheelta, kellonaikoineen (UTC).",
        files: "Siirretyt tai muutetut tiedostot, kuten tietokoneenne ne ilmoitti.",
        chain:
          "Asiantuntijalle: todiste siitä, ettei edellä olevaa ole muutettu tai jätetty pois. Aloittakaa: HOWTO.txt.",
        noReceipt: "Kuittia ei ole: työtä ei tehty, tai sitä ei ole vielä laadittu.",
        check: "Kuka tahansa voi tarkistaa kuitin ilman internetiä:",
        questions: "Kysyttävää:",
        erased: "Henkilötiedot on poistettu lopullisesti",
        notErased: "Niiden kohdalla lukee (erased) tai ei mitään. Ajat ja summat ovat tallella.",
        consentErased: "Se, mitä teille näytettiin ennen kuin mitään alkoi, on poistettu.",
        receiptErased: "Kuitti tehtiin, mutta se on poistettu.", filesErased: "Tiedostojen luettelo on poistettu.",
        chainErased:
          "Asiantuntijalle: todiste siitä, ettei edellä olevaa ole muutettu ja että vain poistettu puuttuu. "
          + "Jos kuitti on vielä jollakulla, sitä voi verrata tähän. Aloittakaa: HOWTO.txt.")
    case .russian:
      Words(
        title: "Сеанс поддержки",
        intro: "Из этих бумаг видно, о чём договорились, что сделали, сколько времени ушло и сколько это стоило.",
        consent: "Что Вам показали до начала, слово в слово.",
        yes: "Вы ответили «да».", no: "Вы ответили «нет».", noAnswer: "Ответа «да» не было.",
        agreements: "О чём Вас спросили потом и что Вы ответили, что Вам предложили, обещали и посоветовали.",
        receipt: "Квитанция: для чтения и с подписями, которые показывают, что её не меняли.",
        events: "Что происходило, шаг за шагом, с указанием времени (UTC).",
        files: "Переданные или изменённые файлы, как о них сообщил Ваш компьютер.",
        chain: "Для специалиста: доказательство, что ничего не изменили и не убрали позже. Начните с HOWTO.txt.",
        noReceipt: "Квитанции нет: работы не было или квитанция ещё не составлена.",
        check: "Проверить квитанцию может любой, без интернета:",
        questions: "Вопросы:",
        erased: "Личные данные удалены навсегда",
        notErased: "На их месте стоит (erased) или ничего нет. Время и суммы сохранены.",
        consentErased: "То, что Вам показали до начала, удалено.",
        receiptErased: "Квитанция была, но её удалили.", filesErased: "Список файлов удалён.",
        chainErased:
          "Для специалиста: доказательство, что ничего не изменили и не хватает только удалённого. "
          + "Если квитанция у кого-то осталась, её можно с этим сверить. Начните с HOWTO.txt.")
    case .polish:
      Words(
        title: "Sesja pomocy",
        intro: "Z tych dokumentów wynika, co uzgodniono, co zrobiono, ile to trwało i ile kosztowało.",
        consent: "Co pokazano przed rozpoczęciem, słowo w słowo.",
        yes: "Odpowiedź brzmiała: tak.", no: "Odpowiedź brzmiała: nie.", noAnswer: "Odpowiedzi „tak” nie było.",
        agreements: "O co zapytano później i jaka była odpowiedź oraz co zaproponowano, obiecano i doradzono.",
        receipt: "Rachunek: do czytania oraz z podpisami, które dowodzą, że go nie zmieniono.",
        events: "Co się działo, krok po kroku, z godzinami (UTC).",
        files: "Pliki przesłane lub zmienione, zgodnie ze zgłoszeniem komputera klienta.",
        chain: "Dla eksperta: dowód, że niczego później nie zmieniono ani nie usunięto. Zacznij od HOWTO.txt.",
        noReceipt: "Rachunku nie ma: nie wykonano pracy albo jeszcze go nie wystawiono.",
        check: "Rachunek może sprawdzić każdy, bez internetu:",
        questions: "Pytania:",
        erased: "Dane osobowe trwale usunięto",
        notErased: "W ich miejscu jest (erased) albo nic. Czasy i kwoty pozostały.",
        consentErased: "To, co pokazano przed rozpoczęciem, usunięto.",
        receiptErased: "Rachunek wystawiono, ale został usunięty.", filesErased: "Listę plików usunięto.",
        chainErased:
          "Dla eksperta: dowód, że niczego później nie zmieniono i brakuje tylko tego, co usunięto. "
          + "Kto ma jeszcze rachunek, może go z tym porównać. Zacznij od HOWTO.txt.")
    }
  }
}
