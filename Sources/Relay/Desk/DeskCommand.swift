import SessionModel

/// What a technician may say to the desk, parsed from the words ssh sent. Pure.
enum DeskCommand: Equatable, Sendable {
  case help
  case list(json: Bool)
  case close(SessionID, Outcome, note: String, json: Bool)

  /// Longest command, in bytes.
  static let maximumLength = 4096
  /// Longest note, in characters.
  static let maximumNoteLength = 1000

  /// Why the words are no command: one line that says what to do.
  struct Mistake: Error, Equatable { let line: String }

  static let helpText = """
    The desk of this relay. Type, after ssh desk@RELAY:
      list [--json]                      the open sessions you may see
      close SESSION --outcome OUTCOME --note TEXT
                                         end a session; OUTCOME is one of
                                         \(Outcome.closable.map(\.rawValue).joined(separator: ", "))
      help                               this text

    """

  static func parse(_ bytes: [UInt8]) throws(Mistake) -> DeskCommand {
    guard bytes.count <= maximumLength else { throw Mistake(line: "That command is too long.") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Mistake(line: "That command is not UTF-8 text.")
    }
    var words = split(text)[...]
    let json = words.contains("--json")
    words.removeAll { $0 == "--json" }
    switch words.popFirst() {
    case nil, "help", "--help":
      return .help
    case "list":
      guard words.isEmpty else { throw Mistake(line: "list takes nothing but --json.") }
      return .list(json: json)
    case "close":
      return try parseClose(words, json: json)
    case .some(let other):
      throw Mistake(line: "The desk does not know \"\(TextSafety.escaped(other))\". Try: ssh desk@RELAY help")
    }
  }

  private static func parseClose(_ arguments: ArraySlice<String>, json: Bool) throws(Mistake) -> DeskCommand {
    let usage = "Use: close SESSION --outcome OUTCOME --note TEXT"
    var words = arguments
    guard let first = words.popFirst(), let session = SessionID(first) else {
      throw Mistake(line: "Which session? \(usage). See: list")
    }
    var outcome: Outcome?
    var note: String?
    while let option = words.popFirst() {
      // ssh joins its arguments with spaces, so a note's words arrive apart.
      let end = words.firstIndex { $0.hasPrefix("--") } ?? words.endIndex
      let value = words[..<end].joined(separator: " ")
      words = words[end...]
      switch option {
      case "--outcome":
        guard let named = Outcome(rawValue: value), Outcome.closable.contains(named) else {
          throw Mistake(
            line: "The outcome must be one of \(Outcome.closable.map(\.rawValue).joined(separator: ", ")).")
        }
        outcome = named
      case "--note":
        guard value.count <= maximumNoteLength, TextSafety.problem(inShownText: value) == nil else {
          throw Mistake(line: "The note must be plain text of at most \(maximumNoteLength) characters.")
        }
        note = value
      default:
        throw Mistake(line: "close does not know \"\(TextSafety.escaped(option))\". \(usage)")
      }
    }
    guard let outcome else { throw Mistake(line: "How did it end? \(usage)") }
    return .close(session, outcome, note: note ?? "", json: json)
  }

  /// Words, with single or double quotes around those with spaces. A lone quote is a letter: `--note it's done` arrives
  /// without the quotes the technician's own shell took away.
  private static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\t" || character == "\n" {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { return text.split(whereSeparator: \.isWhitespace).map(String.init) }
    if let done = word { words.append(done) }
    return words
  }
}
