/// Where and why text is not the JSON that is read here. The description is one line.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int
  /// What is wrong.
  public let reason: String

  /// A mistake and where it is.
  public init(line: Int, column: Int, reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }

  /// `line 3, column 7: …`
  public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONValue {
  /// Reads one value by RFC 8259, strictly: UTF-8 without a byte order mark, nothing behind the value, every key once, no
  /// unpaired surrogates, at most ``maximumBytes`` and ``maximumDepth``. Numbers are whole and fit 64 bits; a fraction or an
  /// exponent is refused, never rounded.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// The same for text.
  public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.count > JSONValue.maximumBytes { throw error("longer than \(JSONValue.maximumBytes) bytes", at: 0) }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw error("starts with a byte order mark; save it without", at: 0) }
    let value = try value(depth: 0)
    skipSpace()
    if position < bytes.count { throw unexpected("the end") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    guard let byte = current else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw unexpected("a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var members: [JSONObject.Member] = []
    var seen: Set<String> = []
    skipSpace()
    if take("}") { return .object(JSONObject()) }
    while true {
      skipSpace()
      let start = position
      guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
      let key = try string()
      if !seen.insert(key).inserted { throw error("the key \"\(TextSafety.escaped(key))\" stands twice", at: start) }
      skipSpace()
      guard take(":") else { throw unexpected("a colon") }
      members.append(.init(key: key, value: try value(depth: depth)))
      skipSpace()
      if take("}") { return .object(JSONObject(distinct: members)) }
      guard take(",") else { throw unexpected("a comma or }") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw unexpected("a comma or ]") }
    }
  }

  /// Past the opening bracket.
  private mutating func enter(_ depth: Int) throws(JSONError) {
    if depth > JSONValue.maximumDepth {
      throw error("nested deeper than \(JSONValue.maximumDepth) levels", at: position)
    }
    position += 1
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw unexpected("a value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let negative = take("-")
    guard let first = digit() else { throw unexpected("a digit") }
    // Built up on the negative side, which reaches one further.
    var value: Int64 = -first
    if first == 0, digit() != nil { throw error("a number starts with a superfluous zero", at: start) }
    while first != 0, let next = digit() {
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = tenfold.subtractingReportingOverflow(next)
      if overflow || sumOverflow { throw error("a number does not fit 64 bits", at: start) }
      value = sum
    }
    if let byte = current, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw error("a number has a fraction or an exponent; only whole numbers are read", at: start)
    }
    if !negative && value == .min { throw error("a number does not fit 64 bits", at: start) }
    return .integer(negative ? value : -value)
  }

  private mutating func digit() -> Int64? {
    guard let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    position += 1
    return Int64(byte - UInt8(ascii: "0"))
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var text = String.UnicodeScalarView()
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(text)
      case UInt8(ascii: "\\"):
        text.append(try escape())
      case 0x00...0x1f: throw error("a control character stands in text; escape it", at: position)
      default:
        guard let (scalar, length) = UTF8Reading.scalar(in: bytes, at: position) else {
          throw error("the bytes are not UTF-8", at: position)
        }
        text.append(scalar)
        position += length
      }
    }
    throw error("the text that starts here never ends", at: start)
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = current else { throw unexpected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("an unknown escape", at: start)
    }
    guard let unit = hexUnit() else { throw error("\\u needs four hexadecimal digits", at: start) }
    if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
    guard unit < 0xdc00, take("\\"), take("u"), let low = hexUnit(), (0xdc00...0xdfff).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
    else { throw error("half of a surrogate pair is missing", at: start) }
    return scalar
  }

  private mutating func hexUnit() -> UInt16? {
    guard position + 4 <= bytes.count, let text = String(validating: bytes[position..<position + 4], as: UTF8.self),
      let pair = Hex.decode(text), pair.count == 2
    else { return nil }
    position += 4
    return UInt16(pair[0]) << 8 | UInt16(pair[1])
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = current, UInt32(byte) == character.value else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = current, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
  }

  private func unexpected(_ wanted: String) -> JSONError {
    guard let byte = current else { return error("ends where \(wanted) should stand", at: position) }
    let found = UTF8Reading.scalar(in: bytes, at: position).map { TextSafety.escaped(String($0.scalar)) }
    return error("found \(found ?? "\\x" + Hex.encode([byte])) where \(wanted) should stand", at: position)
  }

  private func error(_ reason: String, at offset: Int) -> JSONError {
    let before = bytes[..<offset]
    let line = before.count { $0 == 0x0a } + 1
    let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    // Every byte but a continuation starts a character.
    let column = before[lineStart...].count { $0 & 0xc0 != 0x80 } + 1
    return JSONError(line: line, column: column, reason: reason)
  }
}
