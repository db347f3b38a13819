import SessionModel
import TunnelProtocol

/// The consents this side has given, by session. It is what every stream is checked against: a relay that opens one
/// without the customer's yes gets nothing.
///
/// A consent lives until its session closes, over any number of connections, as long as the relay proves to be the one
/// with the same signing key.
struct ConsentBook: Sendable {
  /// Consents held at once.
  static let maximumEntries = 64

  /// One yes.
  struct Entry: Hashable, Sendable {
    var statement: ConsentStatement
    /// As the relay named him and the customer read it.
    var technician: String
    /// This computer's signature over the statement, as the relay was given it.
    var signature: [UInt8]
  }

  /// What a question means for a session the customer may have agreed to already.
  enum Standing: Hashable, Sendable {
    /// Nothing was agreed to: ask.
    case new
    /// Word for word what he agreed to: the relay missed the answer, and gets the same one.
    case agreed(Entry)
    /// He agreed to something else: that ends before he is asked.
    case changed
  }

  /// Why a stream is not opened.
  enum Refusal: Hashable, Sendable {
    /// The customer has not said yes to this session.
    case noConsent
    /// He has, to another relay.
    case otherRelay
    /// He has, but not to this kind of thing.
    case notAllowed(String)

    var end: StreamEnd {
      switch self {
      case .noConsent:
        StreamEnd(.noConsent, "the customer has not agreed to this session")
      case .otherRelay:
        StreamEnd(.noConsent, "the customer agreed to this session with another relay: ask again")
      case .notAllowed(let what):
        StreamEnd(.refused, "this computer does not allow \(what)")
      }
    }
  }

  private var entries: [SessionID: Entry] = [:]

  /// The sessions consented to, in order.
  var sessions: [SessionID] { entries.keys.sorted() }

  subscript(session: SessionID) -> Entry? { entries[session] }

  /// Compares a question's statement with what was agreed to in its session.
  func standing(of statement: ConsentStatement) -> Standing {
    guard let entry = entries[statement.session] else { return .new }
    return entry.statement == statement ? .agreed(entry) : .changed
  }

  /// Writes a yes down. False when there are too many. A session's earlier consent is to be removed first, with what runs
  /// under it.
  mutating func accept(_ entry: Entry) -> Bool {
    let session = entry.statement.session
    guard entries[session] != nil || entries.count < Self.maximumEntries else { return false }
    entries[session] = entry
    return true
  }

  /// The session is closed, or the customer withdrew.
  @discardableResult
  mutating func remove(_ session: SessionID) -> Entry? { entries.removeValue(forKey: session) }

  /// Takes out and names the consents that were given to another relay than the one with `signingKey`.
  mutating func removeAll(notOf signingKey: Fingerprint) -> [SessionID] {
    let foreign = entries.filter { $0.value.statement.relaySigningKey != signingKey }.keys.sorted()
    for session in foreign { entries[session] = nil }
    return foreign
  }

  /// Nil when the stream may open. Checked again at each opening, never remembered.
  func refusal(of opening: StreamOpening, signingKey: Fingerprint) -> Refusal? {
    guard let entry = entries[opening.session] else { return .noConsent }
    guard entry.statement.relaySigningKey == signingKey else { return .otherRelay }
    let allowances = entry.statement.allowances
    switch opening.kind {
    case .shell, .exec:
      return allowances.contains(.shell) ? nil : .notAllowed("shells and commands")
    case .sftp:
      return allowances.isDisjoint(with: [.readFiles, .writeFiles]) ? .notAllowed("file work") : nil
    case .forward:
      return allowances.contains(.forward) ? nil : .notAllowed("connections to other computers")
    }
  }
}
