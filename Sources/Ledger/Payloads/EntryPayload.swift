public import SessionModel

/// The details of one kind of entry, typed: the one definition that writers and readers share. Reading ignores members it
/// does not know, so that a newer program may add some.
public protocol EntryPayload: Hashable, Sendable {
  /// The kind of entry these details belong to.
  static var kind: EntryKind { get }
  /// The details as they are written.
  var json: JSONValue { get }
  /// The details as they were written.
  init(json: JSONValue) throws(PayloadError)
}

extension EntryPayload {
  /// A draft that can be appended. `session` is nil only for what concerns the relay as a whole.
  public func draft(session: SessionID? = nil) -> EntryDraft {
    EntryDraft(kind: Self.kind, session: session, payload: json)
  }

  /// An entry's details; nil when it is of another kind, was erased, or does not read.
  public init?(_ entry: Entry) {
    guard entry.kind == Self.kind, let details = entry.details, let payload = try? Self(json: details) else {
      return nil
    }
    self = payload
  }
}

/// Why a value is not the details of an entry: names the member.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The member, with the members it stands in before it, separated by dots.
  public let key: String
  /// What it should have been.
  public let expected: String

  /// Both, by hand.
  public init(key: String, expected: String) {
    self.key = key
    self.expected = expected
  }

  /// One line.
  public var description: String { "the member \(key) should be \(expected)" }
}
