public import SessionModel

/// A case: one problem and everything that was said about it.
public struct RegisteredCase: Hashable, Sendable {
  /// Most promises, pieces of advice, notes and quotes each that are held of one case: the newest.
  public static let maximumHeld = 100

  /// A promise.
  public struct Promise: Hashable, Sendable {
    /// What was promised, and by whom.
    public let made: PromiseMade
    /// When.
    public let madeAt: WallTime
    /// Why it was not kept; nil while it holds.
    public internal(set) var broken: PromiseBroken?
    /// The entry that says so; 0 while it holds.
    var brokenSequence: UInt64 = 0
  }

  /// Something a person wrote down.
  public struct Note: Hashable, Sendable {
    /// What, and who.
    public let note: LedgerNote
    /// When.
    public let writtenAt: WallTime
    /// In which session.
    public let session: SessionID
  }

  /// The case.
  public let id: CaseID
  /// What it is about; nil when that was erased.
  public internal(set) var title: String?
  /// The customer; nil while he is not known.
  public internal(set) var customer: Name?
  /// When it was opened.
  public let openedAt: WallTime
  /// When it was closed; nil while it is open.
  public internal(set) var closedAt: WallTime?
  /// What closing it cost, in minor units of ``closingCurrency``: the shortfall of a fixed quote.
  public internal(set) var closingAmountMinor: Int64 = 0
  /// ISO 4217; nil when closing it cost nothing.
  public internal(set) var closingCurrency: String?
  /// Its sessions, in the order in which they joined it.
  public internal(set) var sessions: [SessionID] = []
  /// Its quotes, oldest first.
  public private(set) var quotes: [String] = []
  /// What was promised, oldest first.
  public private(set) var promises: [Promise] = []
  /// What was advised, oldest first.
  public private(set) var advice: [AdviceGiven] = []
  /// What was written down, oldest first.
  public private(set) var notes: [Note] = []
  /// The number of the newest promise; 0 for none.
  public private(set) var lastPromise: UInt64 = 0
  /// How many quotes were made.
  public private(set) var quotesMade: UInt64 = 0

  init(id: CaseID, title: String?, customer: Name?, openedAt: WallTime) {
    self.id = id
    self.title = title
    self.customer = customer
    self.openedAt = openedAt
  }

  /// Whether it is open.
  public var isOpen: Bool { closedAt == nil }
  /// What the next quote is called.
  public var nextQuote: String { "\(id)-\(quotesMade + 1)" }

  mutating func add(_ promise: PromiseMade, at time: WallTime) {
    promises = promises.suffix(Self.maximumHeld - 1) + [Promise(made: promise, madeAt: time)]
    lastPromise = max(lastPromise, promise.number)
  }

  mutating func breakPromise(_ broken: PromiseBroken, in sequence: UInt64) {
    guard let index = promises.lastIndex(where: { $0.made.number == broken.number }), promises[index].broken == nil
    else { return }
    promises[index].broken = broken
    promises[index].brokenSequence = sequence
  }

  mutating func add(_ advice: AdviceGiven) { self.advice = self.advice.suffix(Self.maximumHeld - 1) + [advice] }

  mutating func add(_ note: Note) { notes = notes.suffix(Self.maximumHeld - 1) + [note] }

  mutating func addQuote(_ quote: String) {
    quotes = quotes.suffix(Self.maximumHeld - 1) + [quote]
    quotesMade += 1
  }
}
