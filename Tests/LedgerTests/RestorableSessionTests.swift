import Ledger
import SessionModel
import Testing

@Suite struct RestorableSessionTests {
  private func continuation() throws -> SessionActivated.Continuation {
    SessionActivated.Continuation(
      code: try #require(JoinCode("482177305")), agentInstance: try #require(InstanceID(Array(0..<16))),
      bootID: "boot", instant: MonotonicInstant(nanoseconds: 12))
  }

  /// As far as the customer's yes.
  private func agreed() throws -> Script {
    var script = try Script.requested()
    script.say(ConsentAsked(words: "May I?", wordsHash: Sample.fingerprint(3), allowances: [.shell]))
    script.say(ConsentAnswered(accepted: true, reason: "", signature: [1], agentKey: [2]))
    return script
  }

  private func active() throws -> Script {
    var script = try agreed()
    script.say(SessionActivated(continuation: try continuation()))
    return script
  }

  private func restorable(_ script: Script, _ checkpoints: [StoredCheckpoint] = []) throws -> RestorableSession {
    try RestorableSession(try #require(script.record(checkpoints)))
  }

  private func checkpoint(_ epoch: UInt32, _ sequence: UInt64, _ active: Int64) throws -> StoredCheckpoint {
    Sample.checkpoint(
      session: try #require(SessionID("0a1b2c3d")), epoch: epoch, sequence: sequence, activeMilliseconds: active)
  }

  @Test func everythingNeededIsFound() throws {
    var script = try active()
    script.say(ChannelOpened(channel: 1, channelKind: "shell"))
    script.say(ChannelClosed(channel: 1, bytesToMachine: 3, bytesFromMachine: 4))
    script.say(ForwardRefused(channel: 7, target: "h:1", reason: "no"))
    let newest = try checkpoint(1, 9, 45_000)
    let session = try restorable(script, [newest])
    #expect(session.id == script.session && session.request.machine == "guest-482" && session.agentKey == [2])
    #expect(session.question.words == "May I?" && session.question.allowances == [.shell])
    #expect(session.continuation == (try continuation()) && session.checkpoint == newest)
    #expect(session.openedAt == WallTime(milliseconds: 0) && session.activatedAt == WallTime(milliseconds: 3000))
    #expect(session.nextEpoch == 2 && session.lastChannel == 7)
    #expect(session.bytesToMachine == 3 && session.bytesFromMachine == 4)
    let entry = session.restored(reason: "why")
    #expect(entry.uniqueKey == "restored/0a1b2c3d/2")
  }

  @Test func noEpochIsEverUsedTwice() throws {
    var script = try active()
    #expect(try restorable(script).nextEpoch == 2)
    // A relay that took it over and died before anything was signed has used its epoch up.
    script.say(SessionRestored(epoch: 2, activeMilliseconds: 0, reason: ""))
    #expect(script.record()?.state == .suspended && script.record()?.suspendedReasons == [.link, .noChannel])
    #expect(try restorable(script).nextEpoch == 3)
    #expect(try restorable(script, [try checkpoint(5, 1, 1000), try checkpoint(1, 8, 900)]).nextEpoch == 6)
    #expect(throws: NotRestorable.tooManyEpochs) { try restorable(script, [try checkpoint(.max, 1, 1000)]) }
  }

  @Test func whatWasNotActiveOrIsOverIsNotGoneOnWith() throws {
    #expect(throws: NotRestorable.notActivated) { try restorable(try Script.requested()) }
    #expect(throws: NotRestorable.notActivated) { try restorable(try agreed()) }
    var closed = try active()
    closed.say(Sample.closed)
    closed.say(SessionRestored(epoch: 2, activeMilliseconds: 0, reason: ""))
    #expect(throws: NotRestorable.closed) { try restorable(closed) }
    var old = try agreed()
    old.say(SessionActivated())
    #expect(throws: NotRestorable.detailsMissing(.sessionActivated)) { try restorable(old) }
    #expect(NotRestorable.detailsMissing(.consentAsked).description.contains("consent-asked"))
  }

  @Test func erasedDetailsAreNotMadeUp() throws {
    let script = try active()
    let kinds: [EntryKind] = [.sessionRequested, .consentAsked, .consentAnswered, .sessionActivated]
    for (index, kind) in kinds.enumerated() {
      var entries = script.ledger.entries
      let entry = entries[index]
      entries[index] = Entry(header: entry.header, hash: entry.hash, payload: nil)
      let record = try #require(SessionRecord(session: script.session, entries: entries))
      #expect(throws: NotRestorable.detailsMissing(kind)) { try RestorableSession(record) }
    }
  }
}
