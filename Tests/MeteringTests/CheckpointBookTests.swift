import Metering
import SessionModel
import Testing

/// Holds a book by reference, and the clock and the meter it is asked with.
@dynamicMemberLookup
final class Bookkeeper {
  private(set) var book: CheckpointBook
  var canSign = true

  init(epoch: UInt32 = 1) throws {
    book = CheckpointBook(
      CheckpointSchedule(session: try session(), epoch: epoch, at: at(0), digest: digest), at: at(0))
  }

  init(restoring last: ConfirmedCheckpoint?, epoch: UInt32, at now: Int64) throws {
    book = CheckpointBook(
      restoring: last, CheckpointSchedule(session: try session(), epoch: epoch, at: at(now), digest: digest),
      at: at(now))
  }

  subscript<Value>(dynamicMember path: KeyPath<CheckpointBook, Value>) -> Value { book[keyPath: path] }

  static func time(_ active: Int64) -> MeteredTime {
    MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: active)])
  }

  func next(_ now: Int64, _ active: Int64) -> CheckpointStatement? {
    book.next(at: at(now), Self.time(active), sign: sign)?.statement
  }

  func settle(_ now: Int64, _ active: Int64) -> CheckpointStatement? {
    book.settle(at: at(now), Self.time(active), sign: sign)?.statement
  }

  func close(_ now: Int64, _ active: Int64) -> CheckpointStatement? {
    book.close(at: at(now), Self.time(active), sign: sign)?.statement
  }

  @discardableResult
  func signed(_ statement: CheckpointStatement, genuine: Bool = true) -> CheckpointBook.Answer {
    book.signed(
      epoch: statement.epoch, sequence: statement.sequence, signature: [2], at: WallTime(milliseconds: 7)
    ) { $0 == statement && genuine }
  }

  func refused(_ statement: CheckpointStatement, measured: Int64) -> CheckpointBook.Refused? {
    book.refused(epoch: statement.epoch, sequence: statement.sequence, measuredMilliseconds: measured)
  }

  func billable(_ active: Int64) -> Int64 { book.billable(of: Self.time(active)).activeMilliseconds }
  func isUnconfirmed(_ now: Int64) -> Bool { book.isUnconfirmed(at: at(now)) }
  func linkLost() { book.linkLost() }
  func linkRestored(_ now: Int64) { book.linkRestored(at: at(now)) }
  func answersLost() { book.answersLost() }
  func takeOver(_ checkpoint: ConfirmedCheckpoint) -> Bool { book.takeOver(checkpoint) }

  private func sign(_ bytes: [UInt8]) -> [UInt8]? { canSign ? [1, UInt8(truncatingIfNeeded: bytes.count)] : nil }
}

func confirmed(
  _ active: Int64, epoch: UInt32, sequence: UInt64, of id: SessionID? = nil
) throws -> ConfirmedCheckpoint {
  let origin = CheckpointChain.origin(session: try session(), digest: digest)
  return ConfirmedCheckpoint(
    statement: CheckpointStatement(
      session: try id ?? session(), epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: origin),
    relaySignature: [1], agentSignature: [2], time: Bookkeeper.time(active), confirmedAt: WallTime(milliseconds: 1))
}

struct CheckpointBookTests {
  @Test func onlyWhatBothSidesSignedIsBilled() throws {
    let book = try Bookkeeper()
    #expect(book.billable(9000) == 0)
    let first = try #require(book.next(5000, 4000))
    #expect(book.billable(9000) == 0 && book.isAwaitingAnswer)
    guard case .confirmed(let checkpoint) = book.signed(first) else {
      Issue.record("not confirmed")
      return
    }
    #expect(checkpoint.time == Bookkeeper.time(4000) && checkpoint.relaySignature.first == 1)
    #expect(checkpoint.confirmedAt == WallTime(milliseconds: 7) && book.confirmed == checkpoint)
    #expect(book.billable(9000) == 4000 && book.billable(3000) == 3000 && !book.isAwaitingAnswer)
  }

