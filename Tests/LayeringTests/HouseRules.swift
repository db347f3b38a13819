/// A broken rule: where and why. Its text is what a failing test prints.
struct Violation: CustomStringConvertible, Equatable {
  let path: String
  let line: Int
  let why: String
  var description: String { "\(path):\(line): \(why)" }
}

/// The rules that look at one file's lines.
enum HouseRules {
  /// Longest file under Sources, in lines.
  static let longestSource = 400
  /// Longest file under Tests, in lines.
  static let longestTest = 600

  // Written in two halves, so that this file does not break the rules it states.
  private static let leftOpen = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
  private static let sleeping = ["Thread" + ".sleep", "usleep" + "(", "nanosleep" + "(", "Task" + ".sleep"]

  /// One import: the module, and the symbol when it is a scoped one.
  struct Import: Equatable {
    let module: String
    let symbol: String?
    let line: Int
  }

  /// Every import of a file.
  static func imports(of file: SourceFile) -> [Import] {
    file.code.enumerated().flatMap { index, code in
      code.split(separator: ";").compactMap { statement -> Import? in
        let words = statement.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { return nil }
        let modifiers = words[..<keyword]
        let accessLevels: Set = ["public", "package", "internal", "private", "fileprivate"]
        guard modifiers.allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) }) else { return nil }
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let scoped = kinds.contains(words[keyword + 1])
        guard let path = words.dropFirst(keyword + (scoped ? 2 : 1)).first else { return nil }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        return Import(module: parts[0], symbol: scoped && parts.count == 2 ? parts[1] : nil, line: index + 1)
      }
    }
  }

  /// Imports that the table does not allow.
  static func layering(_ file: SourceFile) -> [Violation] {
    guard let room = RoomTable.room(file.room) else {
      return [Violation(path: file.path, line: 1, why: "the room \(file.room) is not in LayeringTests/RoomTable.swift")]
    }
    return imports(of: file).compactMap { item in
      if room.imports.contains(item.module) || room.alwaysAllowed.contains(item.module) { return nil }
      if let symbol = item.symbol, room.imports.contains("\(item.module).\(symbol)") { return nil }
      let known = RoomTable.room(item.module) != nil || RoomTable.cBoundary.contains(item.module)
      let why =
        known
        ? "\(room.name) may not import \(item.module): imports point downward, and this one is not in the table"
        : "\(room.name) may not import \(item.module): a \(room.layer) room gets by without it"
      return Violation(path: file.path, line: item.line, why: why)
    }
  }

  /// `unsafe`, and what switches checking off, outside the places the table names.
  static func unsafeCode(_ file: SourceFile) -> [Violation] {
    let adapter = RoomTable.room(file.room)?.layer == .adapter
    let named = RoomTable.unsafeAllowed.contains {
      $0.place.hasSuffix("/") ? file.path.hasPrefix($0.place) : file.path == $0.place
    }
    let escapes: Set = ["unsafe", "@unsafe", "@safe"]
    var found: [Violation] = []
    for (index, code) in file.code.enumerated() {
      let unchecked = code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)")
      if unchecked {
        if !adapter {
          found.append(
            Violation(
              path: file.path, line: index + 1, why: "unchecked sharing outside the adapters: use a lock or a value"))
        } else if !file.commentBeside(index, contains: "Proof:") {
          found.append(
            Violation(
              path: file.path, line: index + 1,
              why: "unchecked sharing without its proof: write a comment `Proof: …` directly above"))
        }
      } else if !adapter, !named, words(of: code).contains(where: escapes.contains) {
        found.append(
          Violation(
            path: file.path, line: index + 1,
            why: "`unsafe` outside the adapters: move the call to one, or name this file and its reason in the table"))
      }
    }
    return found
  }

  /// Calls that end the process on what a peer, a user or a disk did.
  static func crashes(_ file: SourceFile) -> [Violation] {
    let banned: Set = ["fatalError", "precondition", "preconditionFailure", "assert", "assertionFailure"]
    var found: [Violation] = []
    for (index, code) in file.code.enumerated() {
      func report(_ what: String) {
        if what.hasPrefix("precondition"), RoomTable.mayStop.contains(where: { $0.place == file.path }) { return }
        found.append(
          Violation(path: file.path, line: index + 1, why: "\(what) can end the program: return or throw a typed error")
        )
      }
      for word in words(of: code) where banned.contains(word) { report(word) }
      if code.contains("try!") { report("try!") }
      if code.contains("as!") { report("as!") }
      if forceUnwraps(code) { report("a forced unwrap") }
    }
    return found
  }

  /// A `!` behind a value and not before `=`.
  private static func forceUnwraps(_ code: String) -> Bool {
    let bytes = Array(code.utf8)
    return bytes.indices.contains { index in
      guard bytes[index] == UInt8(ascii: "!"), index > 0 else { return false }
      if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "=") { return false }
      let keyword = code.utf8.prefix(index).suffix(4)
      if keyword.elementsEqual(" try".utf8) || keyword.suffix(3).elementsEqual(" as".utf8) { return false }
      switch bytes[index - 1] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "?"),
        UInt8(ascii: "\""), UInt8(ascii: "`"):
        return true
      default: return false
      }
    }
  }

  /// Files longer than a reader holds in mind.
  static func length(_ file: SourceFile) -> [Violation] {
    let limit = file.path.hasPrefix("Tests/") ? longestTest : longestSource
    guard file.lineCount > limit else { return [] }
    return [
      Violation(
        path: file.path, line: limit + 1, why: "\(file.lineCount) lines, \(limit) at most: which two files is it?")
    ]
  }

  /// Words that say the work is not done.
  static func leftOpen(_ file: SourceFile) -> [Violation] {
    file.lines.enumerated().flatMap { index, line in
      words(of: line).filter(leftOpen.contains).map {
        Violation(path: file.path, line: index + 1, why: "\($0): finish it, or write an issue")
      }
    }
  }

  /// Tests that wait for time to pass instead of for something to happen.
  static func sleeps(_ file: SourceFile) -> [Violation] {
    file.code.enumerated().flatMap { index, code in
      sleeping.filter(code.contains).map {
        Violation(path: file.path, line: index + 1, why: "\($0) in a test: wait for the condition instead")
      }
    }
  }

  /// Paths that exist on one machine only.
  static func machinePaths(_ file: SourceFile, places: [String]) -> [Violation] {
    file.lines.enumerated().flatMap { index, line in
      places.filter { line.contains($0) }.map {
        Violation(
          path: file.path, line: index + 1, why: "\($0) is a path of this machine: say it relative to the repository")
      }
    }
  }

  /// Identifiers with a leading `@` kept.
  private static func words(of text: some StringProtocol) -> [String] {
    text.utf8.split { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), 0x80...:
        false
      default: true
      }
    }.map { String(decoding: $0, as: UTF8.self) }
  }
}
