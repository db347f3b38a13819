public import SessionModel

/// One line of a session's bill, as rated.
public struct LedgerLine: Hashable, Sendable {
  /// `included`, `rework`, `time`, `call_out`, `quote` or `allowance`.
  public var kind: String
  /// What people read.
  public var description: String
  /// Billed seconds in it.
  public var seconds: Int64
  /// An exact decimal such as `150` or `112.5`: written as a number when whole, else as a text.
  public var percent: String
  /// The amount, in minor units of the session's currency; negative for a reduction.
  public var amountMinor: Int64
  /// Why, for an allowance.
  public var reason: String?
  /// Whose work it is, when that is told apart.
  public var technician: String?

  /// All of it, by hand.
  public init(
    kind: String, description: String, seconds: Int64, percent: String, amountMinor: Int64, reason: String? = nil,
    technician: String? = nil
  ) {
    self.kind = kind
    self.description = description
    self.seconds = seconds
    self.percent = percent
    self.amountMinor = amountMinor
    self.reason = reason
    self.technician = technician
  }

  init(members: Members) throws(PayloadError) {
    let percent: String
    switch members.value("percent") {
    case .integer(let whole)?: percent = String(whole)
    case .string(let decimal)?: percent = decimal
    case nil, .null?, .bool?, .array?, .object?: throw members.wrong("percent", "a decimal")
    }
    self.init(
      kind: try members.text("kind"), description: try members.text("description"),
      seconds: try members.integer("seconds"), percent: percent, amountMinor: try members.integer("amount_minor"),
      reason: try members.optionalText("reason"), technician: try members.optionalText("technician"))
  }

  /// As scripts read it: every member is there, `null` where there is nothing to say.
  public var json: JSONValue {
    var members = Members()
    members.put("kind", .string(kind))
    members.put("description", .string(description))
    members.put("seconds", .integer(seconds))
    members.put("percent", Int64(percent).map { .integer($0) } ?? .string(percent))
    members.put("amount_minor", .integer(amountMinor))
    members.put("reason", JSONValue(reason))
    members.put("technician", JSONValue(technician))
    return members.json
  }
}

/// A stretch of active time: the wall time at consent plus offsets of the clock that never jumps.
public struct LedgerInterval: Hashable, Sendable {
  /// Its first instant.
  public var from: WallTime
  /// The instant it ended.
  public var to: WallTime
  /// Whose work it was, where a plan bills technicians apart.
  public var technician: String?
  /// What work it was; nil for the plan's first type.
  public var workType: String?

  /// All of it, by hand.
  public init(from: WallTime, to: WallTime, technician: String? = nil, workType: String? = nil) {
    self.from = from
    self.to = to
    self.technician = technician
    self.workType = workType
  }

  init(members: Members) throws(PayloadError) {
    self.init(
      from: try members.time("from"), to: try members.time("to"), technician: try members.optionalText("technician"),
      workType: try members.optionalText("work_type"))
  }

  /// As it is written: RFC 3339 with milliseconds; `technician` and `work_type` where they are told apart.
  public var json: JSONValue {
    var members = Members()
    members.put("from", .string(from.rfc3339))
    members.put("to", .string(to.rfc3339))
    members.put("technician", ifPresent: technician)
    members.put("work_type", ifPresent: workType)
    return members.json
  }
}

/// The session is over, and this is what it costs. There is one of these for a session, for ever.
public struct SessionClosed: EntryPayload {
  /// ``EntryKind/sessionClosed``.
  public static let kind = EntryKind.sessionClosed
  /// How it ended.
  public var outcome: Outcome
  /// What the technician noted when he closed it.
  public var note: String?
  /// Who closed it: a technician's name, `customer` or `relay`.
  public var by: String
  /// Active time, in milliseconds.
  public var activeMilliseconds: Int64
  /// When that was.
  public var intervals: [LedgerInterval]
  /// Seconds that are charged for.
  public var billedSeconds: Int64
  /// The sum of ``lines``, in minor units of ``currency``.
  public var amountMinor: Int64
  /// ISO 4217, three capital letters.
  public var currency: String
  /// The bill, line by line.
  public var lines: [LedgerLine]
  /// Bytes carried from technicians to the machine, by all channels.
  public var bytesToMachine: Int64
  /// Bytes carried from the machine to technicians, by all channels.
  public var bytesFromMachine: Int64
  /// What later sessions and documents need to know of how it was rated.
  public var rating: RatingFacts

  /// All of it, by hand.
  public init(
    outcome: Outcome, note: String?, by: String, activeMilliseconds: Int64, intervals: [LedgerInterval],
    billedSeconds: Int64, amountMinor: Int64, currency: String, lines: [LedgerLine], bytesToMachine: Int64,
    bytesFromMachine: Int64, rating: RatingFacts = RatingFacts()
  ) {
    self.outcome = outcome
    self.note = note
    self.by = by
    self.activeMilliseconds = activeMilliseconds
    self.intervals = intervals
    self.billedSeconds = billedSeconds
    self.amountMinor = amountMinor
    self.currency = currency
    self.lines = lines
    self.bytesToMachine = bytesToMachine
    self.bytesFromMachine = bytesFromMachine
    self.rating = rating
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var intervals: [LedgerInterval] = []
    for interval in try members.objects("intervals") { intervals.append(try LedgerInterval(members: interval)) }
    self.init(
      outcome: try members.word("outcome"), note: try members.optionalText("note"), by: try members.text("by"),
      activeMilliseconds: try members.integer("active_ms"), intervals: intervals,
      billedSeconds: try members.integer("billed_seconds"), amountMinor: try members.integer("amount_minor"),
      currency: try members.text("currency"), lines: try members.lines("lines"),
      bytesToMachine: try members.integer("bytes_to_machine"),
      bytesFromMachine: try members.integer("bytes_from_machine"), rating: try RatingFacts(members: members))
  }

  /// Members: `outcome`, `note`, `by`, `active_ms`, `intervals`, `billed_seconds`, `amount_minor`, `currency`,
  /// `lines`, `bytes_to_machine`, `bytes_from_machine`, and those of ``RatingFacts``.
  public var json: JSONValue {
    var members = Members()
    members.put("outcome", .string(outcome.rawValue))
    members.put("note", JSONValue(note))
    members.put("by", .string(by))
    members.put("active_ms", .integer(activeMilliseconds))
    members.put("intervals", .array(intervals.map(\.json)))
    members.put("billed_seconds", .integer(billedSeconds))
    members.put("amount_minor", .integer(amountMinor))
    members.put("currency", .string(currency))
    members.put("lines", .array(lines.map(\.json)))
    members.put("bytes_to_machine", .integer(bytesToMachine))
    members.put("bytes_from_machine", .integer(bytesFromMachine))
    rating.put(into: &members)
    return members.json
  }
}
