import SessionModel

public import struct NIOCore.ByteBuffer

extension ControlMessage {
  /// Most digits behind a currency's point (ISO 4217 knows up to 4).
  public static let maximumExponent: UInt8 = 4

  /// The kinds on the wire. Below 0x0100 the relay speaks, from there on the agent.
  enum Kind: UInt16, CaseIterable {
    case joinCode = 0x0001
    case consentRequest = 0x0002
    case consentWithdrawn = 0x0003
    case sessionState = 0x0004
    case checkpoint = 0x0005
    case sessionClosed = 0x0006
    case notice = 0x0007
    case question = 0x0008
    case questionWithdrawn = 0x0009
    case receipt = 0x000A
    case receiptFollows = 0x000B
    case consentAnswer = 0x0101
    case checkpointSigned = 0x0102
    case checkpointRefused = 0x0103
    case closeRequest = 0x0104
    case detachedShellEnded = 0x0105
    case heldSession = 0x0106
    case questionAnswer = 0x0107
    case receiptCountersigned = 0x0108
    case receiptProvisional = 0x0109
    case journal = 0x010A

    var sender: TunnelRole { rawValue < 0x0100 ? .relay : .agent }
  }

  var kind: Kind {
    switch self {
    case .joinCode: .joinCode
    case .consentRequest: .consentRequest
    case .consentWithdrawn: .consentWithdrawn
    case .sessionState: .sessionState
    case .checkpoint: .checkpoint
    case .sessionClosed: .sessionClosed
    case .notice: .notice
    case .question: .question
    case .questionWithdrawn: .questionWithdrawn
    case .receipt: .receipt
    case .receiptFollows: .receiptFollows
    case .consentAnswer: .consentAnswer
    case .checkpointSigned: .checkpointSigned
    case .checkpointRefused: .checkpointRefused
    case .closeRequest: .closeRequest
    case .detachedShellEnded: .detachedShellEnded
    case .heldSession: .heldSession
    case .questionAnswer: .questionAnswer
    case .receiptCountersigned: .receiptCountersigned
    case .receiptProvisional: .receiptProvisional
    case .journal: .journal
    }
  }

