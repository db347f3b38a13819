import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// One row for each control message: the value, and the bytes written out by hand from the module's front page.
@Suite struct GoldenControlTests {
  static let session = hex("7k2m9xqa")
  static let golden: [(ControlMessage, String)] = [
    (.joinCode(Fixture.code, expiresInSeconds: 900), "0001" + hex("482177305") + "00000384"),
    (
      .consentRequest(
        session: Fixture.session, technician: "anna", technicianKey: Fixture.fingerprint(0x55), purpose: "mail",
        words: "Yes?", allowances: .all, timeoutSeconds: 120),
      "0002" + session + "0004" + hex("anna") + times(32, "55") + "0004" + hex("mail") + "0004" + hex("Yes?") + "000f"
        + "00000078"
    ),
    (.consentWithdrawn(session: Fixture.session, reason: "gone"), "0003" + session + "0004" + hex("gone")),
    (
      .sessionState(
        session: Fixture.session, state: .suspended, reasons: [.link, .storage], activeMilliseconds: 720_000,
        amountMinor: 2250, currency: "EUR", exponent: 2),
      "0004" + session + "04" + "0021" + "00000000000afc80" + "00000000000008ca" + hex("EUR") + "02"
    ),
    (
      .checkpoint(
        CheckpointStatement(
          session: Fixture.session, epoch: 3, sequence: 9, activeMilliseconds: 65_536,
          chainHash: Fixture.fingerprint(0x77)),
        relaySignature: Fixture.signature),
      "0005" + session + "00000003" + "0000000000000009" + "0000000000010000" + times(32, "77") + times(64, "ab")
    ),
    (
      .sessionClosed(
        session: Fixture.session, outcome: .fixed, activeMilliseconds: 1, billedSeconds: 900, amountMinor: 3000,
        currency: "JPY", exponent: 0, text: "bye"),
      "0006" + session + "01" + "0000000000000001" + "0000000000000384" + "0000000000000bb8" + hex("JPY") + "00"
        + "0003" + hex("bye")
    ),
    (.notice("Grüße"), "0007" + "0007" + "4772c3bcc39f65"),
    (
      .question(session: Fixture.session, number: 258, kind: .limit, words: "On?", timeoutSeconds: 120),
      "0008" + session + "00000102" + "01" + "0003" + hex("On?") + "00000078"
    ),
    (
      .question(session: Fixture.session, number: 1, kind: .quote, words: "", timeoutSeconds: 0),
      "0008" + session + "00000001" + "02" + "0000" + "00000000"
    ),
    (
      .questionWithdrawn(session: Fixture.session, number: 7, reason: "gone"),
      "0009" + session + "00000007" + "0004" + hex("gone")
    ),
    (
      .receipt(session: Fixture.session, bytes: Array("{\"é\"}".utf8), signature: Fixture.signature),
      "000a" + session + "0006" + "7b22c3a9227d" + times(64, "ab")
    ),
    (.receiptFollows(session: Fixture.session), "000b" + session),
    (.journal(JournalReport(condition: .damaged, reason: "torn")), "010a" + "01" + "0004" + hex("torn")),
    (.journal(JournalReport(condition: .unwritable, reason: "full")), "010a" + "02" + "0004" + hex("full")),
    (.journal(JournalReport(condition: .writable, reason: "")), "010a" + "03" + "0000"),
    (
      .receiptProvisional(session: Fixture.session, bytes: [0], signature: Fixture.signature),
      "0109" + session + "0001" + "00" + times(64, "ab")
    ),
    (
      .receiptCountersigned(session: Fixture.session, signature: Fixture.signature),
      "0108" + session + times(64, "ab")
    ),
    (
      .consentAnswer(
        session: Fixture.session, accepted: true, reason: "", wordsHash: Fixture.fingerprint(0x66),
        allowances: [.shell, .readFiles], signature: Fixture.signature),
      "0101" + session + "01" + "0000" + times(32, "66") + "0003" + times(64, "ab")
    ),
    (
      .consentAnswer(
        session: Fixture.session, accepted: false, reason: "no", wordsHash: Fixture.fingerprint(0x66), allowances: [],
        signature: []),
      "0101" + session + "00" + "0002" + hex("no") + times(32, "66") + "0000"
    ),
    (
      .checkpointSigned(session: Fixture.session, epoch: 3, sequence: 9, signature: Fixture.signature),
      "0102" + session + "00000003" + "0000000000000009" + times(64, "ab")
    ),
    (
      .checkpointRefused(session: Fixture.session, epoch: 3, sequence: 9, measuredMilliseconds: 5),
      "0103" + session + "00000003" + "0000000000000009" + "0000000000000005"
    ),
    (.closeRequest(session: Fixture.session, reason: "enough"), "0104" + session + "0006" + hex("enough")),
    (.detachedShellEnded(session: Fixture.session), "0105" + session),
    (
      .heldSession(
        HeldSession(
          session: Fixture.session,
          newest: CountersignedCheckpoint(
            statement: CheckpointStatement(
              session: Fixture.session, epoch: 3, sequence: 9, activeMilliseconds: 65_536,
              chainHash: Fixture.fingerprint(0x77)),
            relaySignature: Fixture.signature, agentSignature: [UInt8](repeating: 0xCD, count: 64)),
          measuredMilliseconds: 66_000, isJournalDamaged: false)),
      "0106" + session + "00" + "00000000000101d0" + "01" + "00000003" + "0000000000000009" + "0000000000010000"
        + times(32, "77") + times(64, "ab") + times(64, "cd")
    ),
    (
      .heldSession(
        HeldSession(session: Fixture.session, newest: nil, measuredMilliseconds: 0, isJournalDamaged: true)),
      "0106" + session + "01" + "0000000000000000" + "00"
    ),
    (
      .questionAnswer(
        session: Fixture.session, number: 258, choice: 3, reason: "", signature: Fixture.signature),
      "0107" + session + "00000102" + "03" + "0000" + times(64, "ab")
    ),
    (
      .questionAnswer(session: Fixture.session, number: 258, choice: nil, reason: "no", signature: []),
      "0107" + session + "00000102" + "00" + "0002" + hex("no")
    ),
  ]

