import Ledger
import SessionModel

/// agreements.txt of a dispute bundle: what else was asked and answered in the session, and what was offered, promised and
/// advised in its case, in the customer's language.
struct BundleAgreements {
  private let language: Language
  private let words: Words

  init(_ language: Language) {
    self.language = language
    words = Words(language)
  }

  /// Empty where there was nothing of the kind.
  func text(of record: SessionRecord, _ register: CustomerRegister) -> String {
    var parts = questions(of: record) + overrides(of: record) + corrections(of: record)
    if let one = record.caseID.flatMap({ register.cases[$0] }) {
      parts += one.quotes.compactMap { register.quotes[$0] }.map(quote)
      parts += one.promises.map { promise($0, register.state(of: $0, in: one)) }
      parts += one.advice.map { advice in
        "\(words.advice) (\(advice.by)): \(shown(advice.text))\(advice.isDeclined ? " (\(words.declined))" : "")"
      }
    }
    guard !parts.isEmpty else { return "" }
    let lines = parts.joined(separator: "\n\n").split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { TextSafety.escaped(String($0)) + "\n" }.joined()
  }

  /// Every question in the words that were shown, with its answer.
  private func questions(of record: SessionRecord) -> [String] {
    var answers: [UInt64: (answer: QuestionAnswered.Answer, at: WallTime)] = [:]
    for entry in record.entries {
      if let answered = QuestionAnswered(entry), answers[answered.number] == nil {
        answers[answered.number] = (answered.answer, entry.time)
      }
    }
    return record.entries.compactMap { entry in
      guard let asked = QuestionAsked(entry) else { return nil }
      let given = answers[asked.number]
      return """
        \(words.question) \(asked.number), \(entry.time.rfc3339)
        \(asked.words.isEmpty ? "(erased)" : asked.words)
        \(words.answer): \(words.text(of: given?.answer ?? .none))\(given.map { ", \($0.at.rfc3339)" } ?? "")
        """
    }
  }

  /// Limits that a supervisor lifted without the customer.
  private func overrides(of record: SessionRecord) -> [String] {
    record.entries.compactMap { entry in
      LimitOverridden(entry).map {
        "\(words.lifted) (\($0.by), \(entry.time.rfc3339)): \(shown($0.reason))"
      }
    }
  }

  /// What it costs less since its receipt.
  private func corrections(of record: SessionRecord) -> [String] {
    record.entries.compactMap { entry in
      guard let corrected = AmountCorrected(entry) else { return nil }
      let reason = corrected.reason.isEmpty ? "" : ": \(corrected.reason)"
      return "\(words.corrected) \(money(corrected.price.amountMinor, corrected.price.currency)) "
        + "(\(corrected.by), \(entry.time.rfc3339))\(reason)"
    }
  }

  private func quote(_ quote: RegisteredQuote) -> String {
    let made = quote.made
    let state =
      switch quote.state {
      case .open, .replaced: words.text(of: .none)
      case .accepted: words.text(of: .yes)
      case .declined: words.text(of: .no)
      }
    let kind = made.binding == .fixed ? words.fixed : words.atMost
    return "\(words.quote) \(made.quote) (\(made.by)): \(shown(made.text)), \(kind) "
      + "\(money(made.amountMinor, made.currency)). \(words.answer): \(state)"
  }

  private func promise(_ promise: RegisteredCase.Promise, _ state: PromiseState) -> String {
    let made = promise.made
    let price = made.amountMinor.map { ", \(money($0, made.currency ?? ""))" } ?? ""
    let day = made.date.flatMap { CivilDate($0) }.map { ", \(language.date($0))" } ?? ""
    let end =
      switch state {
      case .open: ""
      case .kept: " (\(words.kept))"
      case .broken: " (\(words.broken): \(shown(promise.broken?.reason ?? "")))"
      }
    return "\(words.promise) (\(made.by)): \(shown(made.text))\(price)\(day)\(end)"
  }

  private func shown(_ text: String) -> String { text.isEmpty ? "(erased)" : text }

  private func money(_ minor: Int64, _ code: String) -> String {
    Currency(code).map { language.money(Money(minorUnits: minor, currency: $0)) } ?? "\(minor) \(code)"
  }
}

extension BundleAgreements {
  /// The labels in one language.
  private struct Words {
    let question, answer, goOn, stop, askQuote, yes, no, none: String
    let quote, fixed, atMost, promise, kept, broken, advice, declined, corrected, lifted: String

    func text(of answer: QuestionAnswered.Answer) -> String {
      switch answer {
      case .goOn: goOn
      case .stop: stop
      case .askQuote: askQuote
      case .yes: yes
      case .no: no
      case .none: none
      }
    }

    init(_ language: Language) {
      switch language {
      case .english:
        self.init(
          "Question", "Answer", "go on", "stop", "a price was asked for", "yes", "no", "none", "Price offered", "fixed",
          "at most", "Promised", "kept", "not kept", "Advised", "declined", "Price lowered afterwards to",
          "Limit lifted by the shop")
      case .korean:
        self.init(
          "질문", "답변", "계속", "중지", "견적 요청", "예", "아니요", "없음", "제안한 가격", "확정 금액", "최대", "약속",
          "지켜짐", "지켜지지 않음", "권고", "거절함", "나중에 낮춘 금액", "업체가 한도를 넘기기로 함")
      case .finnish:
        self.init(
          "Kysymys", "Vastaus", "jatketaan", "lopetetaan", "pyydettiin hinta", "kyllä", "ei", "ei vastausta",
          "Tarjottu hinta", "kiinteä", "enintään", "Luvattu", "pidetty", "ei pidetty", "Neuvottu", "ei otettu vastaan",
          "Hinta laskettu jälkikäteen:", "Liike nosti rajaa")
      case .russian:
        self.init(
          "Вопрос", "Ответ", "продолжать", "остановиться", "просьба назвать цену", "да", "нет", "нет ответа",
          "Предложенная цена", "твёрдая", "не больше", "Обещано", "выполнено", "не выполнено", "Совет", "отклонён",
          "Цена позже снижена до", "Фирма сняла предел")
      case .polish:
        self.init(
          "Pytanie", "Odpowiedź", "kontynuować", "zakończyć", "prośba o wycenę", "tak", "nie", "brak",
          "Zaproponowana cena", "stała", "najwyżej", "Obiecano", "dotrzymano", "nie dotrzymano", "Doradzono",
          "odrzucono", "Cena obniżona później do", "Firma zniosła limit")
      }
    }

    private init(
      _ question: String, _ answer: String, _ goOn: String, _ stop: String, _ askQuote: String, _ yes: String,
      _ no: String, _ none: String, _ quote: String, _ fixed: String, _ atMost: String, _ promise: String,
      _ kept: String, _ broken: String, _ advice: String, _ declined: String, _ corrected: String,
      _ lifted: String
    ) {
      (self.question, self.answer, self.goOn, self.stop) = (question, answer, goOn, stop)
      (self.askQuote, self.yes, self.no, self.none) = (askQuote, yes, no, none)
      (self.quote, self.fixed, self.atMost, self.promise) = (quote, fixed, atMost, promise)
      (self.kept, self.broken, self.advice, self.declined) = (kept, broken, advice, declined)
      (self.corrected, self.lifted) = (corrected, lifted)
    }
  }
}
