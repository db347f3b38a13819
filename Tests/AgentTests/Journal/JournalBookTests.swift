import SessionModel
import Signing
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

@Suite("The journal's book")
struct JournalBookTests {
  private let relay = SHA256.hash([9])

  private func book(_ records: [JournalRecord]) -> JournalBook {
    var book = JournalBook()
    for record in records { book.apply(record) }
    return book
  }

  @Test("of an unsettled session the newest checkpoint and the highest measure are told")
  func held() throws {
    let session = try JournalSamples.session(1)
    let book = book([
      JournalSamples.record(session, JournalSamples.consent(session)),
      JournalSamples.record(session, JournalSamples.signed(session, sequence: 1, active: 5_000)),
      JournalSamples.record(session, JournalSamples.signed(session, sequence: 2, active: 10_000)),
      JournalSamples.record(session, .cut(measuredMilliseconds: 12_345)),
      JournalSamples.record(session, JournalSamples.signed(session, epoch: 2, sequence: 1, active: 11_000)),
    ])
    #expect(
      book.held(relay: relay) == [
        HeldSession(
          session: session, newest: JournalSamples.checkpoint(session, epoch: 2, sequence: 1, active: 11_000),
          measuredMilliseconds: 12_345, isJournalDamaged: false)
      ])
    #expect(book.held(relay: SHA256.hash([8])).isEmpty, "another relay's sessions are not this one's business")
  }

  @Test("a settled session is forgotten, an ended one is not")
  func settled() throws {
    let (first, second) = (try JournalSamples.session(1), try JournalSamples.session(2))
    var book = book(JournalSamples.everyKind(first))
    #expect(book == JournalBook())
    book.apply(JournalSamples.record(second, JournalSamples.consent(second)))
    book.apply(JournalSamples.record(second, .ended(measuredMilliseconds: 700)))
    #expect(book.ids == [second])
    #expect(book.held(relay: relay).first?.measuredMilliseconds == 700)
    book.apply(JournalSamples.record(second, .closed(activeMilliseconds: 700)))
    #expect(book.ids.isEmpty)
  }

  @Test("one whose receipt is still to come is told of, and its receipt is held against what was signed")
  func owed() throws {
    let session = try JournalSamples.session(1)
    var book = book([
      JournalSamples.record(session, JournalSamples.consent(session)),
      JournalSamples.record(session, JournalSamples.signed(session, sequence: 1, active: 5_000)),
      JournalSamples.record(session, .ended(measuredMilliseconds: 5_100)),
    ])
    #expect(book.owedMilliseconds(of: session) == nil)
    book.apply(JournalSamples.record(session, .owed(activeMilliseconds: 5_000)))
    #expect(book.owedMilliseconds(of: session) == 5_000)
    #expect(book.held(relay: relay).map(\.newest) == [JournalSamples.checkpoint(session, sequence: 1, active: 5_000)])
    #expect(book.expectation(of: session, relay: relay)?.signedMilliseconds == 5_000)
    book.apply(JournalSamples.record(session, .closed(activeMilliseconds: 5_000)))
    #expect(book == JournalBook())
  }

  @Test("one nobody agreed to is told to no relay")
  func noConsent() throws {
    let session = try JournalSamples.session(1)
    #expect(book([JournalSamples.record(session, JournalSamples.signed(session))]).held(relay: relay).isEmpty)
  }

  @Test("damage sticks to every session until it is settled")
  func damaged() throws {
    let session = try JournalSamples.session(1)
    var book = book([
      JournalSamples.record(session, JournalSamples.consent(session)), JournalSamples.record(session, .damaged),
      JournalSamples.record(session, JournalSamples.signed(session)),
    ])
    #expect(book.held(relay: relay).map(\.isJournalDamaged) == [true])
    book = self.book(book.records)
    #expect(book.held(relay: relay).map(\.isJournalDamaged) == [true])
  }

  @Test("however much happens, what is kept means the same and stays small", arguments: 0..<12)
  func compaction(round: Int) throws {
    var generator = SeededGenerator(seed: Seed.current &+ UInt64(round))
    var whole = JournalBook()
    var compacted = JournalBook()
    for _ in 0..<400 {
      let session = try JournalSamples.session(Int.random(in: 0..<90, using: &generator))
      let event: JournalRecord.Event
      switch Int.random(in: 0..<13, using: &generator) {
      case 0...2: event = JournalSamples.consent(session)
      case 3...7:
        event = JournalSamples.signed(
          session, epoch: UInt32.random(in: 1...40, using: &generator),
          sequence: UInt64.random(in: 1...99, using: &generator),
          active: Int64.random(in: 0...9_999, using: &generator))
      case 8: event = .cut(measuredMilliseconds: Int64.random(in: 0...9_999, using: &generator))
      case 9: event = .restored(measuredMilliseconds: 5)
      case 10: event = .ended(measuredMilliseconds: 6)
      case 11: event = .owed(activeMilliseconds: 7)
      default: event = .closed(activeMilliseconds: 1)
      }
      let record = JournalSamples.record(session, event)
      whole.apply(record)
      compacted.apply(record)
      if Bool.random(using: &generator) { compacted = book(compacted.records) }
      #expect(whole.held(relay: relay) == compacted.held(relay: relay), "seed \(Seed.current)")
      #expect(whole.ids.count <= JournalBook.maximumSessions)
    }
    let most = JournalBook.maximumSessions * (JournalBook.maximumEpochs + 6)
    #expect(whole.records.count <= most)
  }

  @Test("for one session too many, an earlier run's gives way, then the oldest")
  func tooMany() throws {
    var book = JournalBook()
    for number in 0..<JournalBook.maximumSessions {
      let session = try JournalSamples.session(number)
      book.apply(JournalSamples.record(session, JournalSamples.consent(session)))
    }
    book.beginRun()
    for number in 0..<10 {
      // Agreed to again in this run: it stays.
      let session = try JournalSamples.session(number)
      book.apply(JournalSamples.record(session, JournalSamples.consent(session)))
    }
    for number in 100..<105 {
      let session = try JournalSamples.session(number)
      book.apply(JournalSamples.record(session, JournalSamples.consent(session)))
    }
    #expect(book.ids.count == JournalBook.maximumSessions)
    #expect(try (0..<10).allSatisfy { book.ids.contains(try JournalSamples.session($0)) })
    #expect(try (10..<15).allSatisfy { !book.ids.contains(try JournalSamples.session($0)) })
  }
}
