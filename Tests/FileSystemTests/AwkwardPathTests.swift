import FileSystem
import Glibc
import Testing

/// Twin trees: the plain call works on one, this room on the other. Both must give the same errno and leave the same tree.
@Suite("Awkward paths") struct AwkwardPathTests {
  /// One call, plain and ours, on a path in a tree.
  struct Call: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Of the tree's descriptor and the path with NUL; 0 or -1 with errno.
    let plain: @Sendable (CInt, [CChar]) -> CInt
    let ours: @Sendable (RootDirectory, [UInt8]) throws(FileError) -> Void
  }

  static let calls: [Call] = [
    Call(testDescription: "stat") {
      var status = stat()
      return unsafe fstatat($0, $1, &status, 0)
    } ours: { (root, path) throws(FileError) in
      _ = try root.status(path, followLinks: true)
    },
    Call(testDescription: "lstat") {
      var status = stat()
      return unsafe fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW)
    } ours: { (root, path) throws(FileError) in
      _ = try root.status(path, followLinks: false)
    },
    Call(testDescription: "chmod", plain: { unsafe fchmodat($0, $1, 0o751, 0) }) { (root, path) throws(FileError) in
      try root.setMode(path, 0o751, followLinks: true)
    },
    Call(testDescription: "lchmod", plain: { unsafe fchmodat($0, $1, 0o751, AT_SYMLINK_NOFOLLOW) }) {
      (root, path) throws(FileError) in try root.setMode(path, 0o751, followLinks: false)
    },
    Call(testDescription: "chown", plain: { unsafe fchownat($0, $1, 4321, 1234, 0) }) {
      (root, path) throws(FileError) in
      try root.setOwner(path, userID: 4321, groupID: 1234, followLinks: true)
    },
    Call(testDescription: "lchown", plain: { unsafe fchownat($0, $1, 4321, 1234, AT_SYMLINK_NOFOLLOW) }) {
      (root, path) throws(FileError) in try root.setOwner(path, userID: 4321, groupID: 1234, followLinks: false)
    },
    Call(testDescription: "utimes") {
      let times = [timespec(tv_sec: 86400, tv_nsec: 0), timespec(tv_sec: 172_800, tv_nsec: 0)]
      return unsafe utimensat($0, $1, times, 0)
    } ours: { (root, path) throws(FileError) in
      try root.setTimes(path, accessedSeconds: 86400, modifiedSeconds: 172_800, followLinks: true)
    },
    Call(testDescription: "lutimes") {
      let times = [timespec(tv_sec: 86400, tv_nsec: 0), timespec(tv_sec: 172_800, tv_nsec: 0)]
      return unsafe utimensat($0, $1, times, AT_SYMLINK_NOFOLLOW)
    } ours: { (root, path) throws(FileError) in
      try root.setTimes(path, accessedSeconds: 86400, modifiedSeconds: 172_800, followLinks: false)
    },
    Call(testDescription: "unlink", plain: { unsafe unlinkat($0, $1, 0) }) { (root, path) throws(FileError) in
      try root.remove(path)
    },
    Call(testDescription: "rmdir", plain: { unsafe unlinkat($0, $1, AT_REMOVEDIR) }) { (root, path) throws(FileError) in
      try root.removeDirectory(path)
    },
    Call(testDescription: "mkdir", plain: { unsafe mkdirat($0, $1, 0o1770) }) { (root, path) throws(FileError) in
      try root.makeDirectory(path, mode: 0o1770)
    },
    Call(testDescription: "rename from", plain: { unsafe renameat($0, $1, $0, "fresh") }) {
      (root, path) throws(FileError) in try root.rename(path, to: "fresh".bytes)
    },
    Call(testDescription: "rename file to", plain: { unsafe renameat($0, "d/g", $0, $1) }) {
      (root, path) throws(FileError) in try root.rename("d/g".bytes, to: path)
    },
    Call(testDescription: "rename directory to", plain: { unsafe renameat($0, "e", $0, $1) }) {
      (root, path) throws(FileError) in try root.rename("e".bytes, to: path)
    },
    Call(testDescription: "rename missing to", plain: { unsafe renameat($0, "missing", $0, $1) }) {
      (root, path) throws(FileError) in try root.rename("missing".bytes, to: path)
    },
    Call(testDescription: "link from", plain: { unsafe linkat($0, $1, $0, "fresh", 0) }) {
      (root, path) throws(FileError) in try root.link(path, to: "fresh".bytes)
    },
    Call(testDescription: "link to", plain: { unsafe linkat($0, "f", $0, $1, 0) }) { (root, path) throws(FileError) in
      try root.link("f".bytes, to: path)
    },
    Call(testDescription: "link to nowhere", plain: { unsafe linkat($0, $1, $0, "f/x", 0) }) {
      (root, path) throws(FileError) in try root.link(path, to: "f/x".bytes)
    },
    Call(testDescription: "symlink", plain: { unsafe symlinkat("to", $0, $1) }) { (root, path) throws(FileError) in
      try root.symlink(target: "to".bytes, at: path)
    },
    Call(testDescription: "symlink to this") {
      unsafe symlinkat($1, $0, "fresh")
    } ours: {
      (root, path) throws(FileError) in
      try root.symlink(target: path, at: "fresh".bytes)
    },
    Call(testDescription: "readlink") {
      var target = [CChar](repeating: 0, count: 4096)
      return unsafe readlinkat($0, $1, &target, target.count) < 0 ? -1 : 0
    } ours: { (root, path) throws(FileError) in
      _ = try root.readLink(path)
    },
    open("open to read", O_RDONLY, .read),
    open("open to write", O_WRONLY, .write),
    open("open to read and write", O_RDWR, [.read, .write]),
    open("create", O_WRONLY | O_CREAT, [.write, .create]),
    open("create anew", O_WRONLY | O_CREAT | O_EXCL, [.write, .create, .exclusive]),
    open("truncate", O_WRONLY | O_CREAT | O_TRUNC, [.write, .create, .truncate]),
    open("append", O_RDWR | O_APPEND, [.read, .write, .append]),
    Call(testDescription: "opendir") {
      let opened = unsafe openat($0, $1, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      return opened < 0 ? -1 : close(opened)
    } ours: { (root, path) throws(FileError) in
      _ = try root.openDirectory(path)
    },
    Call(testDescription: "truncate(2)") {
      plainByDescriptorPath($0, $1) { unsafe truncate($0, 3) }
    } ours: {
      (root, path) throws(FileError) in
      try root.setSize(path, bytes: 3)
    },
    Call(testDescription: "truncate(2) to a size no file has") {
      plainByDescriptorPath($0, $1) { unsafe truncate($0, -1) }
    } ours: { (root, path) throws(FileError) in
      try root.setSize(path, bytes: UInt64.max)
    },
    Call(testDescription: "statvfs") {
      plainByDescriptorPath($0, $1) {
        var volume = statvfs()
        return unsafe statvfs($0, &volume)
      }
    } ours: { (root, path) throws(FileError) in
      _ = try root.volume(path)
    },
  ]

  private static func open(_ name: String, _ plain: CInt, _ flags: OpenFlags) -> Call {
    Call(testDescription: name) {
      let opened = unsafe openat($0, $1, plain | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0o640)
      return opened < 0 ? -1 : close(opened)
    } ours: { (root, path) throws(FileError) in
      _ = try root.open(path, flags: flags, mode: 0o640)
    }
  }

  /// For calls without an at-form: the same path, absolute. What is too long stays too long.
  private static func plainByDescriptorPath(_ tree: CInt, _ path: [CChar], _ call: ([CChar]) -> CInt) -> CInt {
    if path.first == 0 || path.first == 47 || path.count > 4000 { return call(path) }
    return call((linkTarget("/proc/self/fd/\(tree)") + "/".bytes).map { CChar(bitPattern: $0) } + path)
  }

  static let paths: [[UInt8]] = {
    let long = String(repeating: "n", count: 255)
    var paths = [
      "f", "f/", "f/.", "f/..", "f/x", "f//", "d", "d/", "d/.", "d/..", "d//", "d///", "d/./g", "d/../f", "d/g", "d/g/",
      "d/g/..", "e", "e/", "e/.", "e/..", "l", "l/", "l/x", "ld", "ld/", "ld/.", "ld/..", "ld/g", "ld/new", "ld/new/",
      "la",
      "la/", "lda/g", "lda/..", "ls", "ls/", "ls/g", "lup", "lup/", "lup/t/f", "lup/t/..", "dang", "dang/", "dang/x",
      "dang/.",
      "loop", "loop/", "loop/x", "loop/..", "pair1", "pair1/x", "c38", "c39", "c40", "c41", "c39/x", "missing",
      "missing/",
      "missing//", "missing/.", "missing/..", "missing/x", "missing/x/", "", ".", "./", "./.", "..", "../", "../t",
      "../t/f",
      "../t/../t/d/g", "p", "p/", "p/x", "new\nline", "a b", "\\", "*", long, long + "n", long + "n/x", long + "/x",
      "d/" + long,
      "d/" + long + "n", "d/" + long + "n/", "missing/" + long + "n", "f/" + long + "n",
      String(repeating: "x", count: 100_000),
      String(repeating: "x/", count: 2000), String(repeating: "./", count: 1900) + "f",
      String(repeating: "./", count: 2048),
      String(repeating: "d/../", count: 700) + "d/g", "/dev/null/x", "/proc/nothing",
    ].map(\.bytes)
    paths += [[0xFF, 0xFE, 0x80], [0x64, 0x2F, 0xC3], [0x1B, 0x5B, 0x32, 0x4A]]
    return paths
  }()

  /// A tree at `scratch/NAME/t`, each time the same.
  static func tree(_ scratch: Scratch, _ name: String) throws -> String {
    _ = try scratch.directory(name)
    let top = try scratch.directory("\(name)/t")
    _ = try scratch.directory("\(name)/t/d")
    _ = try scratch.directory("\(name)/t/e")
    try scratch.file("\(name)/t/f", "hello")
    try scratch.file("\(name)/t/d/g", "inner")
    let links = [
      ("l", "f"), ("ld", "d"), ("la", top + "/f"), ("lda", top + "/d"), ("ls", "d/"), ("lup", ".."),
      ("dang", "nowhere"),
      ("loop", "loop"), ("pair1", "pair2"), ("pair2", "pair1"), ("c0", "f"),
    ]
    for (link, target) in links { try scratch.link("\(name)/t/\(link)", to: target) }
    for index in 1...41 { try scratch.link("\(name)/t/c\(index)", to: "c\(index - 1)") }
    _ = unsafe mkfifo(top + "/p", 0o644)
    return top
  }

  /// Both trees and what they look like, made anew only after a change.
  private struct Twins {
    let scratch: Scratch
    private(set) var plainTop = ""
    private(set) var ourTop = ""
    private var fresh: [String] = []

    init() throws {
      scratch = try Scratch()
      try renew()
    }

    mutating func renew() throws {
      removeTree("\(scratch.path)/plain")
      removeTree("\(scratch.path)/ours")
      plainTop = try AwkwardPathTests.tree(scratch, "plain")
      ourTop = try AwkwardPathTests.tree(scratch, "ours")
      fresh = digest("\(scratch.path)/ours")
    }

    /// Whether both look alike; renews them when they do not look as at first.
    mutating func areAlike() throws -> Bool {
      let plain = digest("\(scratch.path)/plain")
      let ours = digest("\(scratch.path)/ours")
      if ours != fresh || plain != fresh { try renew() }
      return plain == ours
    }
  }

  @Test("errno and effect are those of the plain call", arguments: calls)
  func sameAsPlain(_ call: Call) throws {
    try compare(call, Self.paths) { try RootDirectory(path: "/", workingDirectory: $0.bytes) }
  }

  @Test("the same within a confined root, for paths that stay inside", arguments: calls)
  func sameWhenConfined(_ call: Call) throws {
    // What names places of the machine leads elsewhere, of course.
    let elsewhere: Set = ["la", "la/", "lda/g", "lda/.."]
    let paths = Self.paths.filter { $0.first != 47 && !elsewhere.contains(String(decoding: $0, as: UTF8.self)) }
    try compare(call, paths) { top in
      try RootDirectory(path: String(top.dropLast(2)), workingDirectory: "/t".bytes)
    }
  }

  private func compare(_ call: Call, _ paths: [[UInt8]], root: (String) throws -> RootDirectory) throws {
    var twins = try Twins()
    for path in paths {
      let plainTree = directoryDescriptor(twins.plainTop)
      let expected = call.plain(plainTree, path.map { CChar(bitPattern: $0) } + [0]) == 0 ? 0 : errno
      close(plainTree)
      let root = try root(twins.ourTop)
      let found = outcome { () throws(FileError) in try call.ours(root, path) }
      let shown = String(decoding: path.prefix(60), as: UTF8.self)
      #expect(
        FileError(number: found).text == FileError(number: expected).text, "\(call.testDescription) of '\(shown)'")
      #expect(try twins.areAlike(), "after \(call.testDescription) of '\(shown)'")
    }
  }

  @Test(
    "the root itself can be neither removed, made, renamed nor replaced", arguments: ["/", "//", "/.", "/..", "/../.."])
  func rootStays(_ path: String) throws {
    let scratch = try Scratch()
    let top = try Self.tree(scratch, "ours")
    let whole = try RootDirectory(path: "/", workingDirectory: top.bytes)
    let confined = try RootDirectory(path: top)
    for root in [whole, confined] {
      #expect(outcome { () throws(FileError) in try root.remove(path.bytes) } == (unsafe unlink(path) == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.removeDirectory(path.bytes) }
          == (unsafe rmdir(path) == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.makeDirectory(path.bytes) }
          == (unsafe mkdir(path, 0) == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.rename(path.bytes, to: "x".bytes) }
          == (unsafe rename(path, top + "/x") == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.rename("f".bytes, to: path.bytes) }
          == (unsafe rename(top + "/f", path) == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.link("f".bytes, to: path.bytes) }
          == (unsafe link(top + "/f", path) == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.link(path.bytes, to: "x".bytes) }
          == (unsafe link(path, top + "/x") == 0 ? 0 : errno))
      #expect(
        outcome { () throws(FileError) in try root.symlink(target: "x".bytes, at: path.bytes) }
          == (unsafe symlink("x", path) == 0 ? 0 : errno))
      #expect(try root.status(path.bytes, followLinks: false).kind == .directory)
      #expect(try root.realPath(path.bytes) == "/".bytes)
    }
  }

  @Test("a NUL inside is refused by every call", arguments: calls)
  func noNUL(_ call: Call) throws {
    let scratch = try Scratch()
    let top = try Self.tree(scratch, "ours")
    let before = digest(top)
    let root = try RootDirectory(path: top)
    for path in [[0x66, 0], [0], [0x66, 0, 0x78], [0, 0x66]] as [[UInt8]] {
      let refused = outcome { () throws(FileError) in try call.ours(root, path) }
      #expect(refused == EINVAL, "\(path)")
    }
    #expect(digest(top) == before)
    #expect(outcome { () throws(FileError) in _ = try root.realPath([0x66, 0, 0x67]) } == EINVAL)
  }

  @Test("the longest path is 4,095 bytes, absolute, in every call", arguments: calls)
  func longestPath(_ call: Call) throws {
    let scratch = try Scratch()
    for surplus in [0, 1] {
      let plainTop = try Self.tree(scratch, "plain")
      let ourTop = try Self.tree(scratch, "ours")
      func path(_ top: String) -> [UInt8] {
        let wanted = 4095 + surplus - top.utf8.count - 1
        return (top + String(repeating: "/", count: wanted) + "f").bytes
      }
      #expect(path(ourTop).count == 4095 + surplus)
      let tree = directoryDescriptor(plainTop)
      defer { close(tree) }
      let expected = call.plain(tree, path(plainTop).map { CChar(bitPattern: $0) } + [0]) == 0 ? 0 : errno
      let root = try RootDirectory(path: "/", workingDirectory: ourTop.bytes)
      let found = outcome { () throws(FileError) in try call.ours(root, path(ourTop)) }
      #expect(FileError(number: found).text == FileError(number: expected).text)
      removeTree("\(scratch.path)/plain")
      removeTree("\(scratch.path)/ours")
    }
  }
}
