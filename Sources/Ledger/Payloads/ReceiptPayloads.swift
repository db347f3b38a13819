public import SessionModel

/// The relay signed a session's receipt.
public struct ReceiptIssued: EntryPayload {
  /// ``EntryKind/receiptIssued``.
  public static let kind = EntryKind.receiptIssued
  /// The receipt, exactly as it was signed; nil when it was erased.
  public var receipt: String?
  /// SHA-256 of its UTF-8 bytes.
  public var receiptHash: Fingerprint
  /// The relay's raw Ed25519 signing key, 32 bytes.
  public var relayKey: [UInt8]
  /// The relay's signature, 64 bytes.
  public var relaySignature: [UInt8]

  /// All of it, by hand.
  public init(receipt: String?, receiptHash: Fingerprint, relayKey: [UInt8], relaySignature: [UInt8]) {
    self.receipt = receipt
    self.receiptHash = receiptHash
    self.relayKey = relayKey
    self.relaySignature = relaySignature
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      receipt: try members.optionalText("receipt"), receiptHash: try members.fingerprint("receipt_hash"),
      relayKey: try members.bytes("relay_key"), relaySignature: try members.bytes("relay_signature"))
  }

  /// Members: `receipt`, `receipt_hash`, `relay_key`, `relay_signature`.
  public var json: JSONValue {
    var members = Members()
    members.put("receipt", ifPresent: receipt)
    members.put("receipt_hash", .string(receiptHash.description))
    members.put("relay_key", .string(Hex.encode(relayKey)))
    members.put("relay_signature", .string(Hex.encode(relaySignature)))
    return members.json
  }
}

/// The agent signed the receipt it was handed.
public struct ReceiptCountersigned: EntryPayload {
  /// ``EntryKind/receiptCountersigned``.
  public static let kind = EntryKind.receiptCountersigned
  /// SHA-256 of the receipt's UTF-8 bytes; see ``ReceiptIssued/receiptHash``.
  public var receiptHash: Fingerprint
  /// The agent's raw Ed25519 key, 32 bytes.
  public var agentKey: [UInt8]
  /// The agent's signature, 64 bytes.
  public var agentSignature: [UInt8]

  /// All of it, by hand.
  public init(receiptHash: Fingerprint, agentKey: [UInt8], agentSignature: [UInt8]) {
    self.receiptHash = receiptHash
    self.agentKey = agentKey
    self.agentSignature = agentSignature
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      receiptHash: try members.fingerprint("receipt_hash"), agentKey: try members.bytes("agent_key"),
      agentSignature: try members.bytes("agent_signature"))
  }

  /// Members: `receipt_hash`, `agent_key`, `agent_signature`.
  public var json: JSONValue {
    var members = Members()
    members.put("receipt_hash", .string(receiptHash.description))
    members.put("agent_key", .string(Hex.encode(agentKey)))
    members.put("agent_signature", .string(Hex.encode(agentSignature)))
    return members.json
  }
}

/// An agent that could not reach the relay at the end handed the customer a receipt of its own, and has shown it since.
public struct ReceiptProvisional: EntryPayload {
  /// ``EntryKind/receiptProvisional``.
  public static let kind = EntryKind.receiptProvisional
  /// The receipt, exactly as it was signed; nil when it was erased.
  public var receipt: String?
  /// SHA-256 of its UTF-8 bytes. Each is on record once, however often it is delivered.
  public var receiptHash: Fingerprint
  /// The agent's raw Ed25519 key, 32 bytes.
  public var agentKey: [UInt8]
  /// The agent's signature, 64 bytes.
  public var agentSignature: [UInt8]

  /// All of it, by hand.
  public init(receipt: String?, receiptHash: Fingerprint, agentKey: [UInt8], agentSignature: [UInt8]) {
    self.receipt = receipt
    self.receiptHash = receiptHash
    self.agentKey = agentKey
    self.agentSignature = agentSignature
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      receipt: try members.optionalText("receipt"), receiptHash: try members.fingerprint("receipt_hash"),
      agentKey: try members.bytes("agent_key"), agentSignature: try members.bytes("agent_signature"))
  }

  /// Members: `receipt`, `receipt_hash`, `agent_key`, `agent_signature`.
  public var json: JSONValue {
    var members = Members()
    members.put("receipt", ifPresent: receipt)
    members.put("receipt_hash", .string(receiptHash.description))
    members.put("agent_key", .string(Hex.encode(agentKey)))
    members.put("agent_signature", .string(Hex.encode(agentSignature)))
    return members.json
  }
}
