public import SessionModel

/// A receipt with its signatures, as it lies in the customer's file: JSON of five members around the receipt's exact text.
public struct ReceiptFile: Hashable, Sendable {
  /// The bytes that were signed, as text.
  public let receiptText: String
  /// What they say.
  public let contents: ReceiptContents
  /// The relay's signature; nil for a provisional receipt.
  public let relaySignature: [UInt8]?
  /// The customer's machine's signature; nil when it did not countersign.
  public var agentSignature: [UInt8]?

  /// A receipt the relay signed.
  /// - Throws: when `receiptText` is none.
  public init(receiptText: String, relaySignature: [UInt8], agentSignature: [UInt8]?) throws(ReceiptError) {
    self.receiptText = receiptText
    contents = .final(try Receipt(text: receiptText))
    self.relaySignature = relaySignature
    self.agentSignature = agentSignature
  }

  /// A receipt that the customer's machine alone signed.
  public init(_ provisional: ProvisionalReceipt, agentSignature: [UInt8]) {
    receiptText = provisional.text
    contents = .provisional(provisional)
    relaySignature = nil
    self.agentSignature = agentSignature
  }

  /// The file's exact text.
  public var text: String {
    let relayKey: [UInt8]? = if case .final(let receipt) = contents { receipt.relayKey } else { nil }
    let json: JSONValue = [
      "receipt": .string(receiptText),
      "relay_key": JSONValue(relayKey.map { Hex.encode($0) }),
      "relay_signature": JSONValue(relaySignature.map { Hex.encode($0) }),
      "agent_key": .string(Hex.encode(contents.agentKey)),
      "agent_signature": JSONValue(agentSignature.map { Hex.encode($0) }),
    ]
    return json.prettyText + "\n"
  }

  /// Whether it is short enough to be read again.
  public var fits: Bool { text.utf8.count <= ReceiptLimits.fileBytes }

  /// Reads exactly what ``text`` writes, and nothing else: no other byte may stand anywhere in the file.
  public init(bytes: [UInt8]) throws(ReceiptError) {
    guard bytes.count <= ReceiptLimits.fileBytes else {
      throw ReceiptError("it is larger than any (\(ReceiptLimits.fileBytes) bytes)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ReceiptError("it is not text in UTF-8") }
    let members = try ReceiptMembers(Receipt.parse(text))
    receiptText = try members.text("receipt")
    contents = try ReceiptContents(text: receiptText)
    relaySignature = try members.optionalBytes("relay_signature", count: ReceiptLimits.signatureBytes)
    agentSignature = try members.optionalBytes("agent_signature", count: ReceiptLimits.signatureBytes)
    guard self.text.utf8.elementsEqual(bytes) else {
      throw ReceiptError("it is not written exactly as receipts are")
    }
  }
}

/// What a receipt's text says.
public enum ReceiptContents: Hashable, Sendable {
  /// The relay's receipt.
  case final(Receipt)
  /// What the customer's machine vouches for alone.
  case provisional(ProvisionalReceipt)

  init(text: String) throws(ReceiptError) {
    let format = try ReceiptMembers(Receipt.parse(text)).text("format")
    if format.hasPrefix(ProvisionalReceipt.format.dropLast(2)) {
      self = .provisional(try ProvisionalReceipt(text: text))
    } else {
      self = .final(try Receipt(text: text))
    }
  }

  /// The session.
  public var id: SessionID {
    switch self {
    case .final(let receipt): receipt.id
    case .provisional(let receipt): receipt.id
    }
  }

  /// The raw key of the customer's machine.
  public var agentKey: [UInt8] {
    switch self {
    case .final(let receipt): receipt.agentKey
    case .provisional(let receipt): receipt.agentKey
    }
  }

  /// The language of what he was shown.
  public var language: String {
    switch self {
    case .final(let receipt): receipt.language
    case .provisional(let receipt): receipt.language
    }
  }

  /// What the customer was shown.
  public var shownText: String {
    switch self {
    case .final(let receipt): receipt.shownText
    case .provisional(let receipt): receipt.shownText
    }
  }
}
