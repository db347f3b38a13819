import PTY
import SessionModel
import Testing
import TunnelProtocol

@testable import Agent

@Suite struct AgentWordsTests {
  /// Everything the agent can say, once.
  private static func everything(_ wording: Wording, name: String = "matti") throws -> [String] {
    let session = try #require(SessionID("00000001"))
    let code = try #require(JoinCode("482177305"))
    let key = try #require(Fingerprint([UInt8](repeating: 1, count: 32)))
    let relay = try #require(RelayAddress("relay.example:7443"))
    let consent = Question.consent(
      ConsentRequest(
        session: session, technician: name, technicianKey: key, purpose: "p", words: "w", allowances: .all,
        timeoutSeconds: 1))
    func choice(_ kind: QuestionKind) -> Question {
      .choice(ChoiceRequest(session: session, number: 1, kind: kind, words: "w", timeoutSeconds: 1))
    }
    var report = SessionReport(
      session: session, state: .active, activeMilliseconds: 720_000, amountMinor: 2_250, currency: "EUR", exponent: 2)
    var texts = [
      wording.connecting(to: relay), wording.connected(to: ""), wording.connected(to: name), wording.ready(code),
      wording.readyAgain(code), wording.disconnected("gone", wasUp: false), wording.disconnected("gone", wasUp: true),
      wording.retry(milliseconds: 1), wording.retry(milliseconds: 4_001), wording.lineCut, wording.declined,
      wording.stopping,
      wording.notAsked(because: "none"), wording.accepted(name), wording.refused(name, because: "none"),
      wording.takenBack(name, reason: "none"), wording.takenBack(name, reason: ""), wording.askedAnew(name),
      wording.provisional(session, provisional(name, .outOfReach, isKept: true)),
      wording.provisional(session, provisional(name, .notOnRecord, isKept: false)),
      wording.receiptRefused(session, "none"), wording.notCountersigned("none"), wording.receiptNotStored("none"),
      wording.otherRelay(name),
      wording.session(report, technician: name) ?? "", StatusText(wording).line(report, technician: name),
    ]
    report.state = .suspended
    report.reasons = SuspendReason.allCases
    texts.append(wording.session(report, technician: name) ?? "")
    for question in [consent, choice(.limit), choice(.quote)] {
      texts += [
        wording.asked(question, wasLost: true), wording.question(question), wording.askAgain(question),
        wording.standingYes(question),
      ]
      texts += (1...3).map { wording.chose(question, $0) }
      texts += [
        wording.cancelled(.unclear(question)), wording.cancelled(.withdrawn(question, reason: "none")),
        wording.cancelled(.withdrawn(question, reason: "")), wording.cancelled(.timedOut(question)),
      ]
    }
    texts.append(wording.cancelled(.linkLost))
    for (total, survivors) in [(1, 0), (2, 1), (3, 2), (5, 5), (22, 21)] {
      let list = [EndedProcess(pid: 7, command: name, survives: false)]
      texts.append(wording.ended(EndedProcesses(list: list, total: total, survivors: survivors)) ?? "")
    }
    return texts
  }

  private static func provisional(
    _ name: String, _ why: ProvisionalText.Why, isKept: Bool
  ) -> ProvisionalText {
    ProvisionalText(
      moment: WallTime(milliseconds: 0), shop: name, technician: name, measuredMilliseconds: 720_000,
      signedMilliseconds: 715_000, why: why, isKept: isKept)
  }