  @Test func answersThatAreLateRepeatedOrInventedChangeNothing() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 4000))
    var invented = first
    invented.sequence = 2
    #expect(book.signed(invented) == .unknown && book.refused(invented, measured: 0) == nil)
    invented = first
    invented.epoch = 2
    #expect(book.signed(invented) == .unknown)
    #expect(book.signed(first, genuine: false) == .forged(first, isFirst: true))
    #expect(book.signed(first, genuine: false) == .forged(first, isFirst: false))
    #expect(book.confirmed == nil && book.isAwaitingAnswer)
    book.signed(first)
    #expect(book.signed(first) == .unknown && book.refused(first, measured: 0) == nil)
    #expect(book.forgoneMilliseconds == 0 && book.billable(9000) == 4000)
  }

  @Test func whatFallsDueWhileAnAnswerIsOutIsStatedAsSoonAsItIsThere() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    #expect(book.next(9999, 9000) == nil)
    #expect(book.settle(10_000, 10_000) == nil)
    #expect(book.next(10_250, 10_000) == nil)
    book.signed(first)
    #expect(book.next(10_500, 10_000)?.activeMilliseconds == 10_000)
  }

  @Test func aDueTimeThatPassedUnansweredIsNotPutOffByAWholeInterval() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    #expect(book.next(10_000, 10_000) == nil)
    book.signed(first)
    #expect(book.next(10_100, 10_100)?.activeMilliseconds == 10_100)
  }

  @Test func aTransitionWithNothingNewSaysNothing() throws {
    let book = try Bookkeeper()
    let first = try #require(book.settle(100, 0))
    book.signed(first)
    #expect(book.settle(200, 0) == nil)
    #expect(book.settle(300, 1)?.activeMilliseconds == 1)
  }

  @Test func aCutTakesNothingBackAndIsSettledByOneStatement() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    book.linkLost()
    #expect(book.settle(7000, 6500) == nil && !book.isAwaitingAnswer)
    #expect(book.next(60_000, 6500) == nil && !book.isUnconfirmed(600_000))
    book.linkRestored(600_000)
    // The old one is answered over the resumed tunnel, in its time.
    #expect(book.next(600_000, 6500) == nil && book.isAwaitingAnswer)
    #expect(!book.isUnconfirmed(614_999) && book.isUnconfirmed(615_000))
    guard case .confirmed = book.signed(first) else {
      Issue.record("not confirmed")
      return
    }
    let settling = try #require(book.next(600_250, 6500))
    #expect(settling.activeMilliseconds == 6500 && settling.sequence == 2)
    book.signed(settling)
    #expect(book.next(600_500, 6500) == nil && book.billable(6500) == 6500)
  }

  @Test func aTunnelGoneForGoodHasItsStatementMadeAnew() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    book.linkLost()
    book.answersLost()
    book.linkRestored(20_000)
    let again = try #require(book.next(20_000, 5000))
    #expect(again.sequence == 2 && again.activeMilliseconds == 5000 && again.chainHash == first.chainHash)
    #expect(book.signed(first) == .unknown)
    #expect(!book.isUnconfirmed(34_999) && book.isUnconfirmed(35_000))
  }

  @Test func anAgentThatSaysNothingForFifteenSecondsEndsTheSession() throws {
    let book = try Bookkeeper()
    _ = book.next(5000, 5000)
    #expect(!book.isUnconfirmed(19_999) && book.isUnconfirmed(20_000))
    _ = book.close(20_000, 5000)
    #expect(!book.isUnconfirmed(90_000))
  }

  @Test func threeRefusalsInARowEndTheSessionAndOneSignatureForgives() throws {
    let book = try Bookkeeper()
    func refuse(_ now: Int64, measured: Int64) throws -> Bool {
      let statement = try #require(book.next(now, now))
      return try #require(book.refused(statement, measured: measured)).endsSession
    }
    #expect(try !refuse(5000, measured: 4000))
    #expect(book.forgoneMilliseconds == 1000)
    #expect(try !refuse(10_000, measured: 8000))
    #expect(book.forgoneMilliseconds == 2000)
    let good = try #require(book.next(15_000, 15_000))
    #expect(good.activeMilliseconds == 13_000)
    book.signed(good)
    #expect(try !refuse(20_000, measured: 17_000))
    #expect(try !refuse(25_000, measured: 21_000))
    #expect(try refuse(30_000, measured: 25_000))
  }

  @Test func whatWasSignedStandsWhateverIsMeasuredLater() throws {
    let book = try Bookkeeper()
    book.signed(try #require(book.next(5000, 5000)))
    let second = try #require(book.next(10_000, 10_000))
    #expect(book.refused(second, measured: -1)?.endsSession == false)
    #expect(book.forgoneMilliseconds == 5000)
    // A refusal buys no free time: the next ones are asked for as ever.
    let third = try #require(book.next(15_000, 15_000))
    #expect(third.activeMilliseconds == 10_000)
    _ = book.refused(third, measured: .min)
    let fourth = try #require(book.next(20_000, 20_000))
    #expect(book.refused(fourth, measured: .max)?.endsSession == true)
  }

  @Test func theLastStatementOvertakesAndNothingFollowsIt() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    let last = try #require(book.close(6000, 6000))
    #expect(book.isAwaitingAnswer && last.sequence == 2 && last.chainHash == first.chainHash)
    #expect(book.close(6001, 6000) == nil && book.next(60_000, 9000) == nil && book.settle(60_000, 9000) == nil)
    guard case .confirmed = book.signed(first) else {
      Issue.record("not confirmed")
      return
    }
    #expect(book.isAwaitingAnswer && book.billable(6000) == 5000)
    book.signed(last)
    #expect(!book.isAwaitingAnswer && book.billable(6000) == 6000)
    #expect(book.signed(last) == .unknown && book.refused(first, measured: 0) == nil)
  }

  @Test func aCloseWithEverythingSaidWaitsForNothingNew() throws {
    let signedUp = try Bookkeeper()
    signedUp.signed(try #require(signedUp.next(5000, 5000)))
    #expect(signedUp.close(6000, 5000) == nil && !signedUp.isAwaitingAnswer)
    let waiting = try Bookkeeper()
    _ = waiting.next(5000, 5000)
    #expect(waiting.close(6000, 5000) == nil && waiting.isAwaitingAnswer)
    // Even a session without any time is signed once.
    let fresh = try Bookkeeper()
    #expect(fresh.close(10, 0)?.activeMilliseconds == 0)
    let cut = try Bookkeeper()
    _ = cut.next(5000, 5000)
    cut.linkLost()
    #expect(cut.close(6000, 6000) == nil && !cut.isAwaitingAnswer)
  }

  @Test func aRelayThatCannotSignStatesNothingAndGoesOn() throws {
    let book = try Bookkeeper()
    book.canSign = false
    #expect(book.next(5000, 5000) == nil && !book.isAwaitingAnswer)
    book.canSign = true
    #expect(book.next(10_000, 10_000)?.sequence == 2)
  }
}

