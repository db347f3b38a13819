/// The rules that look at the tree as a whole.
enum HouseShape {
  /// Target names in a manifest, by the helper that declares them, with the line.
  static func targets(inManifest manifest: String) -> [(name: String, line: Int)] {
    let makers = ["room", "program", ".target", ".systemLibrary"]
    // Names stand in literals, so this reads the text and not the code; a maker's name may stand on the next line.
    var found: [(name: String, line: Int)] = []
    var awaiting = false
    for (index, line) in manifest.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let text = line.drop { $0 == " " }
      let opens = makers.contains { text.hasPrefix($0 + "(") }
      guard opens || awaiting else { continue }
      let parts = text.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
      awaiting = parts.count < 3 && text.hasSuffix("(")
      let label = parts[0].trimmingSuffix { $0 == " " }
      guard parts.count == 3, label.isEmpty || label.hasSuffix("(") || label.hasSuffix("name:") else { continue }
      found.append((String(parts[1]), index + 1))
    }
    return found
  }

  /// Whether manifest, folders and table agree, and every Swift room that is not a program has its DocC front page.
  static func rooms(
    targets: [(name: String, line: Int)], folders: [String], exists: (String) -> Bool
  ) -> [Violation] {
    var found: [Violation] = []
    let declared = Set(targets.map(\.name))
    for (name, line) in targets {
      func report(_ why: String) { found.append(Violation(path: "Package.swift", line: line, why: why)) }
      if !folders.contains(name) { report("the target \(name) has no folder in Sources") }
      if RoomTable.cBoundary.contains(name) { continue }
      guard let room = RoomTable.room(name) else {
        report("the target \(name) is not in LayeringTests/RoomTable.swift")
        continue
      }
      if room.layer == .program { continue }
      if !exists("Sources/\(name)/\(name).docc/\(name).md") {
        report("\(name) has no front page: write Sources/\(name)/\(name).docc/\(name).md")
      }
      if !exists("Tests/\(name)Tests") { report("\(name) has no tests: make Tests/\(name)Tests") }
    }
    for folder in folders where !declared.contains(folder) {
      found.append(Violation(path: "Sources/\(folder)", line: 1, why: "a folder that is no target of Package.swift"))
    }
    return found
  }

  /// Names at the top that the design does not know.
  static func topLevel(of paths: [String]) -> [Violation] {
    let top = Set(paths.compactMap { $0.split(separator: "/").first.map(String.init) })
    return top.filter { !$0.hasPrefix(".") && !RoomTable.topLevel.contains($0) }.sorted().map {
      Violation(
        path: $0, line: 1, why: "the top level holds only " + RoomTable.topLevel.sorted().joined(separator: ", "))
    }
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}

/// Who imports whom, followed to the end.
struct Closure {
  private var imports: [String: [(module: String, path: String, line: Int)]] = [:]

  init(files: [SourceFile]) {
    for file in files {
      for item in HouseRules.imports(of: file) {
        imports[file.room, default: []].append((item.module, file.path, item.line))
      }
    }
  }

  /// Imports of heavy modules in any room that `program` links, with the way there.
  func heavyImports(reachedBy program: String) -> [Violation] {
    var found: [Violation] = []
    var seen: Set<String> = [program]
    var waiting: [(room: String, way: String)] = [(program, program)]
    while let (room, way) = waiting.popLast() {
      for item in imports[room] ?? [] {
        if RoomTable.heavyModules.contains(item.module) {
          let why = "\(item.module) would end up in \(program), by \(way): a static file of 60 MB instead of 15"
          found.append(Violation(path: item.path, line: item.line, why: why))
        } else if imports[item.module] != nil, seen.insert(item.module).inserted {
          waiting.append((item.module, "\(way) → \(item.module)"))
        }
      }
    }
    return found
  }
}
