import Ledger
import SessionModel
import TestSupport
import Testing

@Suite struct PayloadTests {
  private func session() throws -> SessionID { try #require(SessionID("0a1b2c3d")) }
  private func mika() throws -> Name { try #require(Name("mika")) }

  @Test func everyPayloadReadsBackAndSaysWhichMemberItLacks() throws {
    var random = SeededGenerator()
    _ = try roundTrip(RelayStarted(instance: InstanceID(using: &random), software: "fixline-relay 1"))
    _ = try roundTrip(
      TechnicianAdded(
        name: try mika(), role: .supervisor, keyLine: "ssh-ed25519 AAAA mika", keyFingerprint: Sample.fingerprint(1)))
    _ = try roundTrip(TechnicianRemoved(name: try mika(), keyFingerprint: Sample.fingerprint(1)))
    _ = try roundTrip(LedgerNote(text: "a\u{7}b \u{202E} ü", by: "mika"))
    _ = try roundTrip(PayloadErased(sequences: [1, 9], reason: "asked for"))
    _ = try roundTrip(
      ConsentAsked(words: "y?", wordsHash: Sample.fingerprint(2), allowances: [.shell, .forward]))
    _ = try roundTrip(SessionActivated())
    let continuation = SessionActivated.Continuation(
      code: JoinCode(using: &random), agentInstance: InstanceID(using: &random), bootID: "boot",
      instant: MonotonicInstant(nanoseconds: .max))
    _ = try roundTrip(SessionActivated(continuation: continuation), optional: ["code"])
    _ = try roundTrip(SessionRestored(epoch: 2, activeMilliseconds: 9, reason: "the relay was restarted"), optional: [])
    _ = try roundTrip(LinkRefused(machine: "guest-1", address: "::1", reason: "another key"), optional: [])
    let displaced = AgentDisplaced(
      machine: "guest-1", address: "192.0.2.8", displacedAddress: "192.0.2.7", silentMilliseconds: 40)
    _ = try roundTrip(displaced, optional: [])
    #expect(
      displaced.line == "a second agent with this machine's key connected from 192.0.2.8 and took over; the first one, "
        + "connected from 192.0.2.7 and heard 40 ms before, was sent away")
    _ = try roundTrip(SessionResumed())
    _ = try roundTrip(ChannelOpened(channel: 1, channelKind: "exec", command: "true"))
    _ = try roundTrip(ChannelOpened(channel: 1, channelKind: "shell"))
    _ = try roundTrip(ChannelOpened(channel: 1, channelKind: "forward", command: "h:80", address: "192.0.2.7:80"))
    _ = try roundTrip(ForwardRefused(channel: 1, target: "h:80", reason: "connection refused"))
    _ = try roundTrip(FilesReported(channel: 1, events: Sample.fileEvents))
    _ = try roundTrip(ChannelClosed(channel: 1, bytesToMachine: 3, bytesFromMachine: 4, exit: .status(255)))
    _ = try roundTrip(ChannelClosed(channel: 1, bytesToMachine: 3, bytesFromMachine: 4, exit: .signal("TERM")))
    _ = try roundTrip(ChannelClosed(channel: 1, bytesToMachine: 3, bytesFromMachine: 4))
    _ = try roundTrip(CheckpointRefused(epoch: 1, sequence: 2, relayMilliseconds: 9000, agentMilliseconds: 5000))
    _ = try roundTrip(
      CheckpointEpochEnd(
        checkpoint: Sample.checkpoint(session: try session(), epoch: 1, sequence: 2, activeMilliseconds: 9)),
      optional: ["intervals"])
  }

  @Test func aDifferenceIsWrittenLikeThis() throws {
    let taken = Reconciled(
      relayMilliseconds: 5_000, agentSignedMilliseconds: 10_000, agentMeasuredMilliseconds: 10_200, epoch: 1,
      sequence: 2, decision: .takenOver, reason: "both signed it")
    #expect(
      try roundTrip(taken, optional: ["agent_signed_ms", "epoch", "sequence"]) == """
        {"relay_ms":5000,"agent_signed_ms":10000,"agent_measured_ms":10200,"epoch":1,"sequence":2,\
        "decision":"taken-over","reason":"both signed it"}
        """)
    #expect(
      taken.line == "relay 5000 ms, agent signed 10000 ms, measured 10200 ms; taken over: both signed it")
    let bare = Reconciled(
      relayMilliseconds: 0, agentSignedMilliseconds: nil, agentMeasuredMilliseconds: 7, epoch: nil, sequence: nil,
      decision: .refused, reason: "no")
    #expect(
      try roundTrip(bare) == #"{"relay_ms":0,"agent_measured_ms":7,"decision":"refused","reason":"no"}"#)
    #expect(bare.line == "relay 0 ms, agent signed nothing, measured 7 ms; refused: no")
    var wrong = taken.json
    wrong["epoch"] = .integer(1 << 32)
    #expect(throws: PayloadError(key: "epoch", expected: "a number of 32 bits")) { try Reconciled(json: wrong) }
    wrong = taken.json
    wrong["decision"] = "perhaps"
    #expect(throws: PayloadError.self) { try Reconciled(json: wrong) }
  }

  @Test func aReportOfFileWorkIsWrittenLikeThis() throws {
    let report = FilesReported(
      channel: 2,
      events: [
        FileEvent(number: 1, action: .opened(path: Array("/srv/ü\n".utf8), .toMachine)),
        FileEvent(number: 2, action: .removed(path: [0x2F, 0xFF])),
        FileEvent(number: 3, action: .closed(opening: 1, bytesToMachine: 7, bytesFromMachine: 0)),
      ])
    let golden = #"""
      {"channel":2,"source":"agent","events":[{"number":1,"action":"opened","path":"/srv/ü\\u{a}","path_hex":"2f7372762fc3bc0a","direction":"to-machine"},{"number":2,"action":"removed","path":"/\\xff","path_hex":"2fff"},{"number":3,"action":"closed","opening":1,"bytes_to_machine":7,"bytes_from_machine":0}]}
      """#
    #expect(try roundTrip(report) == golden)
  }

  @Test func theLargestReportFitsAnEntry() {
    // The worst a path can do to its text: no byte of it is one.
    let path = [UInt8](repeating: 0xFF, count: FileEvent.maximumPathBytes)
    let count = FilesReported.maximumPathBytes / path.count
    let report = FilesReported(
      channel: 1, events: (0..<count).map { FileEvent(number: UInt64($0), action: .removed(path: path)) })
    #expect(report.json.text.utf8.count < LedgerLimits.maximumPayloadBytes)
    let many = FilesReported(
      channel: 1,
      events: (0..<FilesReported.maximumEvents).map {
        FileEvent(
          number: .max - UInt64($0), action: .closed(opening: .max, bytesToMachine: .max, bytesFromMachine: .max))
      })
    #expect(many.json.text.utf8.count < LedgerLimits.maximumPayloadBytes / 2)
  }

  @Test func theRequestIsWrittenLikeThis() throws {
    let text = try roundTrip(
      SessionRequested(
        machine: "guest-482", technician: try mika(), technicianKey: try #require(Fingerprint(Array(0..<32))),
        purpose: "printer", plan: Sample.plan, address: "192.0.2.7"), optional: ["machine", "purpose", "address"])
    let golden = """
      {"machine":"guest-482","technician":"mika","technician_key":"sha256:\(Hex.encode(Array(0..<32)))",\
      "purpose":"printer","plan":{"id":"standard","name":"Standard remote support","currency":"EUR",\
      "prices":"net","rate_per_hour":"90.00","first":"15m","then":"6m"},\
      "address":"192.0.2.7"}
      """
    #expect(text == golden)
  }

  @Test func theAnswerIsWrittenLikeThis() throws {
    let text = try roundTrip(ConsentAnswered(accepted: true, reason: "", signature: [1, 255], agentKey: [2]))
    #expect(text.contains("\"accepted\":true"))
    #expect(text.contains("\"signature\":\"01ff\",\"agent_key\":\"02\""))
  }

  @Test func theClosingIsWrittenLikeThis() throws {
    let text = try roundTrip(Sample.closed)
    let golden = """
      {"outcome":"fixed","note":"mended","by":"mika","active_ms":720000,\
      "intervals":[{"from":"2025-11-21T20:30:00.120Z","to":"2025-11-21T20:42:00.120Z"}],\
      "billed_seconds":900,"amount_minor":2250,"currency":"EUR","lines":[\
      {"kind":"time","description":"15 min","seconds":900,"percent":100,"amount_minor":2250,"reason":null,\
      "technician":null},\
      {"kind":"allowance","description":"goodwill","seconds":0,"percent":"112.5","amount_minor":-1,\
      "reason":"late","technician":"mika"}],"bytes_to_machine":12,"bytes_from_machine":34}
      """
    #expect(text == golden)
  }

  @Test func whatEarlierProgramsWroteStillReads() throws {
    #expect(try SessionActivated(json: [:]).continuation == nil)
    let end = CheckpointEpochEnd(
      checkpoint: Sample.checkpoint(session: try session(), epoch: 1, sequence: 2, activeMilliseconds: 9000))
    var old = end.json
    old["intervals"] = nil
    #expect(try CheckpointEpochEnd(json: old) == end)
    #expect(end.checkpoint.intervals == [OffsetInterval(fromMilliseconds: 0, toMilliseconds: 9000)])
  }

  @Test func aDamagedContinuationIsNoContinuation() throws {
    var random = SeededGenerator()
    let json = SessionActivated(
      continuation: SessionActivated.Continuation(
        code: JoinCode(using: &random), agentInstance: InstanceID(using: &random), bootID: "",
        instant: MonotonicInstant(nanoseconds: 1))
    ).json
    for (key, value) in [("code", "12345678"), ("agent_instance", "00"), ("monotonic_ns", "1")] as [(String, JSONValue)]
    {
      var damaged = json
      damaged[key] = value
      #expect(throws: PayloadError.self) { try SessionActivated(json: damaged) }
    }
  }

  @Test func reasonsAreASetInTheirOrder() throws {
    let suspended = SessionSuspended(reasons: [.storage, .link, .storage])
    #expect(suspended.reasons == [.link, .storage])
    #expect(try roundTrip(suspended) == "{\"reasons\":[\"link\",\"storage\"]}")
  }

  @Test func aMemberOfTheWrongKindIsNamedWithItsPath() throws {
    var json = Sample.closed.json
    json["lines"] = [["kind": "time", "description": "", "seconds": "15", "percent": 100]]
    let error = PayloadError(key: "lines.0.seconds", expected: "a whole number")
    #expect(throws: error) { try SessionClosed(json: json) }
    #expect(error.description == "the member lines.0.seconds should be a whole number")
  }
}
