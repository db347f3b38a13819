import Ledger
import SessionModel
import Testing

@Suite struct SessionRecordTests {
  private var yes: ConsentAnswered { ConsentAnswered(accepted: true, reason: "", signature: [1], agentKey: [2]) }

  @Test func nobodyKnowsASessionThatNobodyOpened() throws {
    let session = try #require(SessionID("zzzzzzzz"))
    #expect(SessionRecord(session: session, entries: try Script.requested().ledger.entries) == nil)
  }

  @Test func theStateFollowsTheEntries() throws {
    var script = try Script.requested()
    #expect(script.record()?.state == .requested)
    script.say(ConsentAsked(words: "?", wordsHash: Sample.fingerprint(3), allowances: .all))
    #expect(script.record()?.state == .awaitingConsent)
    script.say(yes)
    script.say(SessionActivated())
    #expect(script.record()?.state == .active)
    script.say(SessionSuspended(reasons: [.noChannel]))
    script.say(SessionSuspended(reasons: [.noChannel, .link]))
    #expect(script.record()?.state == .suspended)
    #expect(script.record()?.suspendedReasons == [.link, .noChannel])
    script.say(SessionResumed())
    #expect(script.record()?.state == .active)
    #expect(script.record()?.suspendedReasons == [])
    script.say(Sample.closed)
    script.say(SessionSuspended(reasons: [.link]))
    let record = try #require(script.record())
    #expect(record.state == .closed)
    #expect(record.suspendedReasons == [])
    #expect(record.entries.count == 9)
    #expect(record.consent?.agentKey == [2])
  }

