import FileSystem
import Glibc
import Testing

@Suite("Directories") struct DirectoryTests {
  let scratch: Scratch
  let root: RootDirectory

  init() throws {
    scratch = try Scratch()
    root = try RootDirectory(path: scratch.path)
  }

  private func all(_ path: String, limit: Int = 100) throws -> [DirectoryEntry] {
    let listing = try root.openDirectory(path.bytes)
    var found: [DirectoryEntry] = []
    while case let entries = try listing.next(limit: limit), !entries.isEmpty {
      #expect(entries.count <= limit)
      found += entries
    }
    #expect(try listing.next(limit: limit).isEmpty)
    return found
  }

  @Test("10,000 entries, each once, in readdir's order, in less than a second", arguments: [7, 100])
  func many(_ limit: Int) throws {
    let directory = try scratch.directory("many")
    for index in 0..<10_000 { close(unsafe open("\(directory)/file-\(index)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)) }
    let began = ContinuousClock.now
    let found = try all("many", limit: limit)
    let took = ContinuousClock.now - began
    #expect(found.map(\.name) == names(in: directory))
    #expect(Set(found.map(\.name)).count == 10_002)
    #expect(found.allSatisfy { $0.name.first == 46 || $0.status.kind == .regular })
    #expect(took < .seconds(1))
  }

  @Test("names of any bytes arrive as they are, with their own status and not their target's")
  func names_() throws {
    var expected: Set<[UInt8]> = [
      "new\nline".bytes, [0xFF, 0xFE], [0x1B, 0x5B, 0x32, 0x4A], [UInt8](repeating: 0x6E, count: 255),
    ]
    for name in expected { _ = try root.open(name, flags: [.write, .create]) }
    try scratch.link("link", to: "/nowhere")
    _ = try scratch.directory("d")
    expected.formUnion([[46], [46, 46], "link".bytes, "d".bytes])
    let found = try all("/")
    #expect(Set(found.map(\.name)) == expected)
    #expect(found.first { $0.name == "link".bytes }?.status.kind == .symbolicLink)
    #expect(found.first { $0.name == "d".bytes }?.status.kind == .directory)
    for entry in found where entry.name.first != 46 {
      #expect(entry.status == (try root.status(entry.name, followLinks: false)))
    }
  }

  @Test("what goes while it is listed is left out; a directory that is gone has ended")
  func vanishing() throws {
    let directory = try scratch.directory("d")
    for index in 0..<500 { close(unsafe open("\(directory)/\(index)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)) }
    let listing = try root.openDirectory("d".bytes)
    let first = try listing.next(limit: 10)
    #expect(first.count == 10)
    removeTree(directory)
    #expect(try listing.next(limit: 1024).allSatisfy { $0.name == [46] || $0.name == [46, 46] })
    #expect(try listing.next(limit: 1024).isEmpty)
  }

  @Test("threads that share a listing get each entry once")
  func shared() async throws {
    let directory = try scratch.directory("d")
    for index in 0..<2000 { close(unsafe open("\(directory)/\(index)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)) }
    let listing = try root.openDirectory("d".bytes)
    let found = await withTaskGroup(of: [[UInt8]].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var mine: [[UInt8]] = []
          while let entries = try? listing.next(limit: 3), !entries.isEmpty { mine += entries.map(\.name) }
          return mine
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(found.count == 2002)
    #expect(Set(found).count == 2002)
    try listing.close()
    #expect(outcome { () throws(FileError) in _ = try listing.next(limit: 1) } == EBADF)
    #expect(outcome { () throws(FileError) in try listing.close() } == EBADF)
  }

  @Test("opening what is no directory fails as opendir does")
  func wrong() throws {
    try scratch.file("f")
    _ = unsafe mkfifo(scratch.path + "/p", 0o644)
    try scratch.link("loop", to: "loop")
    for (path, number) in [("f", ENOTDIR), ("p", ENOTDIR), ("x", ENOENT), ("loop", ELOOP), ("", ENOENT)] {
      #expect(outcome { () throws(FileError) in _ = try root.openDirectory(path.bytes) } == number, "\(path)")
    }
  }
}
