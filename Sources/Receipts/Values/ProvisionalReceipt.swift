public import SessionModel

/// What the customer's machine can vouch for by itself when the relay is out of reach at the end: how long it was at most,
/// and what was agreed to. Signed by the machine alone; the relay's receipt takes its place. It names no price: that is
/// the relay's to work out, from time this side has signed.
public struct ProvisionalReceipt: Hashable, Sendable {
  /// What the first member says.
  public static let format = "fixline provisional receipt 1"

  /// The session.
  public var id: SessionID
  /// When it was made, by the machine's clock.
  public var issuedAt: WallTime
  /// The shop's name, as the relay gave it.
  public var shop: String
  /// Who was let in.
  public var technician: String
  /// Why he asked.
  public var purpose: String
  /// The most time there can have been by the machine's own measure, in milliseconds.
  public var measuredMilliseconds: Int64
  /// The most time the machine has signed for, in milliseconds: no more can be charged.
  public var signedMilliseconds: Int64
  /// What the customer said yes to.
  public var consent: Receipt.Consent
  /// SHA-256 of the relay's raw signing key.
  public var relayKey: Fingerprint
  /// The raw Ed25519 key of the customer's machine, 32 bytes.
  public var agentKey: [UInt8]
  /// The language of ``shownText`` (RFC 5646).
  public var language: String
  /// What the customer is shown, word for word.
  public var shownText: String

  /// All of it, by hand.
  public init(
    id: SessionID, issuedAt: WallTime, shop: String, technician: String, purpose: String, measuredMilliseconds: Int64,
    signedMilliseconds: Int64, consent: Receipt.Consent, relayKey: Fingerprint, agentKey: [UInt8], language: String,
    shownText: String
  ) {
    self.id = id
    self.issuedAt = issuedAt
    self.shop = shop
    self.technician = technician
    self.purpose = purpose
    self.measuredMilliseconds = measuredMilliseconds
    self.signedMilliseconds = signedMilliseconds
    self.consent = consent
    self.relayKey = relayKey
    self.agentKey = agentKey
    self.language = language
    self.shownText = shownText
  }
}