  @Test("no sentence is there in vain: each is said at some time")
  func everyMemberIsUsed() throws {
    let words = Self.marked
    let said = try Self.everything(Wording(.english, words)).joined(separator: "\n")
    let members = Mirror(reflecting: words).children.compactMap(\.label)
    #expect(members.count > 40)
    for member in members { #expect(said.contains("<\(member)>"), "\(member) is never said") }
  }

  @Test("in every language every sentence may be shown, whatever others are called", arguments: Language.allCases)
  func safe(language: Language) throws {
    for name in ["matti", "x\u{1b}]0;y\u{7}\u{202e}\r"] {
      for text in try Self.everything(Wording(language), name: name) {
        #expect(!text.isEmpty)
        #expect(TextSafety.problem(inShownText: text) == nil, "\(text)")
      }
    }
  }

  @Test("nothing is left in English", arguments: Language.allCases.filter { $0 != .english })
  func translated(language: Language) throws {
    let english = try Self.everything(Wording(.english))
    for (text, other) in zip(try Self.everything(Wording(language)), english) { #expect(text != other) }
  }

  @Test(
    "a visit that ended before the yes arrived is said to cost nothing, in every language",
    arguments: [
      (.english, "there is nothing to pay"), (.korean, "비용도 없습니다"), (.finnish, "eikä maksettavaa ole"),
      (.russian, "платить не нужно"), (.polish, "nie ma nic do zapłaty"),
    ] as [(Language, String)])
  func neverBegan(language: Language, sentence: String) {
    let wording = Wording(language)
    #expect(wording.takenBack("matti", reason: "").contains(sentence))
    #expect(wording.takenBack("matti", reason: "it is late").contains("late") == (language == .english))
  }

  @Test("why the line broke is English, and told in English alone; why it never came is told to everybody")
  func reasons() {
    for language in Language.allCases {
      let wording = Wording(language)
      #expect(wording.disconnected("the line broke", wasUp: true).contains("line broke") == (language == .english))
      #expect(wording.disconnected("the line broke", wasUp: false).contains("line broke"))
    }
  }

  @Test("questions, codes and the last words fit a line of 60 columns", arguments: Language.allCases)
  func narrow(language: Language) throws {
    let wording = Wording(language)
    let session = try #require(SessionID("00000001"))
    let limit = Question.choice(
      ChoiceRequest(session: session, number: 1, kind: .limit, words: "w", timeoutSeconds: 1))
    // One column is for what is typed.
    for prompt in [
      wording.words.yesOrNo, wording.words.yesOrNoAgain, wording.words.answerLost, wording.question(limit),
      wording.askAgain(limit),
    ] {
      #expect(TextWidth.columns(of: prompt) < 60, "\(prompt)")
    }
    let code = try #require(JoinCode("482177305"))
    for line in (wording.ready(code) + wording.closed(text: "")).split(separator: "\n") {
      #expect(TextWidth.columns(of: String(line)) <= 60, "\(line)")
    }
  }

  @Test(
    "a provisional receipt says its moment in UTC, so that it is no other day than the final one's",
    arguments: [
      (.english, "30 November 2026, 22:40 UTC"), (.korean, "2026년 11월 30일, 22:40 UTC"),
      (.finnish, "30.11.2026, 22.40 UTC"), (.russian, "30 ноября 2026 года, 22:40 UTC"),
      (.polish, "30 listopada 2026 roku, 22:40 UTC"),
    ] as [(Language, String)])
  func provisional(language: Language, moment: String) throws {
    let text = Wording(language).provisional(
      try #require(SessionID("k3x9q7mt")),
      ProvisionalText(
        moment: try #require(WallTime(rfc3339: "2026-11-30T22:40:59Z")), shop: "Shop", technician: "anna",
        measuredMilliseconds: 720_000, signedMilliseconds: 715_000, why: .outOfReach, isKept: true))
    let lines = text.split(separator: "\u{a0}").joined(separator: " ").split(separator: "\n")
    #expect(lines[0].hasSuffix(" k3x9q7mt") && lines[1] == moment && lines[2] == "anna, Shop", "\(text)")
    #expect(!text.contains("…"), "every line fits")
  }

  @Test(
    "a guest is sent to the shop for the final receipt, as his key goes with the program; whoever keeps it connects again",
    arguments: Language.allCases)
  func provisionalReceipt(language: Language) throws {
    let wording = Wording(language)
    let session = try #require(SessionID("00000001"))
    for why in [ProvisionalText.Why.outOfReach, .notOnRecord] {
      let guest = wording.provisional(session, Self.provisional("matti", why, isKept: false))
      let kept = wording.provisional(session, Self.provisional("matti", why, isKept: true))
      let sentences = [wording.words.finalFromShop("00000001"), wording.words.finalComes]
      #expect(sentences.map { guest.contains($0) } == [true, false], "\(guest)")
      #expect(sentences.map { kept.contains($0) } == [false, true], "\(kept)")
      #expect(guest.contains(wording.words.outOfReach) == (why == .outOfReach))
      #expect(guest.contains(wording.words.notOnRecord) == (why == .notOnRecord))
    }
  }

  @Test("who works, the price as the language writes it, and how to stop it share 60 columns")
  func status() throws {
    let report = SessionReport(
      session: try #require(SessionID("00000001")), state: .active, activeMilliseconds: 3_900_000,
      amountMinor: 123_450, currency: "EUR", exponent: 2)
    let lines: [(Language, String)] = [
      (.english, "ann · 1 h 05 min · 1,234.50 EUR so far · Ctrl+C stops it"),
      (.korean, "ann 작업 중 · 1시간 5분 · 현재 1,234.50유로 · Ctrl+C로 중지"),
      (.finnish, "ann · 1 h 05 min · tähän asti 1 234,50 € · Ctrl+C lopettaa"),
      (.russian, "ann работает · 1 ч 05 мин · уже 1 234,50 € · Ctrl+C: стоп"),
      (.polish, "ann · 1 godz. 05 min · dotąd 1234,50 € · Ctrl+C kończy"),
    ]
    for (language, line) in lines {
      let shown = StatusText(Wording(language)).line(report, technician: "ann")
      #expect(shown.split(separator: "\u{a0}").joined(separator: " ") == line)
    }
  }

  @Test(
    "what was ended is counted as the language counts",
    arguments: [
      (.finnish, 5, "Käynnin ohjelmista lopetettiin 5: bash (7), 4 muuta."),
      (.russian, 1, "Завершена 1 программа сеанса: bash (7)."),
      (.russian, 3, "Завершены 3 программы сеанса: bash (7), ещё 2."),
      (.russian, 5, "Завершено 5 программ сеанса: bash (7), ещё 4."),
      (.polish, 2, "Zakończono 2 programy z tej wizyty: bash (7), jeszcze 1."),
      (.polish, 5, "Zakończono 5 programów z tej wizyty: bash (7), jeszcze 4."),
      (.korean, 2, "이번 작업의 프로그램 2개를 끝냈습니다: bash (7), 외 1개."),
    ] as [(Language, Int, String)])
  func ended(language: Language, total: Int, line: String) {
    let list = [EndedProcess(pid: 7, command: "bash", survives: false)]
    #expect(Wording(language).ended(EndedProcesses(list: list, total: total, survivors: 0)) == line)
  }

  /// A language whose sentences are their own names.
  private static let marked = AgentWords(
    connecting: { "<connecting>\($0)" }, connected: "<connected>", connectedTo: { "<connectedTo>\($0)" },
    disconnected: { "<disconnected>\($0)" }, lineLost: { "<lineLost>\($0)" }, tryingNow: "<tryingNow>",
    tryingIn: { "<tryingIn>\($0)" },
    lineCut: "<lineCut>", yourCode: "<yourCode>", readItOut: "<readItOut>", codeAgain: { "<codeAgain>\($0)" },
    yesOrNo: "<yesOrNo>", yesOrNoAgain: "<yesOrNoAgain>", number: { "<number>\($0)" },
    numberAgain: { "<numberAgain>\($0)" }, or: "<or>", answerLost: "<answerLost>", takenBack: { "<takenBack>\($0)" },
    choiceTakenBack: { "<choiceTakenBack>\($0)" }, timedOut: "<timedOut>",
    connectionLost: "<connectionLost>", unclearConsent: "<unclearConsent>", unclearChoice: "<unclearChoice>",
    standingYes: "<standingYes>", standingNo: "<standingNo>", chose: { "<chose>\($0)" }, saidYes: "<saidYes>",
    saidNo: "<saidNo>", notAsked: { "<notAsked>\($0)" }, accepted: { "<accepted>\($0)" }, declined: "<declined>",
    refused: { "<refused>\($0)\($1)" }, working: { "<working>\($0)" }, noTime: { "<noTime>\($0)" }, link: "<link>",
    noChannel: "<noChannel>", paused: "<paused>", limit: "<limit>", idle: "<idle>", storage: "<storage>",
    isWorking: { "<isWorking>\($0)" }, soFar: { "<soFar>\($0)" }, stops: "<stops>", stopping: "<stopping>",
    ended: { "<ended>\($0)\($1)" }, moreEnded: { "<moreEnded>\($0)" }, survivors: { "<survivors>\($0)" },
    endedBeforeYes: { "<endedBeforeYes>\($0)\($1)" }, askedAnew: { "<askedAnew>\($0)" },
    otherRelay: { "<otherRelay>\($0)" }, provisionalTitle: { "<provisionalTitle>\($0)" },
    provisional: { "<provisional>\($0)\($1)" }, outOfReach: "<outOfReach>", notOnRecord: "<notOnRecord>",
    finalComes: "<finalComes>", finalFromShop: { "<finalFromShop>\($0)" },
    receiptRefused: { "<receiptRefused>\($0)\($1)" },
    notCountersigned: { "<notCountersigned>\($0)" }, receiptNotStored: { "<receiptNotStored>\($0)" })
}