  @Test(arguments: golden) func `each message's bytes`(message: ControlMessage, golden: String) throws {
    #expect(try message.encoded().hex == golden)
    #expect(try ControlMessage.decode(ByteBuffer(hex: golden)) == message)
  }

  @Test func `the table above has every kind`() {
    #expect(Set(Self.golden.map { $0.0.kind }) == Set(ControlMessage.Kind.allCases))
  }

  @Test(arguments: golden) func `a message that ends early, anywhere, is refused`(_: ControlMessage, golden: String) {
    let whole = ByteBuffer(hex: golden)
    for length in 0..<whole.readableBytes {
      guard let part = whole.getSlice(at: 0, length: length) else { continue }
      #expect(throws: Malformation.self) { try ControlMessage.decode(part) }
    }
    var longer = whole
    longer.writeInteger(UInt8(0))
    #expect(throws: Malformation.trailingBytes) { try ControlMessage.decode(longer) }
  }

  static let lies: [(String, Malformation)] = [
    ("0001" + hex("48217730x") + "00000384", .invalid(field: "code")),
    ("0001" + hex("482 77305") + "00000384", .invalid(field: "code")),
    ("0003" + hex("7K2M9XQA") + "0000", .invalid(field: "session")),
    ("0003" + session + "0201" + times(0x201, "61"), .tooLong(field: "reason")),
    ("0003" + session + "0005" + hex("four"), .truncated(field: "reason")),
    ("0003" + session + "0003" + hex("four"), .trailingBytes),
    ("0003" + session + "0002" + "c328", .notText(field: "reason")),
    ("0003" + session + "0003" + "eda080", .notText(field: "reason")),
    ("0004" + session + "00" + "0000" + times(16, "00") + hex("EUR") + "02", .invalid(field: "state")),
    ("0004" + session + "06" + "0000" + times(16, "00") + hex("EUR") + "02", .invalid(field: "state")),
    ("0004" + session + "04" + "0040" + times(16, "00") + hex("EUR") + "02", .invalid(field: "reasons")),
    (
      "0004" + session + "04" + "0000" + times(8, "ff") + times(8, "00") + hex("EUR") + "02",
      .invalid(field: "active milliseconds")
    ),
    (
      "0004" + session + "04" + "0000" + times(8, "00") + "80" + times(7, "00") + hex("EUR") + "02",
      .invalid(field: "amount")
    ),
    ("0004" + session + "04" + "0000" + times(16, "00") + hex("eur") + "02", .invalid(field: "currency")),
    ("0004" + session + "04" + "0000" + times(16, "00") + hex("EUR") + "05", .invalid(field: "exponent")),
    ("0006" + session + "0a" + times(24, "00") + hex("EUR") + "02" + "0000", .invalid(field: "outcome")),
    ("0007" + "1001" + times(0x1001, "61"), .tooLong(field: "text")),
    ("0007" + "ffff", .tooLong(field: "text")),
    ("000a" + session + "0000" + times(64, "ab"), .invalid(field: "receipt")),
    ("000a" + session + "6001" + times(0x6001, "61"), .tooLong(field: "receipt")),
    ("0109" + session + "0002" + hex("{}") + times(63, "ab"), .truncated(field: "signature")),
    ("0108" + session + times(65, "ab"), .trailingBytes),
    ("0101" + session + "02" + "0000" + times(32, "66") + "0003" + times(64, "ab"), .invalid(field: "accepted")),
    ("0101" + session + "01" + "0000" + times(32, "66") + "0010" + times(64, "ab"), .invalid(field: "allowances")),
    ("0101" + session + "01" + "0000" + times(32, "66") + "0003", .truncated(field: "signature")),
    ("0101" + session + "00" + "0000" + times(32, "66") + "0003" + times(64, "ab"), .trailingBytes),
    (
      "0103" + session + "00000003" + "0000000000000009" + times(8, "ff"),
      .invalid(field: "measured milliseconds")
    ),
    ("0106" + session + "02" + times(8, "00") + "00", .invalid(field: "journal damaged")),
    ("0106" + session + "00" + times(8, "00") + "07", .invalid(field: "has checkpoint")),
    ("0106" + session + "00" + times(8, "ff") + "00", .invalid(field: "measured milliseconds")),
    (
      "0106" + session + "00" + times(8, "00") + "01" + "00000001" + times(7, "00") + "01" + times(8, "80"),
      .invalid(field: "active milliseconds")
    ),
    ("0008" + session + "00000000" + "01" + "0000" + "00000000", .invalid(field: "number")),
    ("0008" + session + "00000001" + "00" + "0000" + "00000000", .invalid(field: "question")),
    ("0008" + session + "00000001" + "03" + "0000" + "00000000", .invalid(field: "question")),
    ("0008" + session + "00000001" + "01" + "1f41" + times(0x1F41, "61"), .tooLong(field: "words")),
    ("0009" + session + "00000000" + "0000", .invalid(field: "number")),
    ("0009" + session + "00000001" + "0201" + times(0x201, "61"), .tooLong(field: "reason")),
    ("0107" + session + "00000000" + "00" + "0000", .invalid(field: "number")),
    ("0107" + session + "00000001" + "01" + "0000", .truncated(field: "signature")),
    ("0107" + session + "00000001" + "00" + "0000" + times(64, "ab"), .trailingBytes),
    ("010a" + "00" + "0000", .invalid(field: "condition")),
    ("010a" + "04" + "0000", .invalid(field: "condition")),
    ("010a" + "01" + "0201" + times(0x201, "61"), .tooLong(field: "reason")),
    ("00", .truncated(field: "kind")),
  ]

