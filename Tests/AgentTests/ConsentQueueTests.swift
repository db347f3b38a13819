import SessionModel
import Testing

@testable import Agent

extension ConsentQueue.Action {
  /// What it does and to which session, without its words.
  fileprivate var outline: String {
    switch self {
    case .announce(let request): "announce \(request.session)"
    case .show(let request): "show \(request.session)"
    case .askAgain: "ask again"
    case .hide: "hide"
    case .cancel: "cancel"
    case .answer(let request, let accepted, _): "\(accepted ? "yes" : "no") \(request.session)"
    }
  }
}

@Suite struct ConsentQueueTests {
  private func request(
    _ session: String = "00000001", technician: String = "matti", purpose: String = "printer",
    words: String = "Who: matti\nType y = yes."
  ) throws -> ConsentRequest {
    ConsentRequest(
      session: try #require(SessionID(session)), technician: technician,
      technicianKey: try #require(Fingerprint([UInt8](repeating: 1, count: 32))), purpose: purpose, words: words,
      allowances: .all, timeoutSeconds: 120)
  }

  @Test("a question is shown, and the line typed answers it")
  func answers() throws {
    let request = try request()
    for (typed, accepted) in [(TypedAnswer.yes, true), (.no, false)] {
      var queue = ConsentQueue(mode: .ask)
      #expect(queue.handle(.asked(request)) == [.show(request)])
      #expect(queue.handle(.typed(typed)) == [.hide, .answer(request, accepted: accepted, reason: "")])
      #expect(queue.shown == nil)
      #expect(queue.handle(.typed(.yes)) == [])
    }
  }

  @Test("a standing yes announces the words and answers, and shows no question")
  func standingYes() throws {
    var queue = ConsentQueue(mode: .yes)
    let request = try request()
    #expect(queue.handle(.asked(request)) == [.announce(request), .answer(request, accepted: true, reason: "")])
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
      var queue = ConsentQueue(mode: mode)
      let request = try request(technician: technician, purpose: purpose, words: words)
      let problem = try #require(request.problem)
      #expect(queue.handle(.asked(request)) == [.answer(request, accepted: false, reason: problem)])
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
    var queue = ConsentQueue(mode: .ask)
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
    var queue = ConsentQueue(mode: .ask)
    let first = try request("00000001")
    _ = queue.handle(.asked(first))
    let bad = try request("00000002", words: "\u{202e}")
    #expect(queue.handle(.asked(bad)).map(\.outline) == ["no 00000002"])
    #expect(queue.shown == first)
  }

  @Test("too many waiting questions are declined, and one session is asked for once")
  func bounded() throws {
    var queue = ConsentQueue(mode: .ask)
    _ = queue.handle(.asked(try request("00000000")))
    #expect(queue.handle(.asked(try request("00000000"))) == [])
    for index in 1...ConsentQueue.maximumWaiting {
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
    for event in [ConsentQueue.Event.withdrawn(first.session, reason: "he hung up"), .timedOut(first.session)] {
      var queue = ConsentQueue(mode: .ask)
      _ = queue.handle(.asked(first))
      _ = queue.handle(.asked(second))
      #expect(queue.handle(event).map(\.outline) == ["cancel", "show 00000002"])
    }
  }

  @Test("what a relay gives as a reason cannot drive the terminal")
  func reasonIsEscaped() throws {
    var queue = ConsentQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    let actions = queue.handle(.withdrawn(request.session, reason: "\u{1b}]0;x\u{7}"))
    guard case .cancel(let line) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(TextSafety.problem(inShownText: line) == nil)
  }

  @Test("a lost link takes every question away without an answer")
  func linkLost() throws {
    var queue = ConsentQueue(mode: .ask)
    _ = queue.handle(.asked(try request("00000001")))
    _ = queue.handle(.asked(try request("00000002")))
    #expect(queue.handle(.linkLost).map(\.outline) == ["cancel"])
    #expect(queue.shown == nil)
    #expect(queue.handle(.typed(.yes)) == [])
  }

  @Test("unclear answers are asked again, a few times, and then count as no")
  func unclear() throws {
    var queue = ConsentQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    for _ in 1..<ConsentQueue.maximumUnclear { #expect(queue.handle(.typed(.unclear)) == [.askAgain]) }
    #expect(queue.handle(.typed(.unclear)).map(\.outline) == ["cancel", "no 00000001"])
  }

  @Test("without a terminal the answer is no, with the reason")
  func unaskable() throws {
    var queue = ConsentQueue(mode: .ask)
    let request = try request()
    _ = queue.handle(.asked(request))
    #expect(queue.handle(.unaskable(reason: "none")) == [.hide, .answer(request, accepted: false, reason: "none")])
  }

  @Test(
    "y and yes are yes, n and no are no, in either case; nothing else is either",
    arguments: [
      ("y", TypedAnswer.yes), ("Y", .yes), (" yes \r", .yes), ("YES", .yes), ("n", .no), ("No", .no), ("\tn", .no),
      ("", .unclear), ("yn", .unclear), ("ye", .unclear), ("ý", .unclear), ("y\u{301}", .unclear), ("j", .unclear),
      ("yes please", .unclear), ("\u{0443}", .unclear),
    ])
  func typed(line: String, answer: TypedAnswer) {
    #expect(TypedAnswer(line: line) == answer)
  }

  @Test("a relay cannot let a question stand for ever")
  func timeout() throws {
    var request = try request()
    #expect(request.timeoutMilliseconds == 120_000)
    request.timeoutSeconds = .max
    #expect(request.timeoutMilliseconds == Int64(ConsentRequest.maximumTimeoutSeconds) * 1_000)
  }
}
