import SessionModel

/// A technician asks to be let in, in the relay's words.
struct ConsentRequest: Hashable, Sendable {
  var session: SessionID
  var technician: String
  /// The SHA-256 of his public key.
  var technicianKey: Fingerprint
  var purpose: String
  /// What the customer is shown, word for word.
  var words: String
  /// What the relay wants to be allowed.
  var allowances: Allowances
  var timeoutSeconds: UInt32
}
