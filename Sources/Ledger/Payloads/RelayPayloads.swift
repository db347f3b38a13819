public import SessionModel

/// A relay started on this ledger.
public struct RelayStarted: EntryPayload {
  /// ``EntryKind/relayStarted``.
  public static let kind = EntryKind.relayStarted
  /// This run of the relay.
  public var instance: InstanceID
  /// Its name and version.
  public var software: String

  /// All of it, by hand.
  public init(instance: InstanceID, software: String) {
    self.instance = instance
    self.software = software
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    guard let instance = InstanceID(try members.bytes("instance", count: InstanceID.length)) else {
      throw PayloadError(key: "instance", expected: "sixteen bytes in hexadecimal")
    }
    self.init(instance: instance, software: try members.text("software"))
  }

  /// Members: `instance`, `software`.
  public var json: JSONValue {
    var members = Members()
    members.put("instance", .string(instance.description))
    members.put("software", .string(software))
    return members.json
  }
}

/// A technician was added to the directory.
public struct TechnicianAdded: EntryPayload {
  /// ``EntryKind/technicianAdded``.
  public static let kind = EntryKind.technicianAdded
  /// The technician's name.
  public var name: Name
  /// What he may do.
  public var role: TechnicianRole
  /// His public key as one line of an authorized_keys file.
  public var keyLine: String
  /// SHA-256 of the key's blob.
  public var keyFingerprint: Fingerprint

  /// All of it, by hand.
  public init(name: Name, role: TechnicianRole, keyLine: String, keyFingerprint: Fingerprint) {
    self.name = name
    self.role = role
    self.keyLine = keyLine
    self.keyFingerprint = keyFingerprint
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      name: try members.name("name"), role: try members.word("role"), keyLine: try members.text("key"),
      keyFingerprint: try members.fingerprint("key_fingerprint"))
  }

  /// Members: `name`, `role`, `key`, `key_fingerprint`.
  public var json: JSONValue {
    var members = Members()
    members.put("name", .string(name.rawValue))
    members.put("role", .string(role.rawValue))
    members.put("key", .string(keyLine))
    members.put("key_fingerprint", .string(keyFingerprint.description))
    return members.json
  }
}

/// A technician was removed from the directory.
public struct TechnicianRemoved: EntryPayload {
  /// ``EntryKind/technicianRemoved``.
  public static let kind = EntryKind.technicianRemoved
  /// The technician's name.
  public var name: Name
  /// SHA-256 of the blob of the key that no longer opens anything.
  public var keyFingerprint: Fingerprint

  /// All of it, by hand.
  public init(name: Name, keyFingerprint: Fingerprint) {
    self.name = name
    self.keyFingerprint = keyFingerprint
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(name: try members.name("name"), keyFingerprint: try members.fingerprint("key_fingerprint"))
  }

  /// Members: `name`, `key_fingerprint`.
  public var json: JSONValue {
    var members = Members()
    members.put("name", .string(name.rawValue))
    members.put("key_fingerprint", .string(keyFingerprint.description))
    return members.json
  }
}

/// Something a person wrote down.
public struct LedgerNote: EntryPayload {
  /// ``EntryKind/note``.
  public static let kind = EntryKind.note
  /// What was written.
  public var text: String
  /// Who wrote it: a technician's name, `customer` or `relay`.
  public var by: String

  /// All of it, by hand.
  public init(text: String, by: String) {
    self.text = text
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(text: try members.text("text"), by: try members.text("by"))
  }

  /// Members: `text`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("text", .string(text))
    members.put("by", .string(by))
    return members.json
  }
}

/// Payloads of earlier entries were erased for good.
public struct PayloadErased: EntryPayload {
  /// ``EntryKind/payloadErased``.
  public static let kind = EntryKind.payloadErased
  /// The entries whose payload is gone.
  public var sequences: [UInt64]
  /// Why, without personal data.
  public var reason: String
  /// What is left of their details, by entry: what bears on money, without what is personal.
  public var kept: [UInt64: JSONValue]

  /// All of it, by hand.
  public init(sequences: [UInt64], reason: String, kept: [UInt64: JSONValue] = [:]) {
    self.sequences = sequences
    self.reason = reason
    self.kept = kept
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var sequences: [UInt64] = []
    for value in try members.array("sequences") {
      guard let number = value.integer, number > 0 else {
        throw PayloadError(key: "sequences", expected: "a list of sequence numbers")
      }
      sequences.append(UInt64(number))
    }
    var kept: [UInt64: JSONValue] = [:]
    for one in try members.ifPresent("kept", members.objects) ?? [] {
      kept[try one.count("sequence")] = try one.object("details").json
    }
    self.init(sequences: sequences, reason: try members.text("reason"), kept: kept)
  }

  /// Members: `sequences`, `reason`, and where something was kept `kept[{sequence, details}]`.
  public var json: JSONValue {
    var members = Members()
    members.put("sequences", .array(sequences.map { .integer(Int64(clamping: $0)) }))
    members.put("reason", .string(reason))
    if !kept.isEmpty {
      members.put(
        "kept",
        .array(
          kept.sorted { $0.key < $1.key }.map {
            ["sequence": .integer(Int64(clamping: $0.key)), "details": $0.value]
          }))
    }
    return members.json
  }
}
