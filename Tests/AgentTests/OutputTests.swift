import PTY
import SessionModel
import Testing

@testable import Agent

@Suite struct AgentEventTests {
  private func session() throws -> SessionID { try #require(SessionID("2f08fg0a")) }

  @Test("events are one JSON object a line with the names scripts know")
  func events() throws {
    let code = try #require(JoinCode("482177305"))
    let table: [(AgentEvent, String)] = [
      (.ready(code), #"{"event":"ready","code":"482177305"}"#),
      (
        .consent(session: try session(), technician: "matti", words: "Who: \"matti\"\nTo pay: 1 €"),
        #"{"event":"consent","session":"2f08fg0a","technician":"matti","text":"Who: \"matti\"\nTo pay: 1 €"}"#
      ),
      (
        .disconnected(reason: "gone", retryMilliseconds: 812),
        #"{"event":"disconnected","retry_ms":812,"reason":"gone"}"#
      ),
      (
        .session(
          SessionReport(
            session: try session(), state: .active, activeMilliseconds: 12_345, amountMinor: 2_250, currency: "EUR",
            exponent: 2)),
        #"{"event":"session","session":"2f08fg0a","state":"active","active_ms":12345,"amount_minor":2250,"currency":"EUR"}"#
      ),
      (
        .session(
          SessionReport(
            session: try session(), state: .suspended, reasons: [.link, .noChannel], activeMilliseconds: 1,
            amountMinor: 0, currency: "JPY", exponent: 0)),
        #"{"event":"session","session":"2f08fg0a","state":"suspended","suspended_reasons":["link","no-channel"],"active_ms":1,"amount_minor":0,"currency":"JPY"}"#
      ),
      (
        .session(
          SessionReport(
            session: try session(), state: .closed, activeMilliseconds: 61_000, amountMinor: 2_250, currency: "EUR",
            exponent: 2, closing: SessionReport.Closing(outcome: .onSite, billedSeconds: 900))),
        #"{"event":"session","session":"2f08fg0a","state":"closed","active_ms":61000,"amount_minor":2250,"currency":"EUR","outcome":"on-site","billed_seconds":900}"#
      ),
    ]
    for (event, line) in table { #expect(event.json.text == line) }
  }

  @Test("a report tells whether the yes arrived, and whether anything is owed")
  func reports() throws {
    var report = SessionReport(
      session: try session(), state: .closed, activeMilliseconds: 0, amountMinor: 0, currency: "EUR", exponent: 2,
      closing: SessionReport.Closing(outcome: .withdrawn, billedSeconds: 0))
    let arrived: [(SessionState, Bool)] = [
      (.requested, false), (.awaitingConsent, false), (.active, true), (.suspended, true), (.closed, false),
    ]
    #expect(arrived.count == SessionState.allCases.count)
    for (state, expected) in arrived {
      report.state = state
      #expect(report.showsArrivedYes == expected, "\(state)")
    }
    #expect(report.isOfNothing)
    for change in [
      { $0.activeMilliseconds = 1 }, { $0.amountMinor = 1 }, { $0.closing?.billedSeconds = 1 },
    ] as [(inout SessionReport) -> Void] {
      var changed = report
      change(&changed)
      #expect(!changed.isOfNothing)
    }
  }

  @Test("whatever a relay sends, an event is one line that drives no terminal")
  func oneLine() {
    let line = AgentEvent.notice("a\nb\u{1b}[2J\u{202e}").json.text
    #expect(TextSafety.problem(inField: line) == nil)
  }
}

@Suite struct WordingTests {
  private let wording = Wording(.english)

  @Test("the code is shown in groups of three, with what to do with it")
  func ready() throws {
    let text = wording.ready(try #require(JoinCode("482177305")))
    #expect(text.contains("482 177 305"))
    #expect(text.contains("Nothing happens until you say yes here."))
    #expect(text.contains("Ctrl+C stops everything"))
  }

  @Test("the words of a question are shown exactly as they came")
  func words() throws {
    let words = "Who: matti, Shop\nWhy: printer  (2 spaces)\nPrice: 22,50 €"
    let session = try #require(SessionID("00000001"))
    let request = ConsentRequest(
      session: session, technician: "matti",
      technicianKey: try #require(Fingerprint([UInt8](repeating: 1, count: 32))), purpose: "printer", words: words,
      allowances: .all, timeoutSeconds: 120)
    let choice = ChoiceRequest(session: session, number: 1, kind: .limit, words: words, timeoutSeconds: 60)
    for question in [Question.consent(request), .choice(choice)] {
      #expect(wording.asked(question).contains("\n\(words)\n"))
      #expect(wording.standingYes(question).hasPrefix(words))
    }
    #expect(wording.question(.choice(choice)) == "Type 1, 2 or 3, then Enter: ")
  }

  @Test("scripts hear of choices and of what became of them")
  func choiceEvents() throws {
    let session = try #require(SessionID("00000001"))
    let request = ChoiceRequest(session: session, number: 7, kind: .limit, words: "On?", timeoutSeconds: 60)
    #expect(
      AgentEvent.question(request).json.text
        == #"{"event":"question","session":"00000001","number":7,"kind":"limit","choices":3,"text":"On?"}"#)
    #expect(
      AgentEvent.answer(session: session, number: 7, choice: 2, reason: "").json.text
        == #"{"event":"answer","session":"00000001","number":7,"choice":2,"reason":""}"#)
    #expect(AgentEvent.answer(session: session, number: 7, choice: nil, reason: "gone").json["choice"] == .null)
  }

  @Test("what peers and processes named themselves cannot drive the terminal")
  func escaped() throws {
    let evil = "x\u{1b}]0;y\u{7}\u{202e}\r"
    let session = try #require(SessionID("00000001"))
    var report = SessionReport(
      session: session, state: .active, activeMilliseconds: 0, amountMinor: 0, currency: "EUR", exponent: 2)
    var texts = [
      wording.connected(to: evil), wording.accepted(evil), wording.refused(evil, because: evil),
      wording.closed(text: evil), Wording.notice(evil), wording.disconnected(evil, wasUp: false),
      wording.disconnected(evil, wasUp: true),
      wording.receiptRefused(session, evil), wording.notCountersigned(evil), wording.receiptNotStored(evil),
      wording.otherRelay(evil),
      wording.takenBack(evil, reason: evil), wording.askedAnew(evil),
      wording.session(report, technician: evil) ?? "",
    ]
    report.state = .suspended
    texts.append(wording.session(report, technician: evil) ?? "")
    let ended = EndedProcesses(
      list: [EndedProcess(pid: 7, command: evil, survives: false)], total: 3, survivors: 1)
    texts.append(wording.ended(ended) ?? "")
    for text in texts { #expect(TextSafety.problem(inShownText: text) == nil, "\(text)") }
  }

  @Test(
    "an error becomes a sentence; paths, addresses and names keep their letters",
    arguments: [
      ("the relay is busy", "The relay is busy."), ("relay.example:1 is down", "relay.example:1 is down."),
      ("state/agent.key: no", "state/agent.key: no."), ("Done.", "Done."), ("", ""),
    ])
  func sentence(text: String, sentence: String) {
    #expect(Wording.sentence(text) == sentence)
  }

  @Test("what was running is named, the rest counted, and nothing is said when nothing ran")
  func ended() {
    #expect(wording.ended(EndedProcesses(list: [], total: 0, survivors: 0)) == nil)
    let list = [EndedProcess(pid: 7, command: "bash", survives: false)]
    #expect(
      wording.ended(EndedProcesses(list: list, total: 1, survivors: 0)) == "Ended 1 program of the visit: bash (7).")
    #expect(
      wording.ended(EndedProcesses(list: list, total: 3, survivors: 0))
        == "Ended 3 programs of the visit: bash (7), 2 more.")
  }
}

@Suite struct LanguageTests {
  @Test(
    "a locale names a language",
    arguments: [
      ("fi_FI.UTF-8", "fi-FI"), ("pt_BR", "pt-BR"), ("de", "de"), ("sr_RS@latin", "sr-RS"), ("C", nil),
      ("C.UTF-8", nil), ("POSIX", nil), ("", nil), ("x/y", nil),
    ] as [(String, String?)])
  func locale(locale: String, tag: String?) {
    #expect(LanguageTag.from(locale: locale) == tag)
  }
}
