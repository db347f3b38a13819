import SessionModel

extension ProvisionalReceipt {
  /// The one text it has; as ``Receipt/text``.
  public var text: String { json.text }

  private var json: JSONValue {
    [
      "format": .string(Self.format),
      "id": .string(id.rawValue),
      "issued_at": .string(issuedAt.rfc3339),
      "shop": .string(shop),
      "technician": .string(technician),
      "purpose": .string(purpose),
      "measured_ms": .integer(measuredMilliseconds),
      "signed_ms": .integer(signedMilliseconds),
      "consent": consent.json,
      "relay_key": .string(relayKey.description),
      "agent_key": .string(Hex.encode(agentKey)),
      "language": .string(language),
      "text": .string(shownText),
    ]
  }

  /// Reads exactly what ``text`` writes, and nothing else.
  public init(text: String) throws(ReceiptError) {
    let members = try ReceiptMembers(Receipt.parse(text))
    try Receipt.check(try members.text("format"), is: Self.format)
    self.init(
      id: try members.session("id"), issuedAt: try members.time("issued_at"), shop: try members.field("shop"),
      technician: try members.field("technician"), purpose: try members.field("purpose"),
      measuredMilliseconds: try members.natural("measured_ms"), signedMilliseconds: try members.natural("signed_ms"),
      consent: try Receipt.Consent(try members.object("consent")), relayKey: try members.fingerprint("relay_key"),
      agentKey: try members.bytes("agent_key", count: ReceiptLimits.keyBytes),
      language: try members.language("language"), shownText: try members.words("text"))
    guard self.text.utf8.elementsEqual(text.utf8) else {
      throw ReceiptError("it is not written exactly as receipts are")
    }
  }
}
