import SessionModel

public import struct NIOCore.ByteBuffer

extension ControlMessage {
  /// Reads the payload of a CONTROL; nil for a kind that this build does not know.
  public static func decode(_ payload: ByteBuffer) throws(Malformation) -> ControlMessage? {
    var reader = WireReader(payload)
    guard let kind = Kind(rawValue: try reader.integer("kind")) else { return nil }
    let message = try read(kind, from: &reader)
    try reader.finish()
    return message
  }

  private static func read(_ kind: Kind, from reader: inout WireReader) throws(Malformation) -> ControlMessage {
    switch kind {
    case .joinCode:
      let digits = try reader.fixed(JoinCode.length, "code")
      guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
        let code = JoinCode(String(decoding: digits, as: UTF8.self))
      else { throw .invalid(field: "code") }
      return .joinCode(code, expiresInSeconds: try reader.integer("seconds"))
    case .consentRequest:
      let session = try reader.session()
      let technician = try reader.text(limit: TextLimits.technicianBytes, "technician")
      let key = try reader.fingerprint("technician key")
      let purpose = try reader.text(limit: TextLimits.purposeBytes, "purpose")
      let words = try reader.text(limit: TextLimits.wordsBytes, "words")
      let allowances = try reader.allowances()
      return .consentRequest(
        session: session, technician: technician, technicianKey: key, purpose: purpose, words: words,
        allowances: allowances, timeoutSeconds: try reader.integer("seconds"))
    case .consentWithdrawn:
      let session = try reader.session()
      return .consentWithdrawn(session: session, reason: try reader.text(limit: TextLimits.reasonBytes, "reason"))
    case .sessionState:
      let session = try reader.session()
      let state = try SessionState(wireCode: reader.integer("state"))
      let reasons = try SuspendReason.reasons(wireBits: reader.integer("reasons"))
      let active = try reader.natural("active milliseconds")
      let (amount, currency, exponent) = try reader.money()
      return .sessionState(
        session: session, state: state, reasons: reasons, activeMilliseconds: active, amountMinor: amount,
        currency: currency, exponent: exponent)
    case .checkpoint:
      let statement = try reader.statement(of: reader.session())
      return .checkpoint(
        statement, relaySignature: try reader.fixed(SignatureLengths.signatureBytes, "signature"))
    case .sessionClosed:
      let session = try reader.session()
      let outcome = try Outcome(wireCode: reader.integer("outcome"))
      let active = try reader.natural("active milliseconds")
      let billed = try reader.natural("billed seconds")
      let (amount, currency, exponent) = try reader.money()
      return .sessionClosed(
        session: session, outcome: outcome, activeMilliseconds: active, billedSeconds: billed, amountMinor: amount,
        currency: currency, exponent: exponent,
        text: try reader.text(limit: TextLimits.closingTextBytes, "text"))
    case .notice:
      return .notice(try reader.text(limit: TextLimits.noticeBytes, "text"))
    case .question:
      let session = try reader.session()
      let number = try reader.questionNumber()
      let kind = try QuestionKind(wireCode: reader.integer("question"))
      let words = try reader.text(limit: TextLimits.wordsBytes, "words")
      return .question(
        session: session, number: number, kind: kind, words: words, timeoutSeconds: try reader.integer("seconds"))
    case .questionWithdrawn:
      let session = try reader.session()
      let number = try reader.questionNumber()
      return .questionWithdrawn(
        session: session, number: number, reason: try reader.text(limit: TextLimits.reasonBytes, "reason"))
    case .receipt:
      let (session, bytes, signature) = try reader.receipt()
      return .receipt(session: session, bytes: bytes, signature: signature)
    case .receiptFollows:
      return .receiptFollows(session: try reader.session())
    case .journal:
      let condition = try JournalReport.Condition(wireCode: reader.integer("condition"))
      return .journal(
        JournalReport(condition: condition, reason: try reader.text(limit: TextLimits.reasonBytes, "reason")))
    case .receiptProvisional:
      let (session, bytes, signature) = try reader.receipt()
      return .receiptProvisional(session: session, bytes: bytes, signature: signature)
    case .receiptCountersigned:
      let session = try reader.session()
      return .receiptCountersigned(
        session: session, signature: try reader.fixed(SignatureLengths.signatureBytes, "signature"))
    case .consentAnswer:
      let session = try reader.session()
      let accepted = try reader.flag("accepted")
      let reason = try reader.text(limit: TextLimits.reasonBytes, "reason")
      let wordsHash = try reader.fingerprint("words hash")
      let allowances = try reader.allowances()
      return .consentAnswer(
        session: session, accepted: accepted, reason: reason, wordsHash: wordsHash, allowances: allowances,
        signature: try reader.fixed(accepted ? SignatureLengths.signatureBytes : 0, "signature"))
    case .checkpointSigned:
      let session = try reader.session()
      let epoch: UInt32 = try reader.integer("epoch")
      let sequence: UInt64 = try reader.integer("sequence")
      return .checkpointSigned(
        session: session, epoch: epoch, sequence: sequence,
        signature: try reader.fixed(SignatureLengths.signatureBytes, "signature"))
    case .checkpointRefused:
      let session = try reader.session()
      let epoch: UInt32 = try reader.integer("epoch")
      let sequence: UInt64 = try reader.integer("sequence")
      return .checkpointRefused(
        session: session, epoch: epoch, sequence: sequence,
        measuredMilliseconds: try reader.natural("measured milliseconds"))
    case .closeRequest:
      let session = try reader.session()
      return .closeRequest(session: session, reason: try reader.text(limit: TextLimits.reasonBytes, "reason"))
    case .detachedShellEnded:
      return .detachedShellEnded(session: try reader.session())
    case .questionAnswer:
      let session = try reader.session()
      let number = try reader.questionNumber()
      let choice: UInt8 = try reader.integer("choice")
      let reason = try reader.text(limit: TextLimits.reasonBytes, "reason")
      return .questionAnswer(
        session: session, number: number, choice: choice == 0 ? nil : choice, reason: reason,
        signature: try reader.fixed(choice == 0 ? 0 : SignatureLengths.signatureBytes, "signature"))
    case .heldSession:
      let session = try reader.session()
      let isDamaged = try reader.flag("journal damaged")
      let measured = try reader.natural("measured milliseconds")
      var newest: CountersignedCheckpoint?
      if try reader.flag("has checkpoint") {
        newest = CountersignedCheckpoint(
          statement: try reader.statement(of: session),
          relaySignature: try reader.fixed(SignatureLengths.signatureBytes, "relay signature"),
          agentSignature: try reader.fixed(SignatureLengths.signatureBytes, "agent signature"))
      }
      return .heldSession(
        HeldSession(session: session, newest: newest, measuredMilliseconds: measured, isJournalDamaged: isDamaged))
    }
  }
}

