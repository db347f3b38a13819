public import SessionModel

/// Another kind of work began in a session: it has a percentage of its own.
public struct WorkChanged: EntryPayload {
  /// ``EntryKind/workChanged``.
  public static let kind = EntryKind.workChanged
  /// What the plan calls it.
  public var workType: String
  /// From when on, in milliseconds of the session's time.
  public var fromMilliseconds: Int64
  /// Who said so.
  public var by: String

  /// All of it, by hand.
  public init(workType: String, fromMilliseconds: Int64, by: String) {
    self.workType = workType
    self.fromMilliseconds = fromMilliseconds
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      workType: try members.text("work_type"), fromMilliseconds: try members.integer("from_ms"),
      by: try members.text("by"))
  }

  /// Members: `work_type`, `from_ms`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("work_type", .string(workType))
    members.put("from_ms", .integer(fromMilliseconds))
    members.put("by", .string(by))
    return members.json
  }
}
