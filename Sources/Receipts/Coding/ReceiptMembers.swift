import SessionModel

/// Why a text is no receipt. The description is one line.
public struct ReceiptError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, to stand behind "it is no receipt: ".
  public let description: String

  init(_ description: String) { self.description = description }

  static func member(_ key: String, _ expected: String) -> ReceiptError {
    ReceiptError("the member \(key) should be \(expected)")
  }
}

/// The members of one object of a receipt, typed.
struct ReceiptMembers {
  private let object: JSONObject
  private let path: String

  init(_ value: JSONValue?, path: String = "") throws(ReceiptError) {
    guard let object = value?.object else {
      throw path.isEmpty ? ReceiptError("it is not a JSON object") : .member(path, "an object")
    }
    self.object = object
    self.path = path
  }

  func has(_ key: String) -> Bool { object[key] != nil }

  func text(_ key: String) throws(ReceiptError) -> String {
    guard let text = object[key]?.string else { throw wrong(key, "a text") }
    return text
  }

  /// A text that may stand in one line; of at most `limit` Unicode scalars.
  func field(_ key: String, limit: Int = TextSafety.maximumFieldScalars) throws(ReceiptError) -> String {
    let text = try text(key)
    guard TextSafety.problem(inShownText: text) == nil, !text.unicodeScalars.contains("\n"),
      text.unicodeScalars.count <= limit
    else { throw wrong(key, "one line of at most \(limit) plain characters") }
    return text
  }

  func optionalField(_ key: String, limit: Int = TextSafety.maximumFieldScalars) throws(ReceiptError) -> String? {
    if object[key]?.isNull == true { return nil }
    return try field(key, limit: limit)
  }

  /// Words that were shown.
  func words(_ key: String) throws(ReceiptError) -> String {
    let text = try text(key)
    if let problem = TextSafety.problem(inShownText: text) { throw wrong(key, "fit to be shown, but \(problem)") }
    return text
  }

  func integer(_ key: String) throws(ReceiptError) -> Int64 {
    guard let number = object[key]?.integer else { throw wrong(key, "a whole number") }
    return number
  }

  func natural(_ key: String) throws(ReceiptError) -> Int64 {
    let number = try integer(key)
    guard number >= 0 else { throw wrong(key, "a number not below 0") }
    return number
  }

  /// An exact decimal, not negative, as it is written without anything superfluous.
  func decimal(_ key: String) throws(ReceiptError) -> String {
    let text = try text(key)
    guard DecimalText(text) != nil else { throw wrong(key, "an exact decimal such as 25.5") }
    return text
  }

  func array(_ key: String, limit: Int) throws(ReceiptError) -> [JSONValue] {
    guard let values = object[key]?.array else { throw wrong(key, "a list") }
    guard values.count <= limit else { throw wrong(key, "a list of at most \(limit)") }
    return values
  }

  func objects(_ key: String, limit: Int) throws(ReceiptError) -> [ReceiptMembers] {
    var result: [ReceiptMembers] = []
    for (index, value) in try array(key, limit: limit).enumerated() {
      result.append(try ReceiptMembers(value, path: "\(full(key)).\(index)"))
    }
    return result
  }

  func object(_ key: String) throws(ReceiptError) -> ReceiptMembers {
    try ReceiptMembers(object[key] ?? .null, path: full(key))
  }

  func optionalObject(_ key: String) throws(ReceiptError) -> ReceiptMembers? {
    if object[key]?.isNull == true { return nil }
    return try object(key)
  }

  func word<Word: RawRepresentable>(_ key: String) throws(ReceiptError) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(key)) else { throw wrong(key, "a word of its list") }
    return word
  }

  func currency(_ key: String) throws(ReceiptError) -> Currency {
    guard let currency = Currency(try text(key)) else { throw wrong(key, "a currency") }
    return currency
  }

  func session(_ key: String) throws(ReceiptError) -> SessionID {
    guard let session = SessionID(try text(key)) else { throw wrong(key, "a session") }
    return session
  }

  func time(_ key: String) throws(ReceiptError) -> WallTime {
    guard let time = WallTime(rfc3339: try text(key)) else { throw wrong(key, "a time in UTC") }
    return time
  }

  func fingerprint(_ key: String) throws(ReceiptError) -> Fingerprint {
    guard let value = Fingerprint(try text(key)) else { throw wrong(key, "sha256: and 64 hexadecimal digits") }
    return value
  }

  func bytes(_ key: String, count: Int) throws(ReceiptError) -> [UInt8] {
    guard let bytes = Hex.decode(try text(key)), bytes.count == count else {
      throw wrong(key, "\(count) bytes in hexadecimal")
    }
    return bytes
  }

  func optionalBytes(_ key: String, count: Int) throws(ReceiptError) -> [UInt8]? {
    if object[key]?.isNull == true { return nil }
    return try bytes(key, count: count)
  }

  func optionalDate(_ key: String) throws(ReceiptError) -> CivilDate? {
    if object[key]?.isNull == true { return nil }
    guard let moment = WallTime(rfc3339: try text(key) + "T00:00:00Z") else { throw wrong(key, "a day") }
    return CivilDate(daysSince1970: moment.milliseconds / 86_400_000)
  }

  func language(_ key: String) throws(ReceiptError) -> String {
    let tag = try field(key, limit: ReceiptLimits.languageBytes)
    guard !tag.isEmpty else { throw wrong(key, "a language tag") }
    return tag
  }

  func wrong(_ key: String, _ expected: String) -> ReceiptError { .member(full(key), expected) }

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// A decimal that is not negative, as exact digits.
struct DecimalText {
  /// Digits in all; more than any percentage has.
  static let maximumDigits = 15

  /// The digits without the point.
  let coefficient: Int64
  /// 10 to the power of how many stand behind the point.
  let divisor: Int64

  /// Nil for a sign, an exponent, a superfluous zero in front, or no digit on either side of a point.
  init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= Self.maximumDigits + 1,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }),
      parts[0].count == 1 || parts[0].first != 48,
      let coefficient = Int64(String(text.unicodeScalars.filter { $0 != "." }))
    else { return nil }
    self.coefficient = coefficient
    divisor = (parts.count == 2 ? Array(parts[1]) : []).reduce(1) { power, _ in power * 10 }
  }
}
