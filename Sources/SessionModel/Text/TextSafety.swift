/// Keeps text that others wrote from lying to a reader or driving a terminal. Whatever a peer sent passes through
/// ``escaped(_:)`` before it reaches a log, a terminal or a page; text that is signed or shown word for word is refused by
/// ``problem(inShownText:)`` instead of being changed.
///
/// The sets are written out rather than taken from the Unicode tables, so that relay and agent of different ages agree.
public enum TextSafety {
  /// Longest text shown word for word, in Unicode scalars.
  public static let maximumShownScalars = 2000
  /// Longest name of a technician, shop or purpose, in Unicode scalars.
  public static let maximumFieldScalars = 200

  /// The text with every control, bidirectional, invisible and separating character replaced by a visible `\u{202e}`.
  /// One line comes out whatever went in; everything else is unchanged.
  public static func escaped(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ danger(of: $0) == nil }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return String(result)
  }

  /// The same for bytes that ought to be UTF-8: each byte that is not becomes `\xff`.
  public static func escaped(bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    var result = String.UnicodeScalarView()
    var position = 0
    while position < bytes.count {
      if let (scalar, length) = UTF8Reading.scalar(in: bytes, at: position) {
        append(scalar, to: &result)
        position += length
      } else {
        result.append(contentsOf: "\\x\(Hex.encode([bytes[position]]))".unicodeScalars)
        position += 1
      }
    }
    return String(result)
  }

  /// Nil when the text may be shown word for word; otherwise what is wrong with it. Line feeds are allowed, tabs are not.
  public static func problem(inShownText text: String) -> String? {
    problem(in: text, allowingLineFeed: true, maximumScalars: maximumShownScalars)
  }

  /// Nil when the text may stand in one line as a name or purpose; otherwise what is wrong with it.
  public static func problem(inField text: String) -> String? {
    problem(in: text, allowingLineFeed: false, maximumScalars: maximumFieldScalars)
  }

  private static func problem(in text: String, allowingLineFeed: Bool, maximumScalars: Int) -> String? {
    var count = 0
    for scalar in text.unicodeScalars {
      count += 1
      if count > maximumScalars { return "is longer than \(maximumScalars) characters" }
      if allowingLineFeed && scalar == "\n" { continue }
      if let danger = danger(of: scalar) {
        return "contains \(danger.name) (\\u{\(String(scalar.value, radix: 16))})"
      }
    }
    return nil
  }

  private static func append(_ scalar: Unicode.Scalar, to result: inout String.UnicodeScalarView) {
    if danger(of: scalar) == nil {
      result.append(scalar)
    } else {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
  }

  /// Why a scalar is not shown as it is.
  enum Danger {
    case control, direction, separator, invisible

    var name: String {
      switch self {
      case .control: "a control character"
      case .direction: "a character that changes the direction of text"
      case .separator: "a line or paragraph separator"
      case .invisible: "an invisible character"
      }
    }
  }

  /// Nil for a scalar that is shown as it is.
  static func danger(of scalar: Unicode.Scalar) -> Danger? {
    switch scalar.value {
    case 0x20...0x7e, 0xa0...0xac, 0xae...0x33f: nil
    case 0x00...0x1f, 0x7f...0x9f: .control
    // ALM, LRM, RLM, embeddings and overrides, isolates (Unicode UAX #9).
    case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: .direction
    case 0x2028, 0x2029: .separator
    // Soft hyphen, joiners, fillers, variation selectors, invisible operators, annotations, tags: nothing a reader sees.
    case 0x00ad, 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b...0x180f, 0x200b...0x200d, 0x2060...0x2065,
      0x206a...0x206f, 0x3164, 0xfe00...0xfe0f, 0xfeff, 0xffa0, 0xfff0...0xfffb, 0x1bca0...0x1bca3,
      0x1d173...0x1d17a, 0xe0000...0xe0fff:
      .invisible
    default: nil
    }
  }
}

/// UTF-8 by the table of RFC 3629 section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
enum UTF8Reading {
  /// The scalar that starts at `position` and its length in bytes, or nil when the bytes there are not UTF-8.
  static func scalar(in bytes: [UInt8], at position: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    let first = bytes[position]
    let length: Int
    var value: UInt32
    switch first {
    case 0x00...0x7f: return (Unicode.Scalar(first), 1)
    case 0xc2...0xdf: (length, value) = (2, UInt32(first & 0x1f))
    case 0xe0...0xef: (length, value) = (3, UInt32(first & 0x0f))
    case 0xf0...0xf4: (length, value) = (4, UInt32(first & 0x07))
    default: return nil
    }
    guard position + length <= bytes.count else { return nil }
    for byte in bytes[(position + 1)..<(position + length)] {
      guard byte & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }
}
