import FileSystem
import Glibc
import NIOCore
import Testing

@Suite("Names and permissions") struct NameTests {
  let scratch: Scratch
  let root: RootDirectory

  init() throws {
    scratch = try Scratch()
    root = try RootDirectory(path: scratch.path)
  }

  @Test("a version 3 rename replaces nothing, whatever stands there")
  func renameWithoutReplacing() throws {
    try scratch.file("f", "text")
    try scratch.file("taken", "other")
    _ = try scratch.directory("d")
    _ = try scratch.directory("empty")
    try scratch.link("dangling", to: "nowhere")
    try scratch.link("l", to: "f")
    func rename(_ from: String, _ to: String) -> Int32 {
      outcome { () throws(FileError) in try root.renameWithoutReplacing(from.bytes, to: to.bytes) }
    }
    for from in ["f", "d", "l"] {
      for to in ["taken", "empty"] { #expect(rename(from, to) == EEXIST, "\(from) to \(to)") }
    }
    #expect(rename("f", "f") == EEXIST)
    #expect(rename("f", "dangling") == EEXIST)
    #expect(rename("missing", "x") == ENOENT)
    #expect(rename("f", "missing/x") == ENOENT)
    #expect(rename("f", "taken/x") == ENOTDIR)
    #expect(rename("d", "d/x") == EINVAL)
    #expect(contents(scratch.path + "/taken") == "other")
    #expect(rename("f", "g") == 0)
    #expect(rename("d", "e") == 0)
    #expect(rename("l", "m") == 0)
    #expect(try root.status("g".bytes, followLinks: false).linkCount == 1)
    #expect(outcome { () throws(FileError) in _ = try root.status("f".bytes, followLinks: false) } == ENOENT)
    #expect(try root.readLink("m".bytes) == "f".bytes)
    // As sftp-server does: what is no file may replace a link that leads nowhere.
    try scratch.link("nowhere-yet", to: "nowhere")
    #expect(rename("m", "nowhere-yet") == 0)
  }

  @Test("a symbolic link gets a second name itself")
  func linkToLink() throws {
    try scratch.file("f")
    try scratch.link("l", to: "f")
    try root.link("l".bytes, to: "m".bytes)
    #expect(try root.readLink("m".bytes) == "f".bytes)
    #expect(try root.status("l".bytes, followLinks: false).linkCount == 2)
    #expect(try root.status("f".bytes, followLinks: false).linkCount == 1)
  }

  @Test("the set-user-ID bits arrive, and what is no permission does not")
  func modes() throws {
    try root.makeDirectory("d".bytes, mode: 0o171_700)
    #expect(try root.status("d".bytes, followLinks: true).mode == 0o041_700)
    _ = try root.open("f".bytes, flags: [.write, .create, .exclusive], mode: 0o177_600)
    try root.setMode("f".bytes, 0o140_000 | 0o6711, followLinks: true)
    #expect(try root.status("f".bytes, followLinks: true).mode == 0o106_711)
  }

  /// Sets this thread's file-system user and group, which glibc does for the thread alone.
  private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    setForThread("setfsgid", 65534)
    setForThread("setfsuid", 65534)
    defer {
      setForThread("setfsuid", geteuid())
      setForThread("setfsgid", getegid())
    }
    return try body()
  }

  private func setForThread(_ call: String, _ identity: UInt32) {
    typealias Call = @convention(c) (UInt32) -> CInt
    guard let symbol = unsafe dlsym(nil, call) else { return }
    _ = unsafe unsafeBitCast(symbol, to: Call.self)(identity)
  }

  @Test("permission denied is the plain call's", .enabled(if: geteuid() == 0, "dropping to nobody needs root"))
  func permissions() throws {
    _ = try scratch.directory("closed", mode: 0o700)
    try scratch.file("closed/f", "secret")
    _ = try scratch.directory("listed", mode: 0o744)
    try scratch.file("listed/f", "text")
    _ = try scratch.directory("entered", mode: 0o711)
    try scratch.file("entered/f", "text", mode: 0o600)
    try scratch.file("entered/r", "text", mode: 0o644)
    _ = try scratch.directory("sticky", mode: 0o1777)
    try scratch.file("sticky/f", "text", mode: 0o666)
    let paths = [
      "closed", "closed/f", "listed", "listed/f", "entered", "entered/f", "entered/r", "sticky", "sticky/f",
      "sticky/new",
    ]
    let machine = try RootDirectory(path: "/", workingDirectory: scratch.path.bytes)
    for path in paths {
      for call in AwkwardPathTests.calls {
        let tree = directoryDescriptor(scratch.path)
        defer { close(tree) }
        let (plain, ours) = try asNobody {
          let plain = call.plain(tree, path.utf8.map { CChar(bitPattern: $0) } + [0]) == 0 ? 0 : errno
          // Only failures are compared here: they leave all as it was.
          return (plain, plain == 0 ? 0 : outcome { () throws(FileError) in try call.ours(machine, path.bytes) })
        }
        #expect(FileError(number: ours).text == FileError(number: plain).text, "\(call.testDescription) of \(path)")
        for name in ["sticky/new", "sticky/fresh"] { removeTree(scratch.path + "/" + name) }
        for name in ["sticky/new", "sticky/fresh", "fresh"] { _ = unsafe unlink(scratch.path + "/" + name) }
      }
    }
    // A directory that may be read and not entered lists nothing: every lstat fails, as in sftp-server.
    let (told, entered) = try asNobody {
      (
        try machine.openDirectory("listed".bytes).next(limit: 100),
        try machine.status("entered/r".bytes, followLinks: true)
      )
    }
    #expect(told.allSatisfy { $0.name.first == 46 })
    #expect(entered.sizeBytes == 4)
  }

  @Test("a user without privileges links, cuts and changes his own files", .enabled(if: geteuid() == 0, "needs root"))
  func ordinaryUser() throws {
    _ = try scratch.directory("home", mode: 0o777)
    let machine = try RootDirectory(path: "/", workingDirectory: (scratch.path + "/home").bytes)
    try asNobody {
      let file = try machine.open("f".bytes, flags: [.write, .create])
      #expect(try file.write(ByteBuffer(string: "hello"), at: 0) == 5)
      try machine.setMode("f".bytes, 0o600, followLinks: true)
      try machine.setTimes("f".bytes, accessedSeconds: 5, modifiedSeconds: 6, followLinks: false)
      try machine.setSize("f".bytes, bytes: 3)
      try machine.link("f".bytes, to: "g".bytes)
      try machine.renameWithoutReplacing("g".bytes, to: "h".bytes)
      #expect(
        outcome { () throws(FileError) in try machine.setOwner("f".bytes, userID: 0, groupID: 0, followLinks: true) }
          == EPERM)
    }
    let status = try machine.status("h".bytes, followLinks: false)
    #expect(status.userID == 65534 && status.linkCount == 2 && status.sizeBytes == 3 && status.mode & 0o777 == 0o600)
  }
}
