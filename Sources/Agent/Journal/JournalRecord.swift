import SessionModel
import TunnelProtocol

/// One thing the agent writes down about a session.
struct JournalRecord: Hashable, Sendable {
  /// What happened. Measured times are the most active time there can have been, in milliseconds.
  enum Event: Hashable, Sendable {
    /// The customer said yes to this.
    case consent(ConsentBook.Entry)
    /// The customer chose, and this computer signed it.
    case answered(AnswerStatement, signature: [UInt8])
    /// A checkpoint was countersigned.
    case signed(CountersignedCheckpoint, measuredMilliseconds: Int64)
    /// A checkpoint claimed more time than was measured here, or was not the relay's.
    case refused(epoch: UInt32, sequence: UInt64, relayMilliseconds: Int64, measuredMilliseconds: Int64)
    /// The link went down.
    case cut(measuredMilliseconds: Int64)
    /// The link is up again.
    case restored(measuredMilliseconds: Int64)
    /// It was ended here; the relay has not said what came of it.
    case ended(measuredMilliseconds: Int64)
    /// The relay said that it is over, with this much time, and that its receipt is still to come.
    case owed(activeMilliseconds: Int64)
    /// The relay said that it is over, with this much time. Nothing is open between the two any more.
    case closed(activeMilliseconds: Int64)
    /// The journal was found damaged when the agent started.
    case damaged
  }

  var time: WallTime
  var session: SessionID
  var event: Event

  /// This side's measure, where it is part of the event.
  var measuredMilliseconds: Int64? {
    switch event {
    case .signed(_, let measured), .refused(_, _, _, let measured), .cut(let measured), .restored(let measured),
      .ended(let measured):
      measured
    case .consent, .answered, .owed, .closed, .damaged: nil
    }
  }
}

// MARK: - As text: `TIME SESSION KIND name=value …`, one blank between two, names in a fixed order.

extension JournalRecord {
  /// One line, without its end.
  var text: String {
    var fields = [time.rfc3339, session.rawValue]
    switch event {
    case .consent(let entry):
      let statement = entry.statement
      fields += [
        "consent", "relay=\(statement.relaySigningKey)", "key=\(statement.technicianKey)",
        "words=\(statement.wordsHash)",
        "allowances=\(statement.allowances.rawValue)", "signature=\(Hex.encode(entry.signature))",
        "technician=\(entry.technician)",
      ]
    case .answered(let statement, let signature):
      fields += [
        "answered", "relay=\(statement.relaySigningKey)", "number=\(statement.number)",
        "words=\(statement.wordsHash)", "choice=\(statement.choice)", "signature=\(Hex.encode(signature))",
      ]
    case .signed(let checkpoint, let measured):
      let statement = checkpoint.statement
      fields += [
        "signed", "epoch=\(statement.epoch)", "sequence=\(statement.sequence)",
        "active_ms=\(statement.activeMilliseconds)", "chain=\(statement.chainHash)",
        "relay_signature=\(Hex.encode(checkpoint.relaySignature))",
        "agent_signature=\(Hex.encode(checkpoint.agentSignature))", "measured_ms=\(measured)",
      ]
    case .refused(let epoch, let sequence, let relay, let measured):
      fields += [
        "refused", "epoch=\(epoch)", "sequence=\(sequence)", "relay_ms=\(relay)", "measured_ms=\(measured)",
      ]
    case .cut(let measured): fields += ["cut", "measured_ms=\(measured)"]
    case .restored(let measured): fields += ["restored", "measured_ms=\(measured)"]
    case .ended(let measured): fields += ["ended", "measured_ms=\(measured)"]
    case .owed(let active): fields += ["owed", "active_ms=\(active)"]
    case .closed(let active): fields += ["closed", "active_ms=\(active)"]
    case .damaged: fields += ["damaged"]
    }
    return fields.joined(separator: " ")
  }

  /// Reads what ``text`` writes; nil for anything else, such as a kind from a later version.
  init?(text: String) {
    var fields = JournalFields(text)
    guard let time = fields.next().flatMap({ WallTime(rfc3339: $0) }),
      let session = fields.next().flatMap({ SessionID($0) }), let kind = fields.next(),
      let event = Self.event(kind, of: session, &fields), fields.isAtEnd
    else { return nil }
    self.init(time: time, session: session, event: event)
  }