struct CheckpointTakeOverTests {
  @Test func aRestoredBookGoesOnBehindTheLastCheckpoint() throws {
    let last = try confirmed(5000, epoch: 1, sequence: 3)
    let book = try Bookkeeper(restoring: last, epoch: 2, at: 100)
    #expect(book.billable(5000) == 5000 && book.confirmed == last)
    // The link is not there yet.
    #expect(book.settle(100, 5000) == nil && book.next(60_000, 5000) == nil)
    book.linkRestored(60_000)
    // What is signed already need not be signed again.
    #expect(book.next(60_000, 5000) == nil)
    let next = try #require(book.next(66_000, 6000))
    #expect(next.epoch == 2 && next.sequence == 1 && next.activeMilliseconds == 6000)
    #expect(
      next.chainHash
        == CheckpointChain.next(
          after: last.statement.chainHash, statement: last.statement, signature: [2], digest: digest))
  }

  @Test func aNewerCheckpointOfTheAgentsCountsAsIfItHadBeenAnswered() throws {
    let book = try Bookkeeper(restoring: try confirmed(5000, epoch: 1, sequence: 1), epoch: 2, at: 0)
    let newer = try confirmed(10_000, epoch: 1, sequence: 2)
    #expect(book.takeOver(newer))
    #expect(book.confirmed == newer && book.epoch == 2 && book.billable(10_000) == 10_000)
    book.linkRestored(0)
    let next = try #require(book.next(5000, 11_000))
    #expect(next.epoch == 2 && next.sequence == 1 && next.activeMilliseconds == 11_000)
    #expect(
      next.chainHash
        == CheckpointChain.next(
          after: newer.statement.chainHash, statement: newer.statement, signature: [2], digest: digest))
  }

  @Test(arguments: [(1, 1, 6000), (1, 0, 6000), (0, 9, 6000), (1, 2, 4999), (UInt32.max, 2, 6000)])
  func whatIsNotNewerOrStatesLessIsNotTakenOver(epoch: UInt32, sequence: UInt64, active: Int64) throws {
    let last = try confirmed(5000, epoch: 1, sequence: 1)
    let book = try Bookkeeper(restoring: last, epoch: 2, at: 0)
    #expect(!book.takeOver(try confirmed(active, epoch: epoch, sequence: sequence)))
    #expect(book.confirmed == last)
    let foreign = try #require(SessionID("zzzzzzzz"))
    #expect(!book.takeOver(try confirmed(6000, epoch: 1, sequence: 9, of: foreign)))
  }

  @Test func anAnswerLostWithItsTunnelIsTakenOverWithinTheEpoch() throws {
    let book = try Bookkeeper()
    let first = try #require(book.next(5000, 5000))
    book.linkLost()
    #expect(book.takeOver(try confirmed(5000, epoch: 1, sequence: 1)))
    #expect(!book.isAwaitingAnswer && book.epoch == 1 && book.billable(5000) == 5000)
    book.linkRestored(9000)
    #expect(book.signed(first) == .unknown)
    #expect(book.next(10_000, 6000)?.sequence == 2)
  }

  @Test func aCheckpointFromAnEpochThisRelayNeverHadBeginsALaterOne() throws {
    let book = try Bookkeeper(restoring: nil, epoch: 2, at: 0)
    #expect(book.takeOver(try confirmed(8000, epoch: 4, sequence: 7)))
    book.linkRestored(0)
    let next = try #require(book.next(5000, 9000))
    #expect(next.epoch == 5 && next.sequence == 1)
  }
}
