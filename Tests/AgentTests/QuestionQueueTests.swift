import SessionModel
import Testing

@testable import Agent

extension QuestionQueue.Action {
  /// What it does and to which session, without its words.
  fileprivate var outline: String {
    switch self {
    case .announce(let question): "announce \(question.name)"
    case .show(let question): "show \(question.name)"
    case .askAgain: "ask again"
    case .hide: "hide"
    case .cancel: "cancel"
    case .answer(.consent(let request), let choice, _): "\(choice == 1 ? "yes" : "no") \(request.session)"
    case .answer(let question, let choice, _): "\(choice.map { "\($0)" } ?? "nothing") \(question.name)"
    }
  }
}

extension Question {
  fileprivate var name: String { number.map { "\(session)/\($0)" } ?? session.rawValue }
}

@Suite struct QuestionQueueTests {
  private func request(
    _ session: String = "00000001", technician: String = "matti", purpose: String = "printer",
    words: String = "Who: matti\nType y = yes."
  ) throws -> Question {
    .consent(
      ConsentRequest(
        session: try #require(SessionID(session)), technician: technician,
        technicianKey: try #require(Fingerprint([UInt8](repeating: 1, count: 32))), purpose: purpose, words: words,
        allowances: .all, timeoutSeconds: 120))
  }

