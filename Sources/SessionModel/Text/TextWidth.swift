/// How many columns text takes in a terminal, and cutting it to fit.
///
/// East Asian wide and full-width characters and emoji take two columns, combining marks none, the rest one. This is the
/// usual `wcwidth` in ranges; where terminals differ it errs to the wider side.
public enum TextWidth {
  /// Columns of one line of text.
  public static func columns(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// The text if it fits in `columns`, otherwise cut between characters with `…` at the end. Below one column: nothing.
  public static func cut(_ text: String, toColumns columns: Int) -> String {
    if Self.columns(of: text) <= columns { return text }
    guard columns > 0 else { return "" }
    var result = ""
    var used = 1
    for character in text {
      let width = Self.columns(of: String(character))
      if used + width > columns { break }
      used += width
      result.append(character)
    }
    while result.last == " " { result.removeLast() }
    return result + "…"
  }

  /// The text with the lines that are wider than `columns` broken at spaces. A word that does not fit stays whole: a path or
  /// a command is no use in parts.
  public static func folded(_ text: String, toColumns columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { folded(line: $0, columns) }
      .joined(separator: "\n")
  }

  private static func folded(line: Substring, _ columns: Int) -> String {
    guard Self.columns(of: String(line)) > columns else { return String(line) }
    var (folded, width) = ("", 0)
    for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let wordWidth = Self.columns(of: String(word))
      if index == 0 {
        (folded, width) = (String(word), wordWidth)
      } else if width + 1 + wordWidth > columns, wordWidth > 0 {
        (folded, width) = ("\(folded)\n\(word)", wordWidth)
      } else {
        (folded, width) = ("\(folded) \(word)", width + 1 + wordWidth)
      }
    }
    return folded
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x20...0x2ff: 1
    case 0x0300...0x036f, 0x0483...0x0489, 0x0591...0x05bd, 0x0610...0x061a, 0x064b...0x065f, 0x1ab0...0x1aff,
      0x1dc0...0x1dff, 0x20d0...0x20ff, 0x3099...0x309a, 0xfe20...0xfe2f:
      0
    case 0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23f3, 0x25fd...0x25fe, 0x2614...0x2615,
      0x2648...0x2653, 0x267f, 0x2693, 0x26a1, 0x26aa...0x26ab, 0x26bd...0x26be, 0x26c4...0x26c5, 0x26ce, 0x26d4,
      0x26ea, 0x26f2...0x26f5, 0x26fa, 0x26fd, 0x2705, 0x270a...0x270b, 0x2728, 0x274c, 0x274e, 0x2753...0x2757,
      0x2795...0x2797, 0x27b0, 0x27bf, 0x2b1b...0x2b1c, 0x2b50, 0x2b55, 0x2e80...0x303e, 0x3041...0xa4cf,
      0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60,
      0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f004, 0x1f0cf, 0x1f18e, 0x1f191...0x1f19a,
      0x1f1e6...0x1f2ff, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f7e0...0x1f7ff, 0x1f900...0x1f9ff,
      0x1fa70...0x1faff, 0x20000...0x3fffd:
      2
    default: 1
    }
  }
}
