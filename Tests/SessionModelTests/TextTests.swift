import SessionModel
import TestSupport
import Testing

struct TextSafetyTests {
  @Test(arguments: [
    ("plain ä 한 😀", "plain ä 한 😀"), ("a\u{202e}b", "a\\u{202e}b"), ("\u{1b}[31m", "\\u{1b}[31m"), ("a\nb", "a\\u{a}b"),
    ("a\r\nb", "a\\u{d}\\u{a}b"), ("\u{7f}\u{85}\u{9b}", "\\u{7f}\\u{85}\\u{9b}"), ("\u{2028}", "\\u{2028}"),
    ("\u{200e}\u{200f}\u{61c}\u{2066}\u{2069}", "\\u{200e}\\u{200f}\\u{61c}\\u{2066}\\u{2069}"), ("", ""),
    ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
  ])
  func dangerousCharactersBecomeVisible(text: String, escaped: String) {
    #expect(TextSafety.escaped(text) == escaped)
    #expect(TextSafety.escaped(bytes: text.utf8) == escaped)
  }

  @Test func bytesThatAreNotUTF8BecomeVisible() {
    #expect(TextSafety.escaped(bytes: [0x61, 0xff, 0x62]) == "a\\xffb")
    #expect(TextSafety.escaped(bytes: [0xc0, 0xaf]) == "\\xc0\\xaf")
    #expect(TextSafety.escaped(bytes: [0xed, 0xa0, 0x80]) == "\\xed\\xa0\\x80")
    #expect(TextSafety.escaped(bytes: [0xe2, 0x82]) == "\\xe2\\x82")
    #expect(TextSafety.escaped(bytes: [0xf0, 0x9f, 0x98, 0x80]) == "😀")
  }

  @Test func nothingEscapedIsDangerous() {
    var generator = SeededGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(TextSafety.problem(inField: TextSafety.escaped(bytes: bytes)) == nil, "seed \(Seed.current)")
    }
    for value in UInt32(0)...0x10_ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isFormat = scalar.properties.generalCategory == .format || scalar.properties.generalCategory == .control
      let exceptions: ClosedRange<UInt32> = 0x600...0x6dd
      // Visible signs that Unicode calls format characters: Arabic number signs, Kaithi, Syriac, hieroglyph joiners.
      let isVisibleSign =
        exceptions.contains(value) && value != 0x61c
        || [0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd].contains(value) || (0x13430...0x1343f).contains(value)
      if isFormat && !isVisibleSign {
        #expect(TextSafety.problem(inField: String(scalar)) != nil, "U+\(String(value, radix: 16))")
      }
      if scalar.properties.isDefaultIgnorableCodePoint {
        #expect(TextSafety.problem(inField: String(scalar)) != nil, "U+\(String(value, radix: 16))")
      }
    }
  }

  @Test func shownTextMayHaveLinesAndAFieldMayNot() {
    #expect(TextSafety.problem(inShownText: "Who: anna\nWhy: printer, 22.50 €") == nil)
    #expect(TextSafety.problem(inField: "a\nb") == "contains a control character (\\u{a})")
    #expect(TextSafety.problem(inShownText: "a\tb") != nil)
    #expect(TextSafety.problem(inShownText: "a\r\nb") != nil)
    #expect(TextSafety.problem(inShownText: "a\u{202e}b")?.contains("direction") == true)
    #expect(TextSafety.problem(inShownText: "a\u{2029}b")?.contains("separator") == true)
    #expect(TextSafety.problem(inShownText: "a\u{200d}b")?.contains("invisible") == true)
  }

  @Test func lengthsAreCountedInScalars() {
    #expect(TextSafety.problem(inShownText: String(repeating: "x", count: 2000)) == nil)
    #expect(TextSafety.problem(inShownText: String(repeating: "x", count: 2001)) == "is longer than 2000 characters")
    #expect(TextSafety.problem(inField: String(repeating: "x", count: 200)) == nil)
    #expect(TextSafety.problem(inField: String(repeating: "x", count: 201)) != nil)
    #expect(TextSafety.problem(inField: "e" + String(repeating: "\u{301}", count: 200)) != nil)
  }
}

struct TextWidthTests {
  @Test(arguments: [
    ("abc", 3), ("한국", 4), ("e\u{301}", 1), ("😀", 2), ("…", 1), ("ｱ", 1), ("Ａ", 2), ("", 0), ("Привет", 6),
  ])
  func columnsAreThoseOfATerminal(text: String, columns: Int) { #expect(TextWidth.columns(of: text) == columns) }

  @Test func textIsCutBetweenCharacters() {
    #expect(TextWidth.cut("abcdef", toColumns: 6) == "abcdef")
    #expect(TextWidth.cut("abcdef", toColumns: 5) == "abcd…")
    #expect(TextWidth.cut("한국어", toColumns: 5) == "한국…")
    #expect(TextWidth.cut("한국어", toColumns: 4) == "한…")
    #expect(TextWidth.cut("ab cd", toColumns: 4) == "ab…")
    #expect(TextWidth.cut("abc", toColumns: 1) == "…")
    #expect(TextWidth.cut("abc", toColumns: 0) == "")
    #expect(TextWidth.cut("abc", toColumns: -1) == "")
  }

  @Test func textIsWrappedAtSpaces() {
    #expect(TextWidth.folded("aa bb cc\n\nd", toColumns: 5) == "aa bb\ncc\n\nd")
    #expect(TextWidth.folded("aaaaaaa b", toColumns: 5) == "aaaaaaa\nb")
    #expect(TextWidth.folded("가나 다라", toColumns: 8) == "가나\n다라")
    #expect(TextWidth.folded("", toColumns: 5) == "")
    for whole in ["  aa  bb", "aa bb ", " "] { #expect(TextWidth.folded(whole, toColumns: 8) == whole) }
  }
}

struct DurationTextTests {
  @Test(arguments: [
    (0, "0 s", "0 s"), (-5, "0 s", "0 s"), (45, "45 s", "45 s"), (60, "1 min", "1 min"), (61, "1 min", "1 min 01 s"),
    (720, "12 min", "12 min"), (3600, "1 h 00 min", "1 h"), (3900, "1 h 05 min", "1 h 05 min"),
    (3607, "1 h 00 min", "1 h 00 min 07 s"), (36_000, "10 h 00 min", "10 h"),
  ])
  func durationsReadWell(seconds: Int64, short: String, exact: String) {
    #expect(DurationText.short(seconds: seconds) == short)
    #expect(DurationText.exact(seconds: seconds) == exact)
  }
}
