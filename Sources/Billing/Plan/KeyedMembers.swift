import SessionModel

/// The members of a JSON object and the way that leads to them, so that every refusal names its key.
struct KeyedMembers {
  let path: String
  let object: JSONObject

  /// - Parameters:
  ///   - value: What has to be an object.
  ///   - path: The way to it; empty for the document.
  ///   - keys: Every key that may stand in it.
  init(_ value: JSONValue, at path: String, keys: Set<String>) throws(PlanError) {
    guard let object = value.object else {
      throw PlanError(key: path.isEmpty ? "the document" : path, reason: "must be keys with values")
    }
    self.path = path
    self.object = object
    if let unknown = object.keys.first(where: { !keys.contains($0) }) {
      throw error(unknown, "is not a key this version knows")
    }
  }

  /// The way to a member: `limits.session`.
  func way(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func error(_ key: String, _ reason: String) -> PlanError { PlanError(key: way(key), reason: reason) }

  func has(_ key: String) -> Bool { object[key] != nil }

  func value(_ key: String) throws(PlanError) -> JSONValue {
    guard let value = object[key] else { throw error(key, "is missing") }
    return value
  }

  func text(_ key: String) throws(PlanError) -> String {
    guard let text = try value(key).string else { throw error(key, "must be text") }
    return text
  }

  func bool(_ key: String, otherwise: Bool) throws(PlanError) -> Bool {
    guard let value = object[key] else { return otherwise }
    guard let bool = value.bool else { throw error(key, "must be true or false") }
    return bool
  }

  func integer(_ key: String, otherwise: Int64) throws(PlanError) -> Int64 {
    guard let value = object[key] else { return otherwise }
    guard let number = value.integer else { throw error(key, "must be a whole number") }
    return number
  }

  /// The elements of a list, each with the way to it.
  func list(_ key: String) throws(PlanError) -> [(way: String, value: JSONValue)] {
    guard let elements = try value(key).array else { throw error(key, "must be a list") }
    return elements.enumerated().map { ("\(way(key))[\($0.offset)]", $0.element) }
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, otherwise: Word? = nil
  ) throws(PlanError) -> Word where Word.RawValue == String {
    if object[key] == nil, let otherwise { return otherwise }
    guard let word = Word(rawValue: try text(key)) else {
      throw error(key, "must be \(Word.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    return word
  }

  /// A duration in seconds.
  func seconds(_ key: String, otherwise: Int64? = nil) throws(PlanError) -> Int64 {
    if object[key] == nil, let otherwise { return otherwise }
    guard let seconds = PlanDuration.seconds(try text(key)) else {
      throw error(key, "must be a duration such as 30s, 15m, 2h or 30d")
    }
    return seconds
  }

  /// An amount in minor units.
  func amount(_ key: String, _ currency: Currency, otherwise: Int64? = nil) throws(PlanError) -> Int64 {
    if object[key] == nil, let otherwise { return otherwise }
    guard let text = try value(key).string else {
      // A bare number could be meant in minor units.
      throw error(key, "must be decimal text in quotes, such as \"90.00\"")
    }
    do {
      return try Money(decimal: text, currency: currency).minorUnits
    } catch {
      throw self.error(key, error.description)
    }
  }

  /// A percentage: a whole number, or decimal text.
  func percent(_ key: String, otherwise: Percent? = nil) throws(PlanError) -> Percent {
    if object[key] == nil, let otherwise { return otherwise }
    let value = try value(key)
    if let number = value.integer { return Percent(number) }
    guard let percent = value.string.flatMap({ Percent($0) }) else {
      throw error(key, "must be a percentage such as 150 or \"25.5\"")
    }
    return percent
  }

  func timeOfDay(_ key: String) throws(PlanError) -> TimeOfDay {
    guard let time = TimeOfDay(try text(key)) else {
      throw error(key, "must be a time of day from \"00:00\" to \"24:00\"")
    }
    return time
  }
}
