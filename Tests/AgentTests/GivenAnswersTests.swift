import SessionModel
import Testing

@testable import Agent

@Suite struct GivenAnswersTests {
  private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

  private func choice(_ number: UInt32, _ words: String = "90.00 EUR?", session: String = "00000001") throws -> Question
  {
    .choice(
      ChoiceRequest(
        session: try #require(SessionID(session)), number: number, kind: .quote, words: words, timeoutSeconds: 60))
  }

  private func consent(_ words: String = "Who: matti") throws -> Question {
    .consent(
      ConsentRequest(
        session: try #require(SessionID("00000001")), technician: "matti",
        technicianKey: try #require(Fingerprint([UInt8](repeating: 1, count: 32))), purpose: "p", words: words,
        allowances: .all, timeoutSeconds: 60))
  }

  /// What becomes of the answer to question 1, and what is asked next.
  struct Passage: Sendable {
    var name: String
    var lineIsUp = true
    var resumed = false
    /// Nil: the connection is not lost. Otherwise whether all was acknowledged, and when the relay was heard last.
    var lost: (acknowledged: Bool, heard: Int64)?
    var number: UInt32 = 1
    var words = "90.00 EUR?"
    var session = "00000001"
    var wasLost: Bool
  }

  @Test(
    "asked once more, an answered question says so when its answer evidently did not arrive",
    arguments: [
      Passage(name: "the same number", wasLost: true),
      Passage(name: "the same words by the technician's wish", number: 2, wasLost: false),
      Passage(name: "another session", session: "00000002", wasLost: false),
      Passage(name: "other words", lost: (false, 0), words: "80.00 EUR?", wasLost: false),
      Passage(name: "down and another relay", lineIsUp: false, lost: (true, 0), number: 2, wasLost: true),
      Passage(name: "down, then carried on", lineIsUp: false, resumed: true, number: 2, wasLost: false),
      Passage(
        name: "carried on, then lost", lineIsUp: false, resumed: true, lost: (false, 0), number: 2, wasLost: true),
      Passage(
        name: "carried on, arrived, then lost", lineIsUp: false, resumed: true, lost: (true, 0), number: 2,
        wasLost: false),
      Passage(name: "lost on its way", lost: (false, 0), number: 2, wasLost: true),
      Passage(name: "lost on its way, the same number", lost: (false, 0), wasLost: true),
      Passage(name: "acknowledged", lost: (true, 0), number: 2, wasLost: false),
      Passage(name: "heard long after it", lost: (false, 5_000), number: 2, wasLost: false),
      Passage(name: "heard just after it", lost: (false, 4_999), number: 2, wasLost: true),
    ])
  func table(passage: Passage) throws {
    var given = GivenAnswers()
    #expect(!given.wasLost(try choice(1)))
    given.gave(try choice(1), lineIsUp: passage.lineIsUp, at: at(0))
    if passage.resumed { given.lineBack(at: at(0)) }
    if let lost = passage.lost {
      given.connectionLost(isAllAcknowledged: lost.acknowledged, lastHeard: at(lost.heard))
    }
    let next = try choice(passage.number, passage.words, session: passage.session)
    #expect(given.wasLost(next) == passage.wasLost, "\(passage.name)")
  }

  @Test("a consent that is asked for again in the same words was not answered as the relay knows")
  func consents() throws {
    var given = GivenAnswers()
    given.gave(try consent(), lineIsUp: true, at: at(0))
    #expect(given.wasLost(try consent()))
    #expect(!given.wasLost(try consent("Who: matti, for more")))
    #expect(!given.wasLost(try choice(1, "Who: matti")))
  }

  @Test("a session that is over is forgotten, and so is the oldest of many answers")
  func forgotten() throws {
    var given = GivenAnswers()
    given.gave(try choice(1), lineIsUp: true, at: at(0))
    given.gave(try choice(1, session: "00000002"), lineIsUp: true, at: at(0))
    given.forget(try choice(1).session)
    #expect(!given.wasLost(try choice(1)))
    #expect(given.wasLost(try choice(1, session: "00000002")))
    for number in 1...UInt32(GivenAnswers.maximumRemembered) {
      given.gave(try choice(number, "\(number)"), lineIsUp: true, at: at(0))
    }
    #expect(!given.wasLost(try choice(1, session: "00000002")))
    for number in 1...UInt32(GivenAnswers.maximumRemembered) { #expect(given.wasLost(try choice(number, "\(number)"))) }
  }

  @Test("the line about it stands above the words, which stay as they came")
  func line() throws {
    let wording = Wording(.english)
    #expect(
      wording.asked(try choice(1), wasLost: true)
        == "\n\nYour answer did not arrive. Please answer once more.\n\n90.00 EUR?\n\n")
    #expect(wording.asked(try choice(1)) == "\n\n90.00 EUR?\n\n")
  }
}
