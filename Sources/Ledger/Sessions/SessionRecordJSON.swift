public import SessionModel

extension SessionRecord {
  /// The session as `sessions --json` prints it: these members in this order, `null` for what is not known (yet).
  public var json: JSONValue { .object(object) }

  /// The session as `session show --json` prints it: the same, with what was done with files as `files`,
  /// and its entries as `events`.
  public var jsonWithEvents: JSONValue {
    var members = object
    members["files"] = areFilesErased ? .null : .array(files.map(\.json))
    members["files_left_out"] = .integer(Int64(filesNotHeld))
    members["events"] = .array(entries.map(\.json))
    members["events_left_out"] = .integer(Int64(entriesNotHeld))
    return .object(members)
  }

  private var object: JSONObject {
    var members = JSONObject()
    members["id"] = .string(id.rawValue)
    members["case"] = JSONValue(caseID?.rawValue)
    members["customer"] = JSONValue(customer?.rawValue)
    members["machine"] = JSONValue(machine)
    members["technician"] = JSONValue(technician)
    members["state"] = wasRequested ? .string(state.rawValue) : .null
    members["suspended_reasons"] = .array(suspendedReasons.map { .string($0.rawValue) })
    members["opened_at"] = wasRequested ? .string(openedAt.rfc3339) : .null
    members["closed_at"] = JSONValue(closedAt?.rfc3339)
    members["active_ms"] = .integer(activeMilliseconds)
    members["suspended_ms"] = .integer(suspendedMilliseconds)
    members["billed_seconds"] = JSONValue(billedSeconds)
    members["amount_minor"] = JSONValue(amountMinor)
    members["currency"] = JSONValue(currency)
    members["bytes_to_machine"] = .integer(bytesToMachine)
    members["bytes_from_machine"] = .integer(bytesFromMachine)
    members["outcome"] = JSONValue(outcome?.rawValue)
    members["note"] = JSONValue(note)
    members["lines"] = .array(lines.map(\.json))
    members["purpose"] = JSONValue(purpose)
    members["intervals"] = .array(intervals.map(\.json))
    members["plan"] = JSONValue(plan?.id)
    members["rework"] = .bool(rating.isRework)
    members["identity"] = .string(identity.rawValue)
    return members
  }
}

extension Entry {
  /// The entry for scripts: its place, time, kind, hash and details; `details` is, when they were
  /// erased, what was kept of them, or `null`.
  public var json: JSONValue {
    var members = JSONObject()
    members["sequence"] = .integer(Int64(clamping: sequence))
    members["time"] = .string(time.rfc3339)
    members["kind"] = .string(kind.description)
    members["session"] = JSONValue(session?.rawValue)
    members["hash"] = .string(hash.description)
    members["erased"] = .bool(payload == nil)
    members["details"] = details ?? .null
    return .object(members)
  }
}
