extension JSONValue {
  /// On one line without spaces, keys in their order: the same value always gives the same bytes.
  ///
  /// Control, bidirectional and invisible characters are written as `\u` escapes (RFC 8259 section 7 allows it for any
  /// character), so that what a peer sent cannot drive the terminal on which the JSON is shown.
  public var text: String {
    var writer = JSONWriter(indented: false)
    writer.write(self, level: 0)
    return String(decoding: writer.output, as: UTF8.self)
  }

  /// On several lines, two spaces a level; empty arrays and objects stay on one.
  public var prettyText: String {
    var writer = JSONWriter(indented: true)
    writer.write(self, level: 0)
    return String(decoding: writer.output, as: UTF8.self)
  }
}

private struct JSONWriter {
  let indented: Bool
  /// UTF-8; a string would be copied whole for some of the appends.
  var output: [UInt8] = []

  init(indented: Bool) { self.indented = indented }

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: put("null")
    case .bool(let value): put(value ? "true" : "false")
    case .integer(let value): put(String(value))
    case .string(let value): write(text: value)
    case .array(let elements):
      list(elements, open: "[", close: "]", level: level) { $0.write($1, level: level + 1) }
    case .object(let object):
      list(object.members, open: "{", close: "}", level: level) {
        $0.write(text: $1.key)
        $0.put($0.indented ? ": " : ":")
        $0.write($1.value, level: level + 1)
      }
    }
  }

  private mutating func list<Element>(
    _ elements: [Element], open: String, close: String, level: Int, write: (inout JSONWriter, Element) -> Void
  ) {
    put(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { put(",") }
      newLine(level: level + 1)
      write(&self, element)
    }
    if !elements.isEmpty { newLine(level: level) }
    put(close)
  }

  private mutating func newLine(level: Int) {
    guard indented else { return }
    put("\n" + String(repeating: "  ", count: level))
  }

  private mutating func write(text: String) {
    put("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": put("\\\"")
      case "\\": put("\\\\")
      case "\n": put("\\n")
      case "\r": put("\\r")
      case "\t": put("\\t")
      case _ where TextSafety.danger(of: scalar) != nil:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          put("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
        }
      default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    put("\"")
  }

  private mutating func put(_ text: String) { output.append(contentsOf: text.utf8) }
}
