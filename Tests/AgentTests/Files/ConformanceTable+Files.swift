import NIOCore

extension ConformanceTable {
  private static let read: UInt32 = 1
  private static let write: UInt32 = 2
  private static let append: UInt32 = 4
  private static let create: UInt32 = 8
  private static let truncate: UInt32 = 16
  private static let exclusive: UInt32 = 32

  static func open(_ name: String, _ path: String, _ flags: UInt32, _ attributes: Field = .noAttributes)
    -> ConformanceRequest
  {
    ask("OPEN \(name)", 3, .text(path), .u32(flags), attributes)
  }
  static func close(_ handle: UInt32) -> ConformanceRequest { ask("CLOSE \(handle)", 4, .handle(handle)) }
  static func read(_ name: String, _ handle: UInt32, _ offset: UInt64, _ bytes: UInt32) -> ConformanceRequest {
    ask("READ \(name)", 5, .handle(handle), .u64(offset), .u32(bytes))
  }
  static func write(_ name: String, _ handle: UInt32, _ offset: UInt64, _ text: String) -> ConformanceRequest {
    ask("WRITE \(name)", 6, .handle(handle), .u64(offset), .text(text))
  }
  static func stat(_ path: String) -> ConformanceRequest { ask("STAT \(path.prefix(50))", 17, .text(path)) }
  static func lstat(_ path: String) -> ConformanceRequest { ask("LSTAT \(path.prefix(50))", 7, .text(path)) }
  static func realPath(_ path: String) -> ConformanceRequest { ask("REALPATH \(path.prefix(50))", 16, .text(path)) }

  static let looking: [ConformanceRequest] =
    [
      "a", "empty", "sparse", "setuid", "setgid", "capital", "noperm", "dir", "sticky", "link", "dangling", "loop1",
      "dirlink", "dirlink/", "slashlink/one", "uplink", "fifo", "new\nline", " space ", "owned", "big-owner", "future",
      "zero",
      "hard", "nowhere", "", ".", "..", "/", "//", "a/", "a/b", "dir/", "dir/../a", "./a", "dir//one", "/dev/null",
      "nowhere/../a", String(repeating: "x", count: 256), String(repeating: "x/", count: 2000),
      String(repeating: "y", count: 100_000),
    ].flatMap { [stat($0), lstat($0)] }
    + [
      ask("STAT of invalid UTF-8", 17, .bytes([0xff, 0xfe])),
      ask("STAT with a NUL at the end", 17, .bytes([0x61, 0])),
      ask("STAT with more than it needs", 17, .text("a"), .text("more")),
    ]
    + [
      ".", "", "/", "..", "a", "link", "dangling", "loop1", "dirlink", "dirlink/one", "dirlink/..", "slashlink/sub",
      "nowhere",
      "nowhere/x", "a/b", "a/", "a/..", "dir/", "dir/.", "dir/sub/../..", "//", "///dev//shm/", "uplink", "/../..",
      String(repeating: "./", count: 3000), String(repeating: "z", count: 5000), "noperm", "locked/nothing",
    ].map(realPath)
    + ["link", "dangling", "loop1", "a", "dir", "nowhere", "dirlink/", "", "slashlink", "uplink"].map {
      ask("READLINK \($0)", 19, .text($0))
    }

  static let files: [ConformanceRequest] = [
    open("for reading", "a", read),
    read("all", 0, 0, 100),
    read("a part", 0, 2, 2),
    read("nothing", 0, 0, 0),
    read("at the end", 0, 6, 10),
    read("behind the end", 0, 1 << 40, 10),
    read("at 2^62", 0, 1 << 62, 10),
    read("at 2^63", 0, 1 << 63, 10),
    read("at the last offset", 0, UInt64.max, 10),
    read("nothing at 2^63", 0, 1 << 63, 0),
    write("without permission to", 0, 0, "x"),
    write("nothing, without permission to", 0, 0, ""),
    open("for writing", "written", write | create),
    write("some", 1, 0, "written"),
    write("with a hole", 1, 20, "end"),
    write("nothing", 1, 5, ""),
    write("at 2^62", 1, 1 << 62, "x"),
    write("at 2^63", 1, 1 << 63, "x"),
    write("at the last offset", 1, UInt64.max, "x"),
    read("of what is only written", 1, 0, 10),
    ask("FSTAT", 8, .handle(1)),
    stat("written"),
    open("for both", "written", read | write),
    read("through the hole", 2, 0, 100),
    write("over it", 2, 3, "XX"),
    read("what was written", 2, 0, 100),
    open("of 100,000 bytes", "long", read),
    read("of 4 GiB", 3, 0, UInt32.max),
    read("of 261,121 bytes", 3, 0, 261_121),
    open("beyond 4 GiB", "sparse", read | write),
    write("beyond 4 GiB", 4, 5_000_000_000, "far"),
    read("beyond 4 GiB", 4, 4_999_999_998, 10),
    ask("FSTAT beyond 4 GiB", 8, .handle(4)),
    close(2), close(0), close(1), close(3), close(4), close(4), close(0),
    open("a name with newline", "new\nline", read),
    read("of it", 4, 0, 5),
    ask("OPEN invalid UTF-8", 3, .bytes([0xff, 0xfe]), .u32(1), .u32(0)),
    read("of that", 3, 0, 5),
    open("what is linked", "link", read),
    open("what is not there", "nowhere", read),
    open("a loop", "loop1", read),
    open("a directory", "dir", read),
    read("a directory", 0, 0, 10),
    ask("FSTAT a directory", 8, .handle(0)),
    open("a directory for writing", "dir", write),
    open("beneath a file", "a/b", read),
    open("nothing", "", read),
  ]

