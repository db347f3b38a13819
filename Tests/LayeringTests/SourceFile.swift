/// One file of the repository: its path from the top, its lines, and the same lines with comments and the text of
/// string literals blanked, so that a rule about code cannot be set off by a sentence about it.
struct SourceFile {
  let path: String
  let lines: [Substring]
  /// As many as `lines`; code only.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    code = SwiftText.codeLines(of: text)
  }

  /// The folder under Sources (or Tests) the file belongs to.
  var room: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  /// Lines of text; a final newline opens no further line.
  var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }

  /// Whether a comment directly above line `index` (attributes between them aside), or on it, contains `word`.
  func commentBeside(_ index: Int, contains word: String) -> Bool {
    if lines[index].contains(word) { return true }
    var above = index - 1
    while above >= 0 {
      let line = lines[above].drop { $0 == " " }
      guard line.hasPrefix("//") || line.hasPrefix("@") else { return false }
      if line.hasPrefix("//"), line.contains(word) { return true }
      above -= 1
    }
    return false
  }
}

/// Just enough of Swift's lexical grammar to tell code from comments and strings.
enum SwiftText {
  private enum Mode: Equatable {
    case code
    case lineComment
    case blockComment(depth: Int)
    /// `hashes` around the delimiter; `multiline` for three quotes.
    case string(hashes: Int, multiline: Bool)
    /// Code inside `\( )`; `depth` counts its open parentheses.
    case interpolation(depth: Int)
  }

  /// The lines of `text` with comments and literal text replaced by nothing (a literal keeps its quotes). Code inside an
  /// interpolation stays.
  static func codeLines(of text: String) -> [String] {
    let input = Array(text.utf8)
    var scanner = Scanner(input: input)
    scanner.run()
    return scanner.lines.map { String(decoding: $0, as: UTF8.self) }
  }

  private struct Scanner {
    let input: [UInt8]
    var position = 0
    var modes: [Mode] = [.code]
    var lines: [[UInt8]] = [[]]

    init(input: [UInt8]) { self.input = input }

    mutating func run() {
      while position < input.count {
        if input[position] == UInt8(ascii: "\n") {
          if modes.last == .lineComment { modes.removeLast() }
          lines.append([])
          position += 1
          continue
        }
        switch modes.last ?? .code {
        case .code, .interpolation: code()
        case .lineComment: position = input[position...].firstIndex(of: UInt8(ascii: "\n")) ?? input.count
        case .blockComment(let depth): blockComment(depth)
        case .string(let hashes, let multiline): string(hashes, multiline)
        }
      }
    }

    private func starts(with text: String, at offset: Int = 0) -> Bool {
      input[min(position + offset, input.count)...].starts(with: text.utf8)
    }

    private mutating func keep(_ count: Int) {
      lines[lines.count - 1] += input[position..<min(position + count, input.count)]
      position += count
    }

    /// Bytes at which something other than plain code may begin or end.
    private static let special = Set("/\"#()\n".utf8)

    private mutating func code() {
      let end = input[position...].firstIndex(where: Self.special.contains) ?? input.count
      if end > position {
        keep(end - position)
        return
      }
      if starts(with: "//") {
        modes.append(.lineComment)
      } else if starts(with: "/*") {
        modes.append(.blockComment(depth: 1))
        position += 2
      } else if let (hashes, multiline) = stringStart() {
        keep(hashes + (multiline ? 3 : 1))
        modes.append(.string(hashes: hashes, multiline: multiline))
      } else {
        if case .interpolation(let depth) = modes.last { parenthesis(depth) }
        keep(1)
      }
    }

    private mutating func parenthesis(_ depth: Int) {
      if input[position] == UInt8(ascii: "(") {
        modes[modes.count - 1] = .interpolation(depth: depth + 1)
      } else if input[position] == UInt8(ascii: ")") {
        if depth == 1 { modes.removeLast() } else { modes[modes.count - 1] = .interpolation(depth: depth - 1) }
      }
    }

    private func stringStart() -> (hashes: Int, multiline: Bool)? {
      var hashes = 0
      while position + hashes < input.count, input[position + hashes] == UInt8(ascii: "#") { hashes += 1 }
      guard starts(with: "\"", at: hashes) else { return nil }
      return (hashes, starts(with: "\"\"\"", at: hashes))
    }

    private mutating func blockComment(_ depth: Int) {
      if starts(with: "*/") {
        if depth == 1 { modes.removeLast() } else { modes[modes.count - 1] = .blockComment(depth: depth - 1) }
        position += 2
      } else if starts(with: "/*") {
        modes[modes.count - 1] = .blockComment(depth: depth + 1)
        position += 2
      } else {
        position += 1
      }
    }

    private mutating func string(_ hashes: Int, _ multiline: Bool) {
      let escape = "\\" + String(repeating: "#", count: hashes)
      let end = (multiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
      if starts(with: escape + "(") {
        position += escape.utf8.count
        keep(1)
        modes.append(.interpolation(depth: 1))
      } else if starts(with: escape) {
        position += escape.utf8.count + 1
      } else if starts(with: end) {
        keep(end.utf8.count)
        modes.removeLast()
      } else {
        position += 1
      }
    }
  }
}