  private static func event(_ kind: String, of session: SessionID, _ fields: inout JournalFields) -> Event? {
    switch kind {
    case "consent":
      guard let relay = fields.fingerprint("relay"), let key = fields.fingerprint("key"),
        let words = fields.fingerprint("words"), let allowances: UInt16 = fields.number("allowances"),
        Allowances.all.isSuperset(of: Allowances(rawValue: allowances)), let signature = fields.signature("signature"),
        let technician = fields.rest("technician"), technician.utf8.count <= TextLimits.technicianBytes
      else { return nil }
      let statement = ConsentStatement(
        relaySigningKey: relay, session: session, technicianKey: key, wordsHash: words,
        allowances: Allowances(rawValue: allowances))
      return .consent(ConsentBook.Entry(statement: statement, technician: technician, signature: signature))
    case "answered":
      guard let relay = fields.fingerprint("relay"), let number: UInt32 = fields.number("number"), number > 0,
        let words = fields.fingerprint("words"), let choice: UInt8 = fields.number("choice"), choice > 0,
        let signature = fields.signature("signature")
      else { return nil }
      return .answered(
        AnswerStatement(
          relaySigningKey: relay, session: session, number: number, wordsHash: words, choice: choice),
        signature: signature)
    case "signed":
      guard let epoch: UInt32 = fields.number("epoch"), let sequence: UInt64 = fields.number("sequence"),
        let active = fields.milliseconds("active_ms"), let chain = fields.fingerprint("chain"),
        let relay = fields.signature("relay_signature"), let agent = fields.signature("agent_signature"),
        let measured = fields.milliseconds("measured_ms")
      else { return nil }
      let statement = CheckpointStatement(
        session: session, epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: chain)
      return .signed(
        CountersignedCheckpoint(statement: statement, relaySignature: relay, agentSignature: agent),
        measuredMilliseconds: measured)
    case "refused":
      guard let epoch: UInt32 = fields.number("epoch"), let sequence: UInt64 = fields.number("sequence"),
        let relay = fields.milliseconds("relay_ms"), let measured = fields.milliseconds("measured_ms")
      else { return nil }
      return .refused(epoch: epoch, sequence: sequence, relayMilliseconds: relay, measuredMilliseconds: measured)
    case "cut": return fields.milliseconds("measured_ms").map { .cut(measuredMilliseconds: $0) }
    case "restored": return fields.milliseconds("measured_ms").map { .restored(measuredMilliseconds: $0) }
    case "ended": return fields.milliseconds("measured_ms").map { .ended(measuredMilliseconds: $0) }
    case "owed": return fields.milliseconds("active_ms").map { .owed(activeMilliseconds: $0) }
    case "closed": return fields.milliseconds("active_ms").map { .closed(activeMilliseconds: $0) }
    case "damaged": return .damaged
    default: return nil
    }
  }
}

/// Takes a line's fields one after the other.
private struct JournalFields {
  private var rest: Substring?

  init(_ text: String) { rest = text[...] }

  var isAtEnd: Bool { rest == nil }

  mutating func next() -> String? {
    guard let whole = rest else { return nil }
    if let blank = whole.utf8.firstIndex(of: UInt8(ascii: " ")) {
      rest = whole[whole.utf8.index(after: blank)...]
      return String(whole[..<blank])
    }
    rest = nil
    return String(whole)
  }

  mutating func value(_ name: String) -> String? { next().flatMap { Self.value($0, name) } }

  /// The last field, which may have blanks in it.
  mutating func rest(_ name: String) -> String? {
    guard let whole = rest else { return nil }
    rest = nil
    return Self.value(String(whole), name)
  }

  mutating func number<Number: FixedWidthInteger>(_ name: String) -> Number? {
    // Only as it was written: no sign, no zero in front.
    value(name).flatMap { text in Number(text).flatMap { "\($0)" == text ? $0 : nil } }
  }

  mutating func milliseconds(_ name: String) -> Int64? { number(name).flatMap { $0 >= 0 ? $0 : nil } }

  mutating func fingerprint(_ name: String) -> Fingerprint? { value(name).flatMap { Fingerprint($0) } }

  mutating func signature(_ name: String) -> [UInt8]? {
    value(name).flatMap { Hex.decode($0) }.flatMap { $0.count == SignatureLengths.signatureBytes ? $0 : nil }
  }

  private static func value(_ field: String, _ name: String) -> String? {
    guard field.utf8.starts(with: "\(name)=".utf8) else { return nil }
    return String(field.dropFirst(name.count + 1))
  }
}
