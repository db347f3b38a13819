import SessionModel

/// The members of an object, typed: what every payload is written to and read from.
struct Members {
  private var object: JSONObject
  private let path: String

  /// No members yet.
  init() {
    object = JSONObject()
    path = ""
  }

  /// The members of `value`, which stands at `path`.
  init(_ value: JSONValue, path: String = "") throws(PayloadError) {
    guard let object = value.object else { throw PayloadError(key: path, expected: "an object") }
    self.object = object
    self.path = path
  }

  var json: JSONValue { .object(object) }

  mutating func put(_ key: String, _ value: JSONValue) { object[key] = value }

  /// Writes nothing when there is nothing to say.
  mutating func put(_ key: String, ifPresent text: String?) {
    if let text { object[key] = .string(text) }
  }

  mutating func put(_ key: String, ifPresent number: Int64?) {
    if let number { object[key] = .integer(number) }
  }

  mutating func put(_ key: String, ifPresent bool: Bool?) {
    if let bool { object[key] = .bool(bool) }
  }

  /// What `read` makes of a member; nil when it is not there.
  func ifPresent<Value>(
    _ key: String, _ read: (String) throws(PayloadError) -> Value
  ) throws(PayloadError) -> Value? {
    value(key) == nil ? nil : try read(key)
  }

  func optionalText(_ key: String) throws(PayloadError) -> String? {
    guard let value = object[key], !value.isNull else { return nil }
    guard let text = value.string else { throw wrong(key, "a text") }
    return text
  }

  func text(_ key: String) throws(PayloadError) -> String {
    guard let text = try optionalText(key) else { throw wrong(key, "a text") }
    return text
  }

  func integer(_ key: String) throws(PayloadError) -> Int64 {
    guard let number = object[key]?.integer else { throw wrong(key, "a whole number") }
    return number
  }

  /// A number that is not negative.
  func count(_ key: String) throws(PayloadError) -> UInt64 {
    guard let number = UInt64(exactly: try integer(key)) else { throw wrong(key, "a number not below 0") }
    return number
  }

  func epoch(_ key: String) throws(PayloadError) -> UInt32 {
    guard let epoch = UInt32(exactly: try integer(key)) else { throw wrong(key, "a number of 32 bits") }
    return epoch
  }

  /// A list of pairs of milliseconds.
  func offsets(_ key: String) throws(PayloadError) -> [OffsetInterval] {
    var intervals: [OffsetInterval] = []
    for value in try array(key) {
      guard let pair = value.array, pair.count == 2, let from = pair[0].integer, let to = pair[1].integer else {
        throw wrong(key, "a list of pairs of whole numbers")
      }
      intervals.append(OffsetInterval(fromMilliseconds: from, toMilliseconds: to))
    }
    return intervals
  }

  func bool(_ key: String) throws(PayloadError) -> Bool {
    guard let value = object[key]?.bool else { throw wrong(key, "true or false") }
    return value
  }

  func array(_ key: String) throws(PayloadError) -> [JSONValue] {
    guard let values = object[key]?.array else { throw wrong(key, "a list") }
    return values
  }

  func value(_ key: String) -> JSONValue? {
    object[key].flatMap { $0.isNull ? nil : $0 }
  }

  func object(_ key: String) throws(PayloadError) -> Members {
    try Members(object[key] ?? .null, path: full(key))
  }

  /// A list of texts.
  func texts(_ key: String) throws(PayloadError) -> [String] {
    var texts: [String] = []
    for value in try array(key) {
      guard let text = value.string else { throw wrong(key, "a list of texts") }
      texts.append(text)
    }
    return texts
  }

  /// Each element of a list of objects.
  func objects(_ key: String) throws(PayloadError) -> [Members] {
    var result: [Members] = []
    for (index, value) in try array(key).enumerated() {
      result.append(try Members(value, path: "\(full(key)).\(index)"))
    }
    return result
  }

  func word<Word: RawRepresentable>(_ key: String) throws(PayloadError) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(key)) else { throw wrong(key, "a word of its list") }
    return word
  }

  func name(_ key: String) throws(PayloadError) -> Name {
    guard let name = Name(try text(key)) else { throw wrong(key, "a name") }
    return name
  }

  func session(_ key: String) throws(PayloadError) -> SessionID {
    guard let session = SessionID(try text(key)) else { throw wrong(key, "a session") }
    return session
  }

  func caseID(_ key: String) throws(PayloadError) -> CaseID {
    guard let id = CaseID(try text(key)) else { throw wrong(key, "a case") }
    return id
  }

  func lines(_ key: String) throws(PayloadError) -> [LedgerLine] {
    var lines: [LedgerLine] = []
    for line in try objects(key) { lines.append(try LedgerLine(members: line)) }
    return lines
  }

  func fingerprint(_ key: String) throws(PayloadError) -> Fingerprint {
    guard let fingerprint = Fingerprint(try text(key)) else { throw wrong(key, "sha256: and 64 hexadecimal digits") }
    return fingerprint
  }

  func time(_ key: String) throws(PayloadError) -> WallTime {
    guard let time = WallTime(rfc3339: try text(key)) else { throw wrong(key, "a time") }
    return time
  }

  func allowances(_ key: String) throws(PayloadError) -> Allowances {
    guard let bits = UInt16(exactly: try integer(key)) else { throw wrong(key, "sixteen bits") }
    return Allowances(rawValue: bits)
  }

  /// Bytes in hexadecimal; `count` is how many there have to be.
  func bytes(_ key: String, count: Int? = nil) throws(PayloadError) -> [UInt8] {
    guard let bytes = Hex.decode(try text(key)), count == nil || bytes.count == count else {
      throw wrong(key, count.map { "\($0) bytes in hexadecimal" } ?? "bytes in hexadecimal")
    }
    return bytes
  }

  func wrong(_ key: String, _ expected: String) -> PayloadError { PayloadError(key: full(key), expected: expected) }

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
