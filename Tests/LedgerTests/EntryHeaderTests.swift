import Ledger
import SessionModel
import TestSupport
import Testing

@Suite struct EntryHeaderTests {
  @Test func aHeaderOfASessionHasTheseBytesForEver() throws {
    let session = try #require(SessionID("0a1b2c3d"))
    let header = EntryHeader(
      sequence: 0x0102_0304_0506_0708, kind: .sessionClosed, session: session,
      time: WallTime(milliseconds: 0x0000_019A_BCDE_F012), previousHash: try #require(Fingerprint(Array(0x20..<0x40))),
      payloadHash: try #require(Fingerprint(Array(0x40..<0x60))))
    let golden = """
      0001 005b 0102030405060708 000e 0000019abcdef012
      202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f
      404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f
      08 3061316232633364
      """
    #expect(Hex.encode(header.encoded) == golden.filter { !$0.isWhitespace })
    #expect(
      sha256(header.encoded).description == "sha256:275321f314f0436ebb189492d1d66c552928dc69ee5a7a0615fe45fd9a8aa287")
  }

  @Test func aHeaderOfTheRelayItselfHasTheseBytesForEver() throws {
    let header = EntryHeader(
      sequence: 1, kind: .relayStarted, session: nil, time: WallTime(milliseconds: -1),
      previousHash: try #require(Fingerprint(Array(repeating: 0xAA, count: 32))),
      payloadHash: try #require(Fingerprint(Array(repeating: 0xBB, count: 32))))
    let golden =
      "0001" + "0053" + "0000000000000001" + "0001" + "ffffffffffffffff" + String(repeating: "aa", count: 32)
      + String(repeating: "bb", count: 32) + "00"
    #expect(Hex.encode(header.encoded) == golden)
    #expect(header.encoded.count == EntryHeader.fixedLength)
  }

  @Test func theGenesisHashIsThisForEver() throws {
    let id = try #require(LedgerID(Array(0..<16)))
    #expect(
      id.genesisHash(digest: sha256).description
        == "sha256:824771b1be6cf83c20be3af07b84fa89a1aa44ae2d9b2af56aa7071a793660a7")
  }

  @Test func aPayloadHashCoversSaltThenText() {
    let payload = StoredPayload(salt: Array(0..<16), text: Array("{}".utf8))
    #expect(payload.hash(digest: sha256) == sha256(Array(0..<16) + Array("{}".utf8)))
  }

  @Test func anyHeaderReadsBackAsItWasWritten() throws {
    var random = SeededGenerator()
    for _ in 0..<500 {
      let header = EntryHeader(
        sequence: random.next(), kind: EntryKind(rawValue: UInt16.random(in: 0...40, using: &random)),
        session: Bool.random(using: &random) ? SessionID(using: &random) : nil,
        time: WallTime(milliseconds: Int64.random(in: -1_000_000...4_000_000_000_000, using: &random)),
        previousHash: sha256(random.bytes(8)), payloadHash: sha256(random.bytes(8)))
      #expect(try EntryHeader(decoding: header.encoded) == header, "seed \(random.seed)")
    }
  }

  @Test func everyTruncationAndEveryExtraByteIsRefused() throws {
    var random = SeededGenerator()
    for session in [nil, SessionID(using: &random)] {
      let bytes = EntryHeader(
        sequence: 7, kind: .note, session: session, time: Sample.time, previousHash: Sample.fingerprint(1),
        payloadHash: Sample.fingerprint(2)
      ).encoded
      for length in 0..<bytes.count {
        #expect(throws: HeaderError.self) { try EntryHeader(decoding: Array(bytes.prefix(length))) }
      }
      #expect(throws: HeaderError.self) { try EntryHeader(decoding: bytes + [0]) }
    }
  }