  private func choice(
    _ kind: QuestionKind, _ session: String = "00000001", number: UInt32 = 1, words: String = "1 go on\n2 stop"
  ) throws -> Question {
    .choice(
      ChoiceRequest(
        session: try #require(SessionID(session)), number: number, kind: kind, words: words, timeoutSeconds: 60))
  }

  @Test("a question is shown, and the line typed answers it")
  func answers() throws {
    let request = try request()
    for (typed, choice) in [(TypedAnswer.yes, UInt8(1)), (.no, 2)] {
      var queue = QuestionQueue(mode: .ask)
      #expect(queue.handle(.asked(request)) == [.show(request)])
      #expect(queue.handle(.typed(typed)) == [.hide, .answer(request, choice: choice, reason: "")])
      #expect(queue.shown == nil)
      #expect(queue.handle(.typed(.yes)) == [])
    }
  }

  @Test("a standing yes announces the words and answers, and shows no question")
  func standingYes() throws {
    var queue = QuestionQueue(mode: .yes)
    let request = try request()
    #expect(queue.handle(.asked(request)) == [.announce(request), .answer(request, choice: 1, reason: "")])
  }

  @Test(
    "text that could deceive a reader is declined, whoever says yes",
    arguments: [
      ("matti\u{1b}[2J", "printer", "words"), ("mat\u{202e}ti", "printer", "words"), ("matti", "a\nb", "words"),
      ("matti", "print\u{2066}er", "words"), ("matti", "printer", "free\rof charge"),
      ("matti", "printer", "a\u{200b}b"),
      ("matti", "printer", "\u{9b}31m"), ("matti", "printer", "tab\there"), ("matti", "printer", ""),
      ("matti", "printer", "  \n "), ("matti", "printer", String(repeating: "x", count: 2_001)),
    ])
  func deceivingText(technician: String, purpose: String, words: String) throws {
    for mode in ConsentMode.allCases {
      var queue = QuestionQueue(mode: mode)
      let request = try request(technician: technician, purpose: purpose, words: words)
      let problem = try #require(request.problem)
      #expect(queue.handle(.asked(request)) == [.answer(request, choice: nil, reason: problem)])
    }
  }

  @Test("two thousand characters of any alphabet and line feeds are shown")
  func longText() throws {
    for words in [String(repeating: "ж", count: 2_000), String(repeating: "가\n", count: 1_000), "żółć – ä ö 😀"] {
      #expect(try request(words: words).problem == nil)
    }
  }

  @Test("questions wait for each other in order, and each is shown when its turn comes")
  func order() throws {
    var queue = QuestionQueue(mode: .ask)
    let requests = try ["00000001", "00000002", "00000003"].map { try request($0) }
    #expect(queue.handle(.asked(requests[0])) == [.show(requests[0])])
    #expect(queue.handle(.asked(requests[1])) == [])
    #expect(queue.handle(.asked(requests[2])) == [])
    #expect(queue.handle(.typed(.no)).map(\.outline) == ["hide", "no 00000001", "show 00000002"])
    #expect(queue.handle(.withdrawn(requests[2].session, reason: "")) == [])
    #expect(queue.handle(.typed(.yes)).map(\.outline) == ["hide", "yes 00000002"])
    #expect(queue.shown == nil)
  }

  @Test("what is declined unseen leaves the question on the terminal alone")
  func declinedBehind() throws {
    var queue = QuestionQueue(mode: .ask)
    let first = try request("00000001")
    _ = queue.handle(.asked(first))
    let bad = try request("00000002", words: "\u{202e}")
    #expect(queue.handle(.asked(bad)).map(\.outline) == ["no 00000002"])
    #expect(queue.shown == first)
  }

  @Test("too many waiting questions are declined, and one session is asked for once")
  func bounded() throws {
    var queue = QuestionQueue(mode: .ask)
    _ = queue.handle(.asked(try request("00000000")))
    #expect(queue.handle(.asked(try request("00000000"))) == [])
    for index in 1...QuestionQueue.maximumWaiting {
      #expect(queue.handle(.asked(try request("0000000\(index)"))) == [])
    }
    #expect(queue.handle(.asked(try request("000000zz"))).map(\.outline) == ["no 000000zz"])
    let changed = try request("00000001", words: "other words")
    #expect(queue.handle(.asked(changed)).map(\.outline) == ["no 00000001"])
  }

  @Test("a withdrawn or overdue question is taken away and answers nothing; the next one follows")
  func takenAway() throws {
    let first = try request("00000001")
    let second = try request("00000002")
    for event in [QuestionQueue.Event.withdrawn(first.session, reason: "he hung up"), .timedOut(first.session)] {
      var queue = QuestionQueue(mode: .ask)
      _ = queue.handle(.asked(first))
      _ = queue.handle(.asked(second))
      #expect(queue.handle(event).map(\.outline) == ["cancel", "show 00000002"])
    }
  }

  @Test("what a relay gives as a reason cannot drive the terminal")
  func reasonIsEscaped() throws {
    var queue = QuestionQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    let actions = queue.handle(.withdrawn(request.session, reason: "\u{1b}]0;x\u{7}"))
    guard case .cancel(let why) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    for language in Language.allCases {
      #expect(TextSafety.problem(inShownText: Wording(language).cancelled(why)) == nil)
    }
  }

  @Test("a lost link takes every question away without an answer")
  func linkLost() throws {
    var queue = QuestionQueue(mode: .ask)
    _ = queue.handle(.asked(try request("00000001")))
    _ = queue.handle(.asked(try request("00000002")))
    #expect(queue.handle(.linkLost).map(\.outline) == ["cancel"])
    #expect(queue.shown == nil)
    #expect(queue.handle(.typed(.yes)) == [])
  }

  @Test("unclear answers are asked again, a few times, and then count as no")
  func unclear() throws {
    var queue = QuestionQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    for _ in 1..<QuestionQueue.maximumUnclear { #expect(queue.handle(.typed(.unclear)) == [.askAgain]) }
    #expect(queue.handle(.typed(.unclear)).map(\.outline) == ["cancel", "no 00000001"])
  }

  @Test("without a terminal the answer is no, with the reason")
  func unaskable() throws {
    var queue = QuestionQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    #expect(queue.handle(.unaskable(reason: "none")) == [.hide, .answer(request, choice: nil, reason: "none")])
  }

  @Test("a relay cannot let a question stand for ever")
  func timeout() throws {
    #expect(try request().timeoutMilliseconds == 120_000)
    var choice = ChoiceRequest(
      session: try request().session, number: 1, kind: .limit, words: "words", timeoutSeconds: 60)
    #expect(Question.choice(choice).timeoutMilliseconds == 60_000)
    choice.timeoutSeconds = .max
    #expect(Question.choice(choice).timeoutMilliseconds == Int64(Question.maximumTimeoutSeconds) * 1_000)
  }

  // MARK: Choices

  @Test("a limit is answered by a digit, a quote by y or n; what fits the other is asked again")
  func choices() throws {
    for (kind, typed, chosen) in [
      (QuestionKind.limit, TypedAnswer.number(1), UInt8(1)), (.limit, .number(2), 2), (.limit, .number(3), 3),
      (.quote, .yes, 1), (.quote, .no, 2),
    ] {
      var queue = QuestionQueue(mode: .ask)
      let question = try choice(kind)
      #expect(queue.handle(.asked(question)) == [.show(question)])
      #expect(queue.handle(.typed(typed)) == [.hide, .answer(question, choice: chosen, reason: "")])
    }
    for (kind, typed) in [
      (QuestionKind.limit, TypedAnswer.yes), (.limit, .no), (.limit, .number(4)), (.limit, .unclear),
      (.quote, .number(1)), (.quote, .unclear),
    ] {
      var queue = QuestionQueue(mode: .ask)
      _ = queue.handle(.asked(try choice(kind)))
      #expect(queue.handle(.typed(typed)) == [.askAgain], "\(kind) \(typed)")
    }
  }

  @Test("a standing yes stops at a limit and takes no quote")
  func standingYesGrantsNoMore() throws {
    for kind in QuestionKind.allCases {
      var queue = QuestionQueue(mode: .yes)
      let question = try choice(kind)
      #expect(
        queue.handle(.asked(question)) == [
          .announce(question), .answer(question, choice: QuestionKind.declining, reason: ""),
        ])
    }
  }

  @Test("choices wait behind a consent, and each is withdrawn by its number")
  func choicesAndConsents() throws {
    var queue = QuestionQueue(mode: .ask)
    _ = queue.handle(.asked(try request("00000002")))
    #expect(queue.handle(.asked(try choice(.limit, number: 1))) == [])
    #expect(queue.handle(.asked(try choice(.quote, number: 2))) == [])
    let session = try request("00000001").session
    #expect(queue.handle(.withdrawn(session, number: 1, reason: "")) == [])
    #expect(queue.handle(.typed(.no)).map(\.outline) == ["hide", "no 00000002", "show 00000001/2"])
    #expect(queue.handle(.timedOut(session, number: 1)) == [])
    #expect(queue.handle(.timedOut(session, number: 2)).map(\.outline) == ["cancel"])
  }

  @Test("a session that is over takes all its questions along")
  func sessionOver() throws {
    var queue = QuestionQueue(mode: .ask)
    for number in UInt32(1)...3 { _ = queue.handle(.asked(try choice(.limit, number: number))) }
    let session = try request("00000001").session
    #expect(queue.handle(.withdrawn(session, reason: "")).map(\.outline) == ["cancel"])
    #expect(queue.shown == nil)
  }

  @Test("unclear choices count as none, and so does a terminal that is gone")
  func noChoice() throws {
    var queue = QuestionQueue(mode: .ask)
    let question = try choice(.limit)
    _ = queue.handle(.asked(question))
    for _ in 1..<QuestionQueue.maximumUnclear { #expect(queue.handle(.typed(.unclear)) == [.askAgain]) }
    #expect(queue.handle(.typed(.unclear)).map(\.outline) == ["cancel", "nothing 00000001/1"])
    _ = queue.handle(.asked(question))
    #expect(queue.handle(.unaskable(reason: "none")) == [.hide, .answer(question, choice: nil, reason: "none")])
    let bad = try choice(.limit, words: "1\u{202e}")
    let problem = try #require(bad.problem)
    #expect(queue.handle(.asked(bad)) == [.answer(bad, choice: nil, reason: problem)])
  }
}
