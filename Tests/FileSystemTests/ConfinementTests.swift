import FileSystem
import Glibc
import NIOCore
import TestSupport
import Testing

/// A root that is a directory somewhere: nothing outside is read, changed or named.
@Suite("Confinement") struct ConfinementTests {
  /// `scratch/root`, the jail, and `scratch/outside`, which must stay as it is.
  struct Jail {
    let scratch: Scratch
    let root: RootDirectory
    var rootPath: String { scratch.path + "/root" }
    var outside: String { scratch.path + "/outside" }

    init() throws {
      scratch = try Scratch()
      _ = try scratch.directory("root")
      _ = try scratch.directory("outside")
      _ = try scratch.directory("outside/sub")
      try scratch.file("outside/f", "secret", mode: 0o600)
      try scratch.file("outside/sub/f", "secret", mode: 0o600)
      _ = try scratch.directory("root/d")
      try scratch.file("root/f", "inside")
      try scratch.file("root/d/f", "inside")
      root = try RootDirectory(path: scratch.path + "/root")
      // These tests take and destroy what they reach. Were the root not confined at all, that would be the machine's own files:
      // so nothing is tried before a look has shown where "/" and ".." lead.
      var top = stat()
      guard unsafe lstat(scratch.path + "/root", &top) == 0 else { throw FileError(number: errno) }
      for path in ["/", "/..", "/d/../..", "/../../.."] {
        try #require(
          try root.status(path.bytes, followLinks: true).inode == UInt64(top.st_ino), "\(path) is not the root")
      }
      try scratch.link("root/probe", to: scratch.path + "/outside")
      try #require((try? root.status("/probe".bytes, followLinks: true)) == nil, "an absolute link leads out")
      try root.remove("/probe".bytes)
    }
  }

  /// Every way to reach for something at `path`. Each may fail; none may reach outside.
  static func tryEverything(_ root: RootDirectory, _ path: [UInt8], _ pick: Int) -> [UInt8] {
    var seen: [UInt8] = []
    do throws(FileError) {
      switch pick % 20 {
      case 0:
        var buffer = ByteBuffer()
        _ = try root.open(path, flags: .read).read(at: 0, into: &buffer, bytes: 100)
        seen = Array(buffer.readableBytesView)
      case 1: _ = try root.open(path, flags: [.write]).write(ByteBuffer(string: "attack"), at: 0)
      case 2: _ = try root.open(path, flags: [.write, .create, .truncate])
      case 3: try root.setMode(path, 0o777, followLinks: true)
      case 4: try root.setMode(path, 0o777, followLinks: false)
      case 5: try root.setOwner(path, userID: 1, groupID: 1, followLinks: true)
      case 6: try root.setOwner(path, userID: 1, groupID: 1, followLinks: false)
      case 7: try root.setTimes(path, accessedSeconds: 1, modifiedSeconds: 1, followLinks: true)
      case 8: try root.setSize(path, bytes: 1)
      case 9: try root.remove(path)
      case 10: try root.removeDirectory(path)
      case 11: try root.makeDirectory(path)
      case 12: try root.rename(path, to: "/taken".bytes)
      case 13: try root.rename("/f".bytes, to: path)
      case 14:
        try root.link(path, to: "/linked".bytes)
        var buffer = ByteBuffer()
        _ = try root.open("/linked".bytes, flags: .read).read(at: 0, into: &buffer, bytes: 100)
        seen = Array(buffer.readableBytesView)
      case 15: try root.link("/f".bytes, to: path)
      case 16: try root.symlink(target: "x".bytes, at: path)
      case 17: seen = try root.openDirectory(path).next(limit: 100).flatMap(\.name)
      case 18: seen = try root.status(path, followLinks: true).sizeBytes == 6_000_000 ? "secret".bytes : []
      default: seen = try root.realPath(path)
      }
    } catch {}
    return seen
  }

  static let escapes = [
    "/../outside/f", "../outside/f", "/abs/f", "/abs", "/rel/f", "/rel", "/rel/../f",
    "/d/../../outside/f", "/absf", "/relf", "/absf/", "/relf/", "/chain/f", "/chain", "/abs/sub/../f", "/up/outside/f",
    "/up",
    "/up/../outside/f", "/rel/", "/abs/", "/chain/", "/up/", "/abs/.", "/rel/..", "/rel/sub", "/dangling", "/dangling/",
  ]

  @Test("no link and no .. leads out, in any call", arguments: escapes)
  func noWayOut(_ path: String) throws {
    for pick in 0..<20 {
      let jail = try Jail()
      for (name, target) in [
        ("abs", jail.outside), ("rel", "../outside"), ("absf", jail.outside + "/f"), ("relf", "../outside/f"),
        ("chain", "rel2"), ("rel2", "d/../rel"), ("up", ".."), ("dangling", "../outside/made"),
      ] { try jail.scratch.link("root/\(name)", to: target) }
      let before = digest(jail.outside)
      let seen = Self.tryEverything(jail.root, path.bytes, pick)
      #expect(digest(jail.outside) == before, "call \(pick) on \(path)")
      #expect(contents(jail.outside + "/f") == "secret")
      #expect(!String(decoding: seen, as: UTF8.self).contains("secret"), "call \(pick) on \(path)")
      #expect(!String(decoding: seen, as: UTF8.self).contains(jail.scratch.path), "call \(pick) on \(path)")
    }
  }

  @Test("magic links of /proc lead nowhere from a confined root, and as ever from the machine's")
  func magicLinks() throws {
    let scratch = try Scratch()
    let held = try scratch.file("held", "text")
    let descriptor = unsafe open(held, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let magic = "/proc/self/fd/\(descriptor)"
    let whole = try RootDirectory(path: "/")
    #expect(whole.isWholeMachine)
    #expect(try whole.status(magic.bytes, followLinks: true).sizeBytes == 4)
    #expect(try whole.open("/proc/self/exe".bytes, flags: .read).kind == .regular)
    let confined = try RootDirectory(path: "/proc")
    #expect(!confined.isWholeMachine)
    let refused = outcome { () throws(FileError) in
      _ = try confined.status(String(magic.dropFirst(5)).bytes, followLinks: true)
    }
    #expect(refused == EXDEV)
    #expect(try confined.readLink(String(magic.dropFirst(5)).bytes) == held.bytes)
  }

  @Test("a directory that turns into a link out and back while calls are under way lets nothing out")
  func race() throws {
    let jail = try Jail()
    try jail.scratch.link("root/evil", to: "../outside")
    try jail.scratch.link("root/evilabs", to: jail.outside)
    let before = digest(jail.outside)
    let random = SeededGenerator()
    let signals = Signals()
    let attacker = OwnThread {
      // /d is a directory, a relative link, an absolute link, in turn, each time by an atomic exchange.
      var random = SeededGenerator(seed: random.seed &+ 1)
      let names = ["d", "evil", "evilabs"].map { jail.rootPath + "/" + $0 }
      while !signals.isDone {
        exchange(names[0], names[Int.random(in: 1...2, using: &random)])
        signals.step()
      }
    }
    func attacked() -> [String] {
      var random = random
      var leaks: [String] = []
      let paths = [
        "/d/f", "/d", "/d/", "/d/sub", "/d/sub/f", "/d/new", "/d/../outside/f", "/d/sub/../f", "/d/../d/f",
      ]
      for round in 0..<3000 {
        let path = paths[Int.random(in: 0..<paths.count, using: &random)]
        let pick = Int.random(in: 0..<20, using: &random)
        let seen = String(decoding: Self.tryEverything(jail.root, path.bytes, pick), as: UTF8.self)
        if seen.contains("secret") || seen.contains(jail.scratch.path) {
          leaks.append("round \(round): \(pick) of \(path)")
        }
        // Removed and renamed things come back, so that there is always something to take.
        if round % 16 == 0 {
          _ = unsafe mkdir(jail.rootPath + "/d", 0o755)
          _ = unsafe symlink("../outside", jail.rootPath + "/evil")
          _ = unsafe symlink(jail.outside, jail.rootPath + "/evilabs")
          let kept = try? jail.root.open("/f".bytes, flags: [.write, .create, .truncate])
          _ = try? kept?.write(ByteBuffer(string: "inside"), at: 0)
          for name in ["taken", "linked"] { removeTree(jail.rootPath + "/" + name) }
          _ = unsafe unlink(jail.rootPath + "/linked")
          _ = unsafe unlink(jail.rootPath + "/taken")
        }
      }
      return leaks
    }
    let leaks = attacked()
    signals.finish()
    attacker.join()
    #expect(leaks.isEmpty, "FIXLINE_SEED=\(random.seed)")
    #expect(digest(jail.outside) == before, "FIXLINE_SEED=\(random.seed)")
    #expect(contents(jail.outside + "/f") == "secret", "FIXLINE_SEED=\(random.seed)")
    #expect(signals.count > 100)
  }

  @Test("paths that climb survive renames elsewhere: EAGAIN is not seen")
  func climbingWhileRenaming() throws {
    let jail = try Jail()
    _ = try jail.scratch.directory("root/d/e")
    let signals = Signals()
    let renamer = OwnThread {
      let (one, other) = (jail.scratch.path + "/one", jail.scratch.path + "/other")
      _ = unsafe mkdir(one, 0o755)
      while !signals.isDone {
        _ = unsafe rename(one, other)
        _ = unsafe rename(other, one)
      }
    }
    var failures: Set<Int32> = []
    for _ in 0..<8000 {
      failures.insert(
        outcome { () throws(FileError) in _ = try jail.root.status("/d/e/../e/../f".bytes, followLinks: true) })
    }
    signals.finish()
    renamer.join()
    #expect(failures == [0])
  }

  @Test("events name places as the machine knows them")
  func machinePaths() throws {
    let jail = try Jail()
    try jail.scratch.link("root/ld", to: "d")
    let file = try jail.root.open("/ld/f".bytes, flags: .read)
    #expect(file.machinePath() == (jail.rootPath + "/d/f").bytes)
    #expect(jail.root.machinePath(ofEntry: "/ld/f".bytes) == (jail.rootPath + "/d/f").bytes)
    #expect(jail.root.machinePath(ofEntry: "ld/new/".bytes) == (jail.rootPath + "/d/new").bytes)
    #expect(jail.root.machinePath(ofEntry: "/missing/new".bytes) == nil)
    #expect(jail.root.machinePath(ofEntry: "/../../f".bytes) == (jail.rootPath + "/f").bytes)
    #expect(try jail.root.openDirectory("/ld".bytes).machinePath() == (jail.rootPath + "/d").bytes)
    #expect(try RootDirectory(path: "/").machinePath(ofEntry: "/".bytes) == "/".bytes)
    try jail.root.remove("/d/f".bytes)
    #expect(file.machinePath() == (jail.rootPath + "/d/f (deleted)").bytes)
    #expect(jail.root.absolute("x/../y".bytes) == "/x/../y".bytes)
    #expect(try RootDirectory(path: "/", workingDirectory: "/root".bytes).absolute("x".bytes) == "/root/x".bytes)
  }

  @Test("a root must be a directory that exists")
  func wrongRoots() throws {
    #expect(outcome { () throws(FileError) in _ = try RootDirectory(path: "/nowhere/at/all") } == ENOENT)
    #expect(outcome { () throws(FileError) in _ = try RootDirectory(path: "/etc/passwd") } == ENOTDIR)
    #expect(outcome { () throws(FileError) in _ = try RootDirectory(path: "") } == ENOENT)
    #expect(
      outcome { () throws(FileError) in _ = try RootDirectory(path: "/", workingDirectory: "home".bytes) } == EINVAL)
  }
}
