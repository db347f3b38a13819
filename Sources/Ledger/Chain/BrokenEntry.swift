public import SessionModel

/// The first place where a ledger is not what was written, and why.
public struct BrokenEntry: Hashable, Sendable, CustomStringConvertible {
  /// The entry, or, when something beside the entries is wrong, nil.
  public let sequence: UInt64?
  /// What is wrong with it.
  public let reason: BreakReason

  /// Both, by hand.
  public init(sequence: UInt64?, reason: BreakReason) {
    self.sequence = sequence
    self.reason = reason
  }

  /// One line: `entry 12: the payload is not the one that was hashed`.
  public var description: String {
    guard let sequence else { return reason.description }
    return "entry \(sequence): \(reason)"
  }

  /// What follows the word "broken": ` at entry 12: …`, or `: …` when it is at no entry.
  public var place: String { sequence == nil ? ": \(reason)" : " at \(self)" }
}

/// What can be wrong with a ledger.
public enum BreakReason: Hashable, Sendable, CustomStringConvertible {
  /// There is no such entry, though later ones or the head say there was.
  case missing
  /// The header's bytes cannot be read.
  case header(HeaderError)
  /// The header's bytes do not have the hash stored beside them.
  case headerChanged
  /// The header states another sequence than its place.
  case wrongSequence(UInt64)
  /// The hash of the entry before is not the one this entry was chained to.
  case chainBroken
  /// There is no payload, and no entry that records its erasure.
  case payloadMissing
  /// The payload is not the one that was hashed.
  case payloadChanged
  /// The payload is gone and the entry named as recording that does not.
  case erasureNotRecorded
  /// A column repeated beside the header differs from it.
  case column(String)
  /// The ledger's head does not match its newest entry.
  case head
  /// The ledger's head, which says what ledger it is and where it ends, cannot be read; the text is the store's own.
  case headUnreadable(String)
  /// The entry has another hash than the one kept elsewhere.
  case anchor
  /// There are entries behind the head.
  case beyondHead
  /// The store could not read it; the text is the store's own.
  case unreadable(String)
  /// A checkpoint does not hold; the text says which and why.
  case checkpoint(SessionID?, String)
  /// Something beside the entries does not hold; the text says what.
  case store(String)

  /// One line.
  public var description: String {
    switch self {
    case .missing: "it is missing"
    case .header(let error): error.description
    case .headerChanged: "the header is not the one that was hashed"
    case .wrongSequence(let stated): "the header states sequence \(stated)"
    case .chainBroken: "it is not chained to the entry before it"
    case .payloadMissing: "the payload is missing, and no erasure is on record"
    case .payloadChanged: "the payload is not the one that was hashed"
    case .erasureNotRecorded: "the payload is gone, and the entry named for its erasure does not record it"
    case .column(let name): "the column \(name) differs from the header"
    case .head: "the ledger's head does not match it"
    case .headUnreadable(let detail): "its head cannot be read (\(detail))"
    case .anchor: "its hash is not the one kept elsewhere"
    case .beyondHead: "it stands behind the ledger's head"
    case .unreadable(let detail): "it cannot be read (\(detail))"
    case .checkpoint(let session, let detail): "checkpoint of session \(session?.rawValue ?? "?"): \(detail)"
    case .store(let detail): detail
    }
  }
}

/// What a walk over a whole ledger found.
public struct LedgerReport: Hashable, Sendable {
  /// Entries found sound, in a row from the first.
  public var entries: UInt64
  /// Of these, how many had their payload erased.
  public var erasedPayloads: UInt64
  /// Checkpoints found sound.
  public var checkpoints: UInt64
  /// The newest entry found sound.
  public var head: LedgerHead
  /// The first place where something is wrong; nil when nothing is.
  public var broken: BrokenEntry?

  /// All of it, by hand.
  public init(
    entries: UInt64, erasedPayloads: UInt64, checkpoints: UInt64, head: LedgerHead, broken: BrokenEntry?
  ) {
    self.entries = entries
    self.erasedPayloads = erasedPayloads
    self.checkpoints = checkpoints
    self.head = head
    self.broken = broken
  }

  /// True when nothing is wrong.
  public var isSound: Bool { broken == nil }

  /// One line for people.
  public var summary: String {
    if let broken { return "The ledger is broken\(broken.place). \(soundness(broken))" }
    let counted = CountText.of(entries, "entry", "entries")
    let erased = erasedPayloads == 0 ? "" : ", \(erasedPayloads) of them with erased details"
    return "The ledger is sound: \(counted)\(erased), \(CountText.of(checkpoints, "checkpoint")), head \(head.hash)."
  }

  private func soundness(_ broken: BrokenEntry) -> String {
    // One that the head, a checkpoint or an anchor speaks against may itself have been walked over as sound.
    let before = broken.sequence.map { min(entries, max($0, 1) - 1) }
    let counted = CountText.of(before ?? entries, "entry", "entries")
    let verb = (before ?? entries) == 1 ? "is" : "are"
    return before == nil ? "Its \(counted) \(verb) sound." : "\(counted) before it \(verb) sound."
  }

  /// For scripts.
  public var json: JSONValue {
    var object = JSONObject()
    object["sound"] = .bool(isSound)
    object["entries"] = .integer(Int64(clamping: entries))
    object["erased_payloads"] = .integer(Int64(clamping: erasedPayloads))
    object["checkpoints"] = .integer(Int64(clamping: checkpoints))
    object["head"] = .string(head.hash.description)
    object["broken_entry"] = broken?.sequence.map { .integer(Int64(clamping: $0)) } ?? .null
    object["reason"] = broken.map { .string($0.reason.description) } ?? .null
    return .object(object)
  }
}
