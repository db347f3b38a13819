public import SessionModel

/// What relay and agent tell each other about sessions. Not bound to a stream; in order among themselves.
public enum ControlMessage: Hashable, Sendable {
  // Relay to agent.

  /// The code the customer is to read out, and how long it waits for its first claim.
  case joinCode(JoinCode, expiresInSeconds: UInt32)
  /// The customer is to be asked, with exactly these words.
  case consentRequest(
    session: SessionID, technician: String, technicianKey: Fingerprint, purpose: String, words: String,
    allowances: Allowances, timeoutSeconds: UInt32)
  /// The customer need not be asked any more.
  case consentWithdrawn(session: SessionID, reason: String)
  /// Where a session stands: state, why it is suspended, time and price so far (the amount in the smallest unit).
  case sessionState(
    session: SessionID, state: SessionState, reasons: [SuspendReason], activeMilliseconds: Int64, amountMinor: Int64,
    currency: String, exponent: UInt8)
  /// How much time has accrued; to be countersigned.
  case checkpoint(CheckpointStatement, relaySignature: [UInt8])
  /// A session is over. What it cost stands in its receipt; `text` is for the customer where there can be none, and empty
  /// otherwise.
  case sessionClosed(
    session: SessionID, outcome: Outcome, activeMilliseconds: Int64, billedSeconds: Int64, amountMinor: Int64,
    currency: String, exponent: UInt8, text: String)
  /// A line for the customer.
  case notice(String)
  /// The customer is to choose, with exactly these words; only in a session that he agreed to.
  case question(session: SessionID, number: UInt32, kind: QuestionKind, words: String, timeoutSeconds: UInt32)
  /// The customer need not choose any more.
  case questionWithdrawn(session: SessionID, number: UInt32, reason: String)
  /// A session's receipt, signed by the relay; to be kept, and countersigned. Comes before the session's closing, so that
  /// the agent still has at hand what it signed; may come again, always with the same bytes.
  case receipt(session: SessionID, bytes: [UInt8], signature: [UInt8])
  /// The receipt is still to come, because the relay cannot put it on record yet. Stands where the receipt would stand: before
  /// the session's closing, which settles nothing then.
  case receiptFollows(session: SessionID)

  // Agent to relay.

  /// What the customer answered. The signature is over the ``ConsentStatement``; empty when declined.
  case consentAnswer(
    session: SessionID, accepted: Bool, reason: String, wordsHash: Fingerprint, allowances: Allowances,
    signature: [UInt8])
  /// A checkpoint's countersignature.
  case checkpointSigned(session: SessionID, epoch: UInt32, sequence: UInt64, signature: [UInt8])
  /// A checkpoint claims more time than the agent measured.
  case checkpointRefused(session: SessionID, epoch: UInt32, sequence: UInt64, measuredMilliseconds: Int64)
  /// The customer ends the session.
  case closeRequest(session: SessionID, reason: String)
  /// The shell that waited for the technician ended by itself.
  case detachedShellEnded(session: SessionID)
  /// What the customer chose; nil when he chose nothing, then the reason says why. The signature is over the
  /// ``AnswerStatement``; empty without a choice.
  case questionAnswer(session: SessionID, number: UInt32, choice: UInt8?, reason: String, signature: [UInt8])
  /// What the agent has of a session that it holds, or held and has not heard the end of. Said once a connection.
  case heldSession(HeldSession)
  /// A receipt's countersignature.
  case receiptCountersigned(session: SessionID, signature: [UInt8])
  /// The receipt that the agent handed out alone, the relay being out of reach; may come again.
  case receiptProvisional(session: SessionID, bytes: [UInt8], signature: [UInt8])
  /// How it stands with the agent's own record as a whole: when that gives trouble, and when it ceases to.
  case journal(JournalReport)
}
