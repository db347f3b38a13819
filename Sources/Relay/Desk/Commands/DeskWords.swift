import SessionModel

/// The words ssh sent to the desk, sorted: a verb, what stands before the first option, options with their values. Pure.
///
/// ssh joins its arguments with spaces, so a text's words arrive apart: an option's value is everything up to the next word
/// that begins with `--`.
struct DeskWords {
  /// Longest command, in bytes.
  static let maximumLength = 4096
  /// Longest text, in characters.
  static let maximumTextLength = 1000

  /// What asks for JSON.
  private static let jsonWord = "--json"

  /// How the command is used, for whoever used it wrongly.
  let usage: String
  private(set) var places: [String]
  private var options: [(name: String, value: String)] = []

  /// Where the word that asks for JSON is looked for, besides at the beginning; anywhere else it is part of somebody's text.
  enum JSONPlace { case end, beforeOptions, nowhere }

  /// Takes that word away; false when there is none.
  static func takeJSON(_ words: inout ArraySlice<String>, also place: JSONPlace) -> Bool {
    let taken = words.indices.filter { index in
      guard words[index] == jsonWord else { return false }
      let next = words.index(after: index)
      if index == words.startIndex { return true }
      switch place {
      case .end: return next == words.endIndex
      case .beforeOptions: return next < words.endIndex && words[next].hasPrefix("--")
      case .nowhere: return false
      }
    }
    for index in taken.reversed() { words.remove(at: index) }
    return !taken.isEmpty
  }

  /// - Parameters:
  ///   - words: Without the verb.
  ///   - isText: Whether no word is an option's name.
  init(_ words: ArraySlice<String>, usage: String, isText: Bool = false) throws(DeskCommand.Mistake) {
    self.usage = usage
    var rest = words
    let first = isText ? rest.endIndex : rest.firstIndex { $0.hasPrefix("--") } ?? rest.endIndex
    places = Array(rest[..<first])
    rest = rest[first...]
    while let name = rest.popFirst() {
      let end = rest.firstIndex { $0.hasPrefix("--") } ?? rest.endIndex
      guard !options.contains(where: { $0.name == name }) else {
        throw mistake("\(TextSafety.escaped(name)) is given twice.")
      }
      options.append((name, rest[..<end].joined(separator: " ")))
      rest = rest[end...]
    }
  }

  func mistake(_ line: String) -> DeskCommand.Mistake { DeskCommand.Mistake(line: "\(line) Use: \(usage)") }

  /// Takes the next word that belongs to no option.
  mutating func place() -> String? { places.isEmpty ? nil : places.removeFirst() }

  /// Takes all of them as one text.
  mutating func text(_ what: String) throws(DeskCommand.Mistake) -> String {
    defer { places = [] }
    return try checked(places.joined(separator: " "), what)
  }

  mutating func session() throws(DeskCommand.Mistake) -> SessionID {
    guard let word = place(), let id = SessionID(word) else { throw mistake("Which session? See: list.") }
    return id
  }

  mutating func caseID() throws(DeskCommand.Mistake) -> CaseID {
    guard let word = place(), let id = CaseID(word) else { throw mistake("Which case? See: case list.") }
    return id
  }

  mutating func target() throws(DeskCommand.Mistake) -> DeskTarget {
    let word = place() ?? ""
    if let id = SessionID(word) { return .session(id) }
    if let id = CaseID(word) { return .caseID(id) }
    throw mistake("Which session or case? See: list, case list.")
  }

  /// Takes an option that has no value.
  mutating func flag(_ name: String) throws(DeskCommand.Mistake) -> Bool {
    guard let value = take(name) else { return false }
    guard value.isEmpty else { throw mistake("\(name) takes nothing.") }
    return true
  }

  /// Takes an option's text; nil when it is not given.
  mutating func optional(_ name: String) throws(DeskCommand.Mistake) -> String? {
    guard let value = take(name) else { return nil }
    return try checked(value, name)
  }

  mutating func required(_ name: String) throws(DeskCommand.Mistake) -> String {
    guard let value = try optional(name) else { throw mistake("\(name) is missing.") }
    return value
  }

  mutating func name(_ option: String) throws(DeskCommand.Mistake) -> Name? {
    guard let text = take(option) else { return nil }
    guard let name = Name(text) else { throw mistake("\(option) takes a customer number such as acme.") }
    return name
  }

  /// Everything has to have been taken.
  func finish() throws(DeskCommand.Mistake) {
    if let option = options.first {
      throw mistake("\"\(TextSafety.escaped(option.name))\" is not known here; a text with such words needs quotes.")
    }
    if let place = places.first { throw mistake("\"\(TextSafety.escaped(place))\" is one word too many.") }
  }

  private mutating func take(_ name: String) -> String? {
    guard let index = options.firstIndex(where: { $0.name == name }) else { return nil }
    return options.remove(at: index).value
  }

  private func checked(_ text: String, _ what: String) throws(DeskCommand.Mistake) -> String {
    guard !text.isEmpty else { throw mistake("\(what) needs a text.") }
    guard text.count <= Self.maximumTextLength, TextSafety.problem(inShownText: text) == nil, !text.contains("\n")
    else { throw mistake("\(what) must be one line of plain text, at most \(Self.maximumTextLength) characters.") }
    return text
  }

  /// Words, with single or double quotes around those with spaces. A lone quote is a letter: `--note it's done` arrives
  /// without the quotes the technician's own shell took away.
  static func split(_ text: String) -> [String] {
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