  /// The payload of a CONTROL. Throws when a field is over its limit or the whole is longer than a frame.
  public func encoded() throws(Malformation) -> ByteBuffer {
    var writer = WireWriter()
    writer.integer(kind.rawValue)
    switch self {
    case .joinCode(let code, let seconds):
      try writer.fixed(Array(code.rawValue.utf8), JoinCode.length, "code")
      writer.integer(seconds)
    case .consentRequest(
      let session, let technician, let key, let purpose, let words, let allowances, let timeoutSeconds):
      writer.session(session)
      try writer.text(technician, limit: TextLimits.technicianBytes, "technician")
      writer.fingerprint(key)
      try writer.text(purpose, limit: TextLimits.purposeBytes, "purpose")
      try writer.text(words, limit: TextLimits.wordsBytes, "words")
      try writer.allowances(allowances)
      writer.integer(timeoutSeconds)
    case .consentWithdrawn(let session, let reason), .closeRequest(let session, let reason):
      writer.session(session)
      try writer.text(reason, limit: TextLimits.reasonBytes, "reason")
    case .sessionState(let session, let state, let reasons, let active, let amount, let currency, let exponent):
      writer.session(session)
      writer.integer(state.wireCode)
      writer.integer(SuspendReason.wireBits(reasons))
      try writer.natural(active, "active milliseconds")
      try writer.money(amount, currency, exponent)
    case .checkpoint(let statement, let signature):
      writer.session(statement.session)
      try writer.statement(statement)
      try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    case .sessionClosed(
      let session, let outcome, let active, let billed, let amount, let currency, let exponent, let text):
      writer.session(session)
      writer.integer(outcome.wireCode)
      try writer.natural(active, "active milliseconds")
      try writer.natural(billed, "billed seconds")
      try writer.money(amount, currency, exponent)
      try writer.text(text, limit: TextLimits.closingTextBytes, "text")
    case .notice(let text):
      try writer.text(text, limit: TextLimits.noticeBytes, "text")
    case .question(let session, let number, let kind, let words, let timeoutSeconds):
      writer.session(session)
      try writer.questionNumber(number)
      writer.integer(kind.wireCode)
      try writer.text(words, limit: TextLimits.wordsBytes, "words")
      writer.integer(timeoutSeconds)
    case .questionWithdrawn(let session, let number, let reason):
      writer.session(session)
      try writer.questionNumber(number)
      try writer.text(reason, limit: TextLimits.reasonBytes, "reason")
    case .receipt(let session, let bytes, let signature), .receiptProvisional(let session, let bytes, let signature):
      writer.session(session)
      if bytes.isEmpty { throw .invalid(field: "receipt") }
      try writer.counted(bytes, limit: TextLimits.receiptBytes, "receipt")
      try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    case .receiptCountersigned(let session, let signature):
      writer.session(session)
      try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    case .consentAnswer(let session, let accepted, let reason, let wordsHash, let allowances, let signature):
      writer.session(session)
      writer.flag(accepted)
      try writer.text(reason, limit: TextLimits.reasonBytes, "reason")
      writer.fingerprint(wordsHash)
      try writer.allowances(allowances)
      try writer.fixed(signature, accepted ? SignatureLengths.signatureBytes : 0, "signature")
    case .checkpointSigned(let session, let epoch, let sequence, let signature):
      writer.session(session)
      writer.integer(epoch)
      writer.integer(sequence)
      try writer.fixed(signature, SignatureLengths.signatureBytes, "signature")
    case .checkpointRefused(let session, let epoch, let sequence, let measured):
      writer.session(session)
      writer.integer(epoch)
      writer.integer(sequence)
      try writer.natural(measured, "measured milliseconds")
    case .detachedShellEnded(let session), .receiptFollows(let session):
      writer.session(session)
    case .heldSession(let held):
      writer.session(held.session)
      writer.flag(held.isJournalDamaged)
      try writer.natural(held.measuredMilliseconds, "measured milliseconds")
      writer.flag(held.newest != nil)
      if let newest = held.newest {
        guard newest.statement.session == held.session else { throw .invalid(field: "session") }
        try writer.statement(newest.statement)
        try writer.fixed(newest.relaySignature, SignatureLengths.signatureBytes, "relay signature")
        try writer.fixed(newest.agentSignature, SignatureLengths.signatureBytes, "agent signature")
      }
    case .journal(let report):
      writer.integer(report.condition.wireCode)
      try writer.text(report.reason, limit: TextLimits.reasonBytes, "reason")
    case .questionAnswer(let session, let number, let choice, let reason, let signature):
      if choice == 0 { throw .invalid(field: "choice") }
      writer.session(session)
      try writer.questionNumber(number)
      writer.integer(choice ?? 0)
      try writer.text(reason, limit: TextLimits.reasonBytes, "reason")
      try writer.fixed(signature, choice == nil ? 0 : SignatureLengths.signatureBytes, "signature")
    }
    return try writer.finish()
  }
}

extension WireWriter {
  fileprivate mutating func questionNumber(_ number: UInt32) throws(Malformation) {
    if number == 0 { throw .invalid(field: "number") }
    integer(number)
  }

  /// What a checkpoint states, behind its session.
  fileprivate mutating func statement(_ statement: CheckpointStatement) throws(Malformation) {
    integer(statement.epoch)
    integer(statement.sequence)
    try natural(statement.activeMilliseconds, "active milliseconds")
    fingerprint(statement.chainHash)
  }

  fileprivate mutating func money(_ amount: Int64, _ currency: String, _ exponent: UInt8) throws(Malformation) {
    try natural(amount, "amount")
    let letters = Array(currency.utf8)
    guard letters.allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else {
      throw .invalid(field: "currency")
    }
    try fixed(letters, 3, "currency")
    if exponent > ControlMessage.maximumExponent { throw .invalid(field: "exponent") }
    integer(exponent)
  }
}
