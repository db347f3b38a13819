import SessionModel
import TestSupport
import Testing

struct JSONTests {
  @Test func valuesAreReadAndWrittenInOrder() throws {
    let text =
      #"{"z":1,"a":[true,false,null,-9223372036854775808,9223372036854775807],"m":{"ä":"\"\\\n"},"e":{},"l":[]}"#
    let value = try JSONValue(parsing: text)
    #expect(value.text == text)
    #expect(value.object?.keys == ["z", "a", "m", "e", "l"])
    #expect(value["a"]?[3]?.integer == .min)
    #expect(value["m"]?["ä"]?.string == "\"\\\n")
    #expect(value["a"]?[0]?.bool == true)
    #expect(value["a"]?[2]?.isNull == true)
    #expect(value["missing"] == nil && value[0] == nil && value["a"]?[9] == nil && value["a"]?[-1] == nil)
    #expect(try JSONValue(parsing: value.prettyText) == value)
  }

  @Test func literalsAndSettersMakeObjects() {
    var value: JSONValue = ["b": 1, "a": ["x", nil, true, -5]]
    value["c"] = "y"
    value["b"] = 2
    #expect(value.text == #"{"b":2,"a":["x",null,true,-5],"c":"y"}"#)
    value["a"] = nil
    #expect(value.text == #"{"b":2,"c":"y"}"#)
    var fresh = JSONValue.null
    fresh["k"] = .null
    #expect(fresh.text == #"{"k":null}"#)
    #expect(value.prettyText == "{\n  \"b\": 2,\n  \"c\": \"y\"\n}")
    #expect(JSONValue(nil as String?).isNull && JSONValue(5 as Int64?) == 5)
    #expect((["a": 1, "b": 2] as JSONValue) != ["b": 2, "a": 1])
  }

  @Test(arguments: [
    ("", 1, 1), (" ", 1, 2), ("nul", 1, 1), ("tru", 1, 1), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\":1,}", 1, 8),
    ("{\"a\" 1}", 1, 6), ("{a:1}", 1, 2), ("{\"a\":1,\n \"ä\":2,\n \"a\":3}", 3, 2), ("1 1", 1, 3), ("[1]x", 1, 4),
    ("01", 1, 1), ("-01", 1, 1), ("-", 1, 2), ("+1", 1, 1), (".5", 1, 1), ("1.0", 1, 1), ("1e3", 1, 1), ("-0.0", 1, 1),
    ("9223372036854775808", 1, 1), ("-9223372036854775809", 1, 1), ("\"", 1, 1), ("[\"ab", 1, 2), ("\"\n\"", 1, 2),
    ("\"\t\"", 1, 2), ("\"\\x\"", 1, 2), ("\"\\u12g4\"", 1, 2), ("\"\\u12", 1, 2), ("\"\\ud800\"", 1, 2),
    ("\"\\udc00\"", 1, 2), ("\"\\ud800\\ud800\"", 1, 2), ("\"\\ud800x\"", 1, 2), ("\u{feff}1", 1, 1), ("'a'", 1, 1),
    ("[\"ä€😀\", x]", 1, 9), ("// c\n1", 1, 1), ("NaN", 1, 1), ("{\"a\":}", 1, 6), ("{", 1, 2), ("[", 1, 2), ("]", 1, 1),
    ("{\"a\":1,\"\\u0061\":2}", 1, 8),
  ])
  func mistakesAreRefusedWhereTheyStand(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line && error?.column == column, "\(error?.description ?? "")")
    #expect(TextSafety.problem(inField: error?.description ?? "\n") == nil)
  }

  @Test func fractionsHaveAnErrorOfTheirOwn() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\"rate\": 90.5}") }
    #expect(
      error?.description == "line 1, column 10: a number has a fraction or an exponent; only whole numbers are read")
  }

  @Test func zeroMayHaveASign() throws {
    #expect(try JSONValue(parsing: "-0") == 0)
    #expect(try JSONValue(parsing: "[0,-1]") == [0, -1])
  }

  @Test(
    arguments: [
      [0xff], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
      [0xe2, 0x82], [0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array("\"a".utf8) + bytes + Array("\"".utf8)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }

  @Test func depthAndSizeAreLimited() throws {
    let open = String(repeating: "[", count: 64)
    #expect(try JSONValue(parsing: open + String(repeating: "]", count: 64)).text.utf8.count == 128)
    #expect(throws: JSONError(line: 1, column: 65, reason: "nested deeper than 64 levels")) {
      try JSONValue(parsing: open + "[" + String(repeating: "]", count: 65))
    }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[{\"a\":", count: 100_000)) }
    let longest = "\"" + String(repeating: "x", count: JSONValue.maximumBytes - 2) + "\""
    #expect(try JSONValue(parsing: longest).string?.utf8.count == JSONValue.maximumBytes - 2)
    #expect(throws: JSONError.self) { try JSONValue(parsing: longest + " ") }
  }

  @Test func whatDrivesATerminalIsEscapedAndComesBack() throws {
    let nasty = "\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{2028}\u{200b}\u{e0041}\u{0}é한😀"
    let text = JSONValue.string(nasty).text
    #expect(text == #""\u001b[2J\u007f\u009b\u202e\u2028\u200b\udb40\udc41\u0000é한😀""#)
    #expect(try JSONValue(parsing: text).string == nasty)
    #expect(TextSafety.problem(inShownText: text) == nil)
  }

  @Test func everyValueSurvivesItsText() throws {
    var generator = SeededGenerator()
    for _ in 0..<500 {
      let value = Self.random(depth: 0, using: &generator)
      #expect(try JSONValue(parsing: value.text) == value, "seed \(Seed.current)")
      #expect(try JSONValue(parsing: value.prettyText) == value, "seed \(Seed.current)")
    }
  }

  @Test func damagedTextNeverTraps() {
    var generator = SeededGenerator()
    for _ in 0..<5000 {
      var bytes = Array(Self.random(depth: 0, using: &generator).text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        let index = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[index] = .random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: index)
        default: bytes.insert(.random(in: 0...255, using: &generator), at: index)
        }
      }
      if let value = try? JSONValue(parsing: bytes) { #expect((try? JSONValue(parsing: value.text)) == value) }
    }
  }

  private static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 5 ? 4 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(.random(using: &generator))
    case 2:
      return .integer(.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator))
    case 3: return .string(text(using: &generator))
    case 4:
      return .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in random(depth: depth + 1, using: &generator) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0..<4, using: &generator) {
        object[text(using: &generator)] = random(depth: depth + 1, using: &generator)
      }
      return .object(object)
    }
  }

  private static func text(using generator: inout SeededGenerator) -> String {
    var view = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<6, using: &generator) {
      let limit: UInt32 = Bool.random(using: &generator) ? 0x100 : 0x11_0000
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) { view.append(scalar) }
    }
    return String(view)
  }
}
