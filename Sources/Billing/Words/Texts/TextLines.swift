import SessionModel

/// Text in lines of a terminal. Nothing is cut here: a word that does not fit a line goes on in the next.
enum Lines {
  /// The width every text for customers keeps to, in columns.
  static let columns = 60

  /// The text broken at spaces, but not behind a number, whose unit follows.
  static func wrapped(_ text: String, columns: Int = Lines.columns) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in unbreakable(text, columns: columns) {
      let candidate = line.isEmpty ? word : "\(line) \(word)"
      if TextWidth.columns(of: candidate) <= columns {
        line = candidate
        continue
      }
      if !line.isEmpty { lines.append(line) }
      var pieces = pieces(of: word, columns: columns)
      line = pieces.popLast() ?? ""
      lines += pieces
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// Parts with commas between them, broken between parts where that is possible.
  static func list(_ parts: [String]) -> [String] {
    var lines: [String] = []
    for (index, part) in parts.enumerated() {
      let item = index == parts.count - 1 ? part : part + ","
      if let last = lines.last, TextWidth.columns(of: "\(last) \(item)") <= columns {
        lines[lines.count - 1] = "\(last) \(item)"
      } else {
        lines += wrapped(item)
      }
    }
    return lines
  }

  /// Words, and numbers with the word behind them where both fit a line.
  private static func unbreakable(_ text: String, columns: Int) -> [String] {
    var words: [String] = []
    for word in text.split(separator: " ") {
      if let last = words.last, last.last?.isASCII == true, last.last?.isNumber == true,
        TextWidth.columns(of: "\(last) \(word)") <= columns
      {
        words[words.count - 1] = "\(last) \(word)"
      } else {
        words.append(String(word))
      }
    }
    return words
  }

  private static func pieces(of word: String, columns: Int) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for character in word {
      if TextWidth.columns(of: piece + String(character)) > columns {
        pieces.append(piece)
        piece = ""
      }
      piece.append(character)
    }
    return pieces + [piece]
  }

  /// One line of what others wrote: safe to show, spaces single and none at the ends.
  static func clean(_ text: String) -> String {
    TextSafety.escaped(text).split(separator: " ").joined(separator: " ")
  }

  /// The same, cut with `…` to what two lines hold.
  static func field(_ text: String, columns: Int = 2 * Lines.columns) -> String {
    TextWidth.cut(clean(text), toColumns: columns)
  }
}