  @Test func anOpenSessionHasTheTimeOfItsNewestCheckpoint() throws {
    var script = try Script.requested()
    script.say(SessionActivated())
    let id = script.session
    script.say(
      CheckpointEpochEnd(checkpoint: Sample.checkpoint(session: id, epoch: 1, sequence: 9, activeMilliseconds: 45_000)))
    #expect(script.record()?.activeMilliseconds == 45_000)
    let newer = Sample.checkpoint(session: id, epoch: 2, sequence: 1, activeMilliseconds: 50_000)
    let older = Sample.checkpoint(session: id, epoch: 1, sequence: 9, activeMilliseconds: 45_000)
    let other = Sample.checkpoint(
      session: try #require(SessionID("zzzzzzzz")), epoch: 9, sequence: 9, activeMilliseconds: 99_000)
    #expect(script.record([older, newer, other])?.activeMilliseconds == 50_000)
    #expect(script.record([newer, older])?.latestCheckpoint == newer)
    script.say(Sample.closed)
    #expect(script.record([newer])?.activeMilliseconds == 720_000)
  }

  @Test func bytesAreSummedUntilTheClosingSaysThem() throws {
    var script = try Script.requested()
    script.say(SessionActivated())
    script.say(ChannelClosed(channel: 1, bytesToMachine: 10, bytesFromMachine: .max))
    script.say(ChannelClosed(channel: 2, bytesToMachine: 5, bytesFromMachine: 1))
    #expect(script.record()?.bytesToMachine == 15)
    #expect(script.record()?.bytesFromMachine == .max)
    script.say(Sample.closed)
    #expect(script.record()?.bytesFromMachine == 34)
  }

  @Test func filesAreFoldedFromWhatWasReported() throws {
    var script = try Script.requested()
    script.say(SessionActivated())
    script.say(FilesReported(channel: 1, events: Sample.fileEvents))
    // Numbers are a channel's own.
    script.say(
      FilesReported(channel: 2, events: [FileEvent(number: 1, action: .opened(path: [0x2F], .fromMachine))]))
    script.say(Sample.closed)
    // The last report may come while the session closes.
    script.say(
      FilesReported(
        channel: 2, events: [FileEvent(number: 2, action: .closed(opening: 1, bytesToMachine: 0, bytesFromMachine: 9))])
    )
    let record = try #require(script.record())
    #expect(record.files.count == Sample.fileEvents.count)  // a closing is no file, channel 2 has one
    #expect(record.files.first?.bytes?.toMachine == 3)
    #expect(record.files.last?.bytes?.fromMachine == 9)
    let json = try #require(record.jsonWithEvents["files"]?.array)
    #expect(json.first?["complete"] == true)
    #expect(json.first?["bytes_to_machine"] == 3)
    #expect(json.first?["source"] == "agent")
    let interrupted = record.files.filter { $0.words.bytes == "interrupted" }
    #expect(interrupted.map(\.number) == [12])
    #expect(record.files.map(\.words.action).contains("rename"))
  }

  @Test func filesBeyondTheLimitAreCounted() throws {
    var script = try Script.requested()
    for start in stride(from: 1, through: 10_500, by: 500) {
      script.say(
        FilesReported(
          channel: 1, events: (0..<500).map { FileEvent(number: UInt64(start + $0), action: .listed(path: [0x2F])) }))
    }
    let record = try #require(script.record())
    #expect(record.files.count == 10_000)
    #expect(record.filesNotHeld == 500)
  }

  @Test func aClosedSessionIsPrintedLikeThis() throws {
    var script = try Script.requested()
    script.say(SessionActivated())
    script.say(Sample.closed)
    let record = try #require(script.record())
    let golden = """
      {"id":"0a1b2c3d","case":null,"customer":null,"machine":"guest-482","technician":"mika","state":"closed",\
      "suspended_reasons":[],"opened_at":"1970-01-01T00:00:00Z","closed_at":"1970-01-01T00:00:02Z",\
      "active_ms":720000,"suspended_ms":0,"billed_seconds":900,"amount_minor":2250,"currency":"EUR","bytes_to_machine":12,\
      "bytes_from_machine":34,"outcome":"fixed","note":"mended","lines":[{"kind":"time","description":"15 min",\
      "seconds":900,"percent":100,"amount_minor":2250,"reason":null,"technician":null},{"kind":"allowance",\
      "description":"goodwill","seconds":0,"percent":"112.5","amount_minor":-1,"reason":"late",\
      "technician":"mika"}],"purpose":"printer","intervals":[{"from":"2025-11-21T20:30:00.120Z",\
      "to":"2025-11-21T20:42:00.120Z"}],"plan":"standard","rework":false,"identity":"none"}
      """
    #expect(record.json.text == golden)
    let events = try #require(record.jsonWithEvents["events"]?.array)
    #expect(events.map { $0["kind"]?.string } == ["session-requested", "session-activated", "session-closed"])
    #expect(events[0]["details"]?["purpose"] == "printer")
    #expect(events[0]["sequence"] == 1)
  }

  @Test func whatIsSaidAfterTheClosingTellsTheCustomerAndLowersThePrice() throws {
    var script = try Script.requested()
    let acme = try #require(Name("acme"))
    let id = try #require(CaseID("k3x9q7"))
    script.say(AmountCorrected(corrects: 1, price: Business.price(1), reason: "open", by: "operator"))
    script.say(SessionActivated())
    script.say(Sample.closed)
    let monthly = try PlanTerms(json: ["id": "monthly", "name": "Monthly", "currency": "EUR"])
    script.say(
      SessionAssigned(customer: acme, caseID: id, plan: monthly, price: Business.price(2000), by: "operator"))
    script.say(AmountCorrected(corrects: 5, price: Business.price(2001), reason: "dearer", by: "operator"))
    var foreign = Business.price(1)
    foreign.currency = "SEK"
    script.say(AmountCorrected(corrects: 5, price: foreign, reason: "foreign", by: "operator"))
    var record = try #require(script.record())
    #expect(record.customer == acme && record.caseID == id && record.plan == monthly)
    #expect(record.amountMinor == 2000 && record.billedSeconds == 600 && record.lines == Business.price(2000).lines)
    #expect(record.json["case"] == "k3x9q7" && record.json["customer"] == "acme" && record.json["plan"] == "monthly")
    script.say(
      AmountCorrected(
        corrects: 5, price: Business.price(0, RatingFacts(isRework: true)), reason: "ours", by: "operator"))
    record = try #require(script.record())
    #expect(record.amountMinor == 0 && record.json["rework"] == true && record.state == .closed)
  }

  @Test func erasedDetailsLeaveARecordWithHoles() throws {
    var script = try Script.requested()
    script.say(SessionActivated())
    script.say(Sample.closed)
    let erased = script.ledger.entries.map { Entry(header: $0.header, hash: $0.hash, payload: nil) }
    let record = try #require(SessionRecord(session: script.session, entries: erased))
    #expect(record.state == .closed)
    #expect(record.machine == nil)
    #expect(record.json["amount_minor"] == .null)
    #expect(record.jsonWithEvents["events"]?[0]?["erased"] == true)
  }
}