  static let openFlags: [ConformanceRequest] = [
    open("no flags", "a", 0), read("without flags", 0, 0, 3), write("without flags", 0, 0, "x"),
    open("unknown flags", "a", 0xffff_ff00),
    open("create", "made", write | create, .attributes(mode: 0o640)), stat("made"),
    open("create with a mode of everything", "made2", write | create, .attributes(mode: 0o107777)), stat("made2"),
    open("create without mode", "made3", write | create), stat("made3"),
    open("create with size and times", "made4", write | create, .attributes(size: 99, mode: 0o600, times: (1, 2))),
    stat("made4"),
    open("create for reading", "made5", read | create), stat("made5"),
    open("exclusive, there", "a", write | create | exclusive),
    open("exclusive, not there", "made6", write | create | exclusive), stat("made6"),
    open("exclusive, dangling link", "dangling", write | create | exclusive),
    open("exclusive alone", "made7", write | exclusive),
    open("truncate", "long", write | truncate), stat("long"),
    open("truncate for reading", "a", read | truncate), stat("a"),
    open("append", "dir/one", write | append),
    write("appended", 9, 0, "-more"), write("appended again", 9, 1, "-yet"), stat("dir/one"),
    open("append and read", "dir/one", read | write | append), read("appended", 10, 0, 50),
    write("appended at 2^63", 10, 1 << 63, "!"), read("appended at 2^63", 10, 0, 50),
    open("append alone", "dir/one", append), write("append alone", 11, 0, "x"),
    open("create through a dangling link", "dangling", write | create), stat("nowhere"),
    open("create in nothing", "nothing/there", write | create),
    open("create a name too long", String(repeating: "n", count: 256), write | create),
    open("create with slash", "made8/", write | create),
  ]

  static let handles: [ConformanceRequest] =
    [
      close(0), close(7), ask("CLOSE of -1", 4, .handle(UInt32.max)), ask("CLOSE of nothing", 4, .bytes([])),
      ask("CLOSE of 3 bytes", 4, .bytes([0, 0, 0])),
      ask("CLOSE of 300 bytes", 4, .bytes(Array(repeating: 0, count: 300))),
      read("unknown", 5, 0, 5), write("unknown", 5, 0, "x"), ask("FSTAT unknown", 8, .handle(5)),
      ask("FSETSTAT unknown", 10, .handle(5), .attributes(size: 5)), ask("READDIR unknown", 12, .handle(5)),
      open("first", "a", 1), ask("OPENDIR second", 11, .text("dir")), open("third", "empty", 1),
      open("fourth", "long", 1),
      read("a directory's", 1, 0, 5), write("a directory's", 1, 0, "x"), ask("FSTAT a directory's", 8, .handle(1)),
      ask("FSETSTAT a directory's", 10, .handle(1), .attributes(mode: 0o700)), ask("READDIR a file's", 12, .handle(0)),
      close(1), close(3), close(0), open("takes the last freed", "a", 1), open("takes the one before", "a", 1),
      ask("OPENDIR takes the first freed", 11, .text(".")), open("grows", "a", 1), close(1), close(1), close(2),
      ask("OPENDIR of what failed", 11, .text("nowhere")), open("that fails takes no place", "nowhere", 1),
      open("takes 2", "a", 1), ask("OPENDIR takes 1", 11, .text("dir")), close(1), close(2), close(0),
      stat("a"),
      ConformanceRequest(name: "INIT again", bytes: SFTPWire.initialise(3)),
      close(3),
    ]

  static let devices: [ConformanceRequest] = [
    open("/dev/null", "/dev/null", 3), read("null", 0, 0, 10), write("null", 0, 0, "gone"),
    ask("FSTAT null", 8, .handle(0)),
    read("null at 2^63", 0, 1 << 63, 10), write("null at 2^63", 0, 1 << 63, "gone"),
    open("/dev/zero", "/dev/zero", 3), read("zero", 1, 12345, 10), read("zero at 2^63", 1, 1 << 63, 10),
    read("all of zero", 1, 0, UInt32.max), write("zero", 1, 5, "gone"),
    open("/dev/full", "/dev/full", 2), write("full", 2, 0, "never"), write("nothing to full", 2, 0, ""),
    open("FIFO for both", "fifo", 3), read("FIFO", 3, 0, 10), write("FIFO", 3, 0, "x"),
    read("nothing of FIFO", 3, 0, 0),
    ask("FSTAT FIFO", 8, .handle(3)), ask("FSETSTAT FIFO size", 10, .handle(3), .attributes(size: 5)),
    open("/proc/version", "/proc/version", 1), read("proc", 4, 0, 14), read("proc further", 4, 6, 7),
    open("/dev/tty", "/dev/tty", 3),
    ask("SETSTAT /dev/full size", 9, .text("/dev/full"), .attributes(size: 0)),
    close(0), close(1), close(2), close(3), close(4),
  ]
}