extension WireReader {
  fileprivate mutating func receipt() throws(Malformation) -> (SessionID, [UInt8], [UInt8]) {
    let id = try session()
    let bytes = try counted(limit: TextLimits.receiptBytes, "receipt")
    if bytes.isEmpty { throw .invalid(field: "receipt") }
    return (id, bytes, try fixed(SignatureLengths.signatureBytes, "signature"))
  }

  fileprivate mutating func questionNumber() throws(Malformation) -> UInt32 {
    let number: UInt32 = try integer("number")
    if number == 0 { throw .invalid(field: "number") }
    return number
  }

  /// What a checkpoint states, behind its session.
  fileprivate mutating func statement(of session: SessionID) throws(Malformation) -> CheckpointStatement {
    let epoch: UInt32 = try integer("epoch")
    let sequence: UInt64 = try integer("sequence")
    let active = try natural("active milliseconds")
    return CheckpointStatement(
      session: session, epoch: epoch, sequence: sequence, activeMilliseconds: active,
      chainHash: try fingerprint("chain hash"))
  }

  fileprivate mutating func money() throws(Malformation) -> (amount: Int64, currency: String, exponent: UInt8) {
    let amount = try natural("amount")
    let letters = try fixed(3, "currency")
    guard letters.allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else {
      throw .invalid(field: "currency")
    }
    let exponent: UInt8 = try integer("exponent")
    if exponent > ControlMessage.maximumExponent { throw .invalid(field: "exponent") }
    return (amount, String(decoding: letters, as: UTF8.self), exponent)
  }
}