  @Test(arguments: lies) func `a message that lies is refused, and says where`(
    _ payload: String, _ reason: Malformation
  ) {
    #expect(throws: reason) { try ControlMessage.decode(ByteBuffer(hex: payload)) }
  }

  @Test func `a kind from a later version is skipped`() throws {
    #expect(try ControlMessage.decode(ByteBuffer(hex: "00ff" + times(40, "00"))) == nil)
  }

  @Test func `what is over its limit cannot be encoded`() {
    let long = String(repeating: "x", count: TextLimits.noticeBytes + 1)
    #expect(throws: Malformation.tooLong(field: "text")) { try ControlMessage.notice(long).encoded() }
    #expect(throws: Malformation.tooLong(field: "receipt")) {
      try ControlMessage.receipt(
        session: Fixture.session, bytes: [UInt8](repeating: 1, count: TextLimits.receiptBytes + 1),
        signature: Fixture.signature
      ).encoded()
    }
    #expect(throws: Malformation.invalid(field: "receipt")) {
      try ControlMessage.receipt(session: Fixture.session, bytes: [], signature: Fixture.signature).encoded()
    }
    #expect(throws: Malformation.invalid(field: "signature")) {
      try ControlMessage.checkpointSigned(session: Fixture.session, epoch: 1, sequence: 1, signature: [1]).encoded()
    }
    #expect(throws: Malformation.invalid(field: "session")) {
      var random = SystemRandomNumberGenerator()
      let other = CheckpointStatement(
        session: SessionID(using: &random), epoch: 1, sequence: 1, activeMilliseconds: 0,
        chainHash: Fixture.fingerprint(1))
      let newest = CountersignedCheckpoint(
        statement: other, relaySignature: Fixture.signature, agentSignature: Fixture.signature)
      return try ControlMessage.heldSession(
        HeldSession(session: Fixture.session, newest: newest, measuredMilliseconds: 0, isJournalDamaged: false)
      ).encoded()
    }
    #expect(throws: Malformation.invalid(field: "choice")) {
      try ControlMessage.questionAnswer(
        session: Fixture.session, number: 1, choice: 0, reason: "", signature: Fixture.signature
      ).encoded()
    }
    #expect(throws: Malformation.invalid(field: "number")) {
      try ControlMessage.questionWithdrawn(session: Fixture.session, number: 0, reason: "").encoded()
    }
    #expect(throws: Malformation.invalid(field: "currency")) {
      try ControlMessage.sessionState(
        session: Fixture.session, state: .active, reasons: [], activeMilliseconds: 0, amountMinor: 0, currency: "EURO",
        exponent: 2
      ).encoded()
    }
  }

  @Test func `the limits' sum still fits a frame`() throws {
    let message = ControlMessage.consentRequest(
      session: Fixture.session, technician: times(TextLimits.technicianBytes, "t"),
      technicianKey: Fixture.fingerprint(1), purpose: times(TextLimits.purposeBytes, "p"),
      words: times(TextLimits.wordsBytes, "w"), allowances: .all, timeoutSeconds: 1)
    #expect(try ControlMessage.decode(message.encoded()) == message)
    let closed = ControlMessage.sessionClosed(
      session: Fixture.session, outcome: .fixed, activeMilliseconds: 0, billedSeconds: 0, amountMinor: 0,
      currency: "EUR", exponent: 2, text: times(TextLimits.closingTextBytes, "c"))
    #expect(try closed.encoded().readableBytes < Frame.maximumPayloadBytes)
    let receipt = ControlMessage.receipt(
      session: Fixture.session, bytes: [UInt8](repeating: 1, count: TextLimits.receiptBytes),
      signature: Fixture.signature)
    #expect(try ControlMessage.decode(receipt.encoded()) == receipt)
  }
}
