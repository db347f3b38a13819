public import SessionModel

/// What the customer is handed when a session is over: who, what, how long, how much, and what to check it by. The relay
/// signs the exact bytes of its ``text``; those bytes are stored, sent and checked, never made anew.
public struct Receipt: Hashable, Sendable {
  /// What the first member says. Anything that reads differently is a format of its own, with another number.
  public static let format = "fixline receipt 1"

  /// The session, which is also the receipt's number.
  public var id: SessionID
  /// When the relay made it.
  public var issuedAt: WallTime
  /// Who helped.
  public var shop: Receipt.Shop
  /// Who pays; nil for somebody the shop does not know (yet).
  public var customer: Receipt.Customer?
  /// Who worked, in the order in which they came; at most ``ReceiptLimits/technicians``.
  public var technicians: [String]
  /// The case the session belongs to; nil when it belongs to none.
  public var caseID: String?
  /// Why the technician asked, as the customer was told.
  public var purpose: String
  /// What was done, as the technician noted it; nil when he did not.
  public var note: String?
  /// How it ended.
  public var outcome: Outcome
  /// How long was worked, in milliseconds.
  public var activeMilliseconds: Int64
  /// How long is charged for, in seconds.
  public var billedSeconds: Int64
  /// When it was worked.
  public var work: Receipt.Work
  /// The bill; at most ``ReceiptLimits/lines``.
  public var lines: [Receipt.Line]
  /// The sum of ``lines``, in minor units of ``currency``.
  public var amountMinor: Int64
  /// What the amounts are in.
  public var currency: Currency
  /// Whether the amounts contain tax.
  public var prices: Receipt.Prices
  /// The tax in (gross) or on top of (net) ``amountMinor``; nil when the plan says nothing of tax.
  public var tax: Receipt.Tax?
  /// What the customer said yes to.
  public var consent: Receipt.Consent
  /// The last day on which the same problem is worked on without charge; nil when there is no such promise.
  public var reworkFreeUntil: CivilDate?
  /// What was left of the customer's included time of that month afterwards, in seconds; nil for one who has none.
  public var includedLeftSeconds: Int64?
  /// Promises that were not kept; at most ``ReceiptLimits/brokenPromises``.
  public var brokenPromises: [Receipt.BrokenPromise]
  /// The ledger's entry that closed the session: whoever holds a receipt can tell a ledger that was cut off or rewritten.
  public var chain: Receipt.Chain
  /// The relay's raw Ed25519 signing key, 32 bytes.
  public var relayKey: [UInt8]
  /// The raw Ed25519 key of the customer's machine, 32 bytes.
  public var agentKey: [UInt8]
  /// The language of ``shownText`` (RFC 5646).
  public var language: String
  /// What the customer is shown, word for word.
  public var shownText: String

  /// All of it, by hand.
  public init(
    id: SessionID, issuedAt: WallTime, shop: Receipt.Shop, customer: Receipt.Customer?, technicians: [String],
    caseID: String?, purpose: String, note: String?, outcome: Outcome, activeMilliseconds: Int64, billedSeconds: Int64,
    work: Receipt.Work, lines: [Receipt.Line], amountMinor: Int64, currency: Currency, prices: Receipt.Prices,
    tax: Receipt.Tax?, consent: Receipt.Consent, reworkFreeUntil: CivilDate?, includedLeftSeconds: Int64? = nil,
    brokenPromises: [Receipt.BrokenPromise] = [], chain: Receipt.Chain, relayKey: [UInt8], agentKey: [UInt8],
    language: String, shownText: String
  ) {
    self.id = id
    self.issuedAt = issuedAt
    self.shop = shop
    self.customer = customer
    self.technicians = technicians
    self.caseID = caseID
    self.purpose = purpose
    self.note = note
    self.outcome = outcome
    self.activeMilliseconds = activeMilliseconds
    self.billedSeconds = billedSeconds
    self.work = work
    self.lines = lines
    self.amountMinor = amountMinor
    self.currency = currency
    self.prices = prices
    self.tax = tax
    self.consent = consent
    self.reworkFreeUntil = reworkFreeUntil
    self.includedLeftSeconds = includedLeftSeconds
    self.brokenPromises = brokenPromises
    self.chain = chain
    self.relayKey = relayKey
    self.agentKey = agentKey
    self.language = language
    self.shownText = shownText
  }
}

/// Bounds of a receipt's parts. What is larger is refused by whoever reads, and made to fit by whoever writes.
public enum ReceiptLimits {
  /// A receipt's file, in bytes, signatures included.
  public static let fileBytes = 24 * 1024
  /// Stretches of work named one by one; the others are summed up.
  public static let intervals = 100
  /// Lines of a bill.
  public static let lines = 64
  /// Promises that were not kept.
  public static let brokenPromises = 8
  /// Technicians.
  public static let technicians = 16
  /// A technician's note, in Unicode scalars.
  public static let noteScalars = 1000
  /// A language tag, in bytes (RFC 5646 section 4.4.1).
  public static let languageBytes = 35
  /// A raw Ed25519 key, in bytes.
  public static let keyBytes = 32
  /// An Ed25519 signature, in bytes.
  public static let signatureBytes = 64
}
