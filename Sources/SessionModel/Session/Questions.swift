/// What a customer is asked while a session is open. Every kind has its fixed choices, numbered from 1; the words say what
/// each of them means.
public enum QuestionKind: String, Hashable, Sendable, CaseIterable {
  /// A limit of the plan would be passed: 1 go on at this price, 2 stop here, 3 out of scope, ask for a quote.
  case limit
  /// A price is offered: 1 yes, 2 no.
  case quote

  /// The choice that agrees to what is offered.
  public static let agreeing: UInt8 = 1
  /// The choice that agrees to nothing new, whatever the kind: what a standing yes answers, since it grants no more than
  /// was shown when it was given.
  public static let declining: UInt8 = 2
  /// To a ``limit`` question: no further under this plan, but a quote is wanted.
  public static let outOfScope: UInt8 = 3

  /// How many choices there are.
  public var choiceCount: UInt8 {
    switch self {
    case .limit: 3
    case .quote: 2
    }
  }

  /// Whether it is answered by yes (1) or no (2) rather than by a number.
  public var isYesOrNo: Bool { self == .quote }
}

/// What the agent signs when the customer answered a question. It binds the relay's signing key, the session, the question's
/// number in it, the words shown and the choice.
public struct AnswerStatement: Hashable, Sendable {
  /// Keeps this signature from being taken for any other.
  public static let context = "fixline answer 1"
  /// The SHA-256 of the relay's raw Ed25519 signing key.
  public var relaySigningKey: Fingerprint
  /// The session the question belongs to.
  public var session: SessionID
  /// The question's number, which no other of this session has; from 1.
  public var number: UInt32
  /// The SHA-256 of the UTF-8 words the customer was shown.
  public var wordsHash: Fingerprint
  /// What he chose; from 1.
  public var choice: UInt8

  /// All of it, by hand.
  public init(
    relaySigningKey: Fingerprint, session: SessionID, number: UInt32, wordsHash: Fingerprint, choice: UInt8
  ) {
    self.relaySigningKey = relaySigningKey
    self.session = session
    self.number = number
    self.wordsHash = wordsHash
    self.choice = choice
  }

  /// The exact bytes that are signed: context, NUL, signing key (32), session (8), number (4, big endian), words (32),
  /// choice (1).
  public var signedBytes: [UInt8] {
    var bytes = Array(Self.context.utf8) + [0] + relaySigningKey.bytes + Array(session.rawValue.utf8)
    bytes += (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
    return bytes + wordsHash.bytes + [choice]
  }
}