  @Test func noBytesCrashTheReader() {
    var random = SeededGenerator()
    let good = EntryHeader(
      sequence: 7, kind: .note, session: SessionID(using: &random), time: Sample.time,
      previousHash: Sample.fingerprint(1), payloadHash: Sample.fingerprint(2)
    ).encoded
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let header = try? EntryHeader(decoding: bytes) {
        #expect(header.encoded == bytes, "one reading for each byte string, seed \(random.seed)")
      }
    }
  }

  @Test func aNewerVersionIsNamed() throws {
    var bytes = EntryHeader(
      sequence: 1, kind: .note, session: nil, time: Sample.time, previousHash: Sample.fingerprint(1),
      payloadHash: Sample.fingerprint(2)
    ).encoded
    bytes[1] = 2
    #expect(throws: HeaderError.unknownVersion(2)) { try EntryHeader(decoding: bytes) }
  }
}

@Suite struct EntryKindTests {
  @Test func theNumbersNeverChange() {
    let names = [
      "relay-started", "technician-added", "technician-removed", "session-requested", "consent-asked",
      "consent-answered", "session-activated", "session-suspended", "session-resumed", "channel-opened",
      "channel-closed", "checkpoint-epoch-end", "checkpoint-refused", "session-closed", "note", "payload-erased",
      "files-reported", "forward-refused", "session-restored", "reconciled", "link-refused", "plan-added",
      "plan-withdrawn", "customer-added", "case-opened", "case-closed", "session-assigned", "identity-checked",
      "quote-made", "quote-answered", "promise-made", "promise-broken", "advice-given", "allowance-granted",
      "question-asked", "question-answered", "limit-overridden", "receipt-issued", "receipt-countersigned",
      "amount-corrected", "receipt-provisional", "work-changed", "agent-displaced",
    ]
    #expect(EntryKind.known.map(\.rawValue) == Array(1...43))
    #expect(EntryKind.known.map(\.description) == names)
  }

  @Test func anUnknownKindIsKept() {
    let kind = EntryKind(rawValue: 999)
    #expect(kind == .unknown(999))
    #expect(kind.rawValue == 999)
    #expect(EntryKind.unknown(1) == .relayStarted)
    #expect(EntryKind(rawValue: 0) == .unknown(0))
  }

  @Test func whatMayBeOnRecordOnceHasAUniqueKey() throws {
    let session = try #require(SessionID("0a1b2c3d"))
    let request = SessionRequested(
      machine: "guest", technician: try #require(Name("mika")), technicianKey: Sample.fingerprint(1), purpose: "",
      plan: Sample.plan, address: "::1")
    #expect(request.draft(session: session).uniqueKey == "requested/0a1b2c3d")
    #expect(Sample.closed.draft(session: session).uniqueKey == "closed/0a1b2c3d")
    let end = CheckpointEpochEnd(
      checkpoint: Sample.checkpoint(session: session, epoch: 3, sequence: 9, activeMilliseconds: 10))
    #expect(end.draft.uniqueKey == "epoch/0a1b2c3d/3")
    #expect(SessionActivated().draft(session: session).uniqueKey == nil)
    let restored = SessionRestored(epoch: 2, activeMilliseconds: 5, reason: "")
    #expect(restored.draft(session: session).uniqueKey == "restored/0a1b2c3d/2")
    let problem = try #require(CaseID("k3x9q7"))
    #expect(CaseOpened(caseID: problem, title: "", by: "relay").draft(session: session).uniqueKey == "case/k3x9q7")
    let quote = QuoteMade(
      quote: "k3x9q7-1", caseID: problem, binding: .fixed, amountMinor: 1, currency: "EUR", text: "", by: "mika")
    #expect(quote.draft().uniqueKey == "quote/k3x9q7-1")
    #expect(
      QuoteAnswered(quote: "k3x9q7-1", isAccepted: false, by: "customer").draft().uniqueKey == "answered/k3x9q7-1")
    let provisional = ReceiptProvisional(
      receipt: "{}", receiptHash: Sample.fingerprint(1), agentKey: [], agentSignature: [])
    #expect(provisional.draft(session: session).uniqueKey == "provisional/\(Sample.fingerprint(1))")
  }
}
