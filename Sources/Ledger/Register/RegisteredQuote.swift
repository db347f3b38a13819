public import SessionModel

/// A quote and what became of it.
public struct RegisteredQuote: Hashable, Sendable {
  /// Where it stands.
  public enum State: Hashable, Sendable {
    /// The customer has not answered.
    case open
    /// He said yes: it binds the sessions of its case that close from then on.
    case accepted(at: WallTime)
    /// He said no.
    case declined
    /// He was offered another one for the case before he answered: this one cannot be taken any more.
    case replaced
  }

  /// What stays owed beside it.
  public struct Owed: Hashable, Sendable {
    /// Of that session.
    public let session: SessionID
    /// In minor units.
    public let minor: Int64
  }

  /// The quote.
  public let made: QuoteMade
  /// When it was made.
  public let madeAt: WallTime
  /// Where it stands.
  public internal(set) var state = State.open

  /// The session in which he said yes, and what it had cost by then, as he was told, in minor units; nil where nobody told.
  public internal(set) var owed: Owed?
  /// The entry that answered it; 0 while nobody did.
  var answerSequence: UInt64 = 0
  /// How much of it the sessions of its case used up, in minor units of its currency.
  public internal(set) var usedMinor: Int64 = 0

  init(made: QuoteMade, madeAt: WallTime) {
    self.made = made
    self.madeAt = madeAt
  }

  /// Whether it binds.
  public var isAccepted: Bool { if case .accepted = state { true } else { false } }
  /// What is left of it, in minor units of its currency.
  public var leftMinor: Int64 { max(0, made.amountMinor.addingSaturated(-max(0, usedMinor))) }
}
