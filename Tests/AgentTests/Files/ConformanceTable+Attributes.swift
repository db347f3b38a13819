import NIOCore

extension ConformanceTable {
  static let attributes: [ConformanceRequest] =
    [
      set("size", "a", .attributes(size: 2)), stat("a"), set("a larger size", "a", .attributes(size: 9)), stat("a"),
      set("a size of 2^62", "a", .attributes(size: 1 << 62)), set("a size of 2^63", "a", .attributes(size: 1 << 63)),
      set("size of a directory", "dir", .attributes(size: 2)),
      set("size of what is not there", "nowhere", .attributes(size: 2)),
      set("size of a FIFO", "fifo", .attributes(size: 2)),
      set("mode", "a", .attributes(mode: 0o4711)), stat("a"),
      set("a mode with more bits", "a", .attributes(mode: 0o177_0600)), stat("a"),
      set("mode through a link", "link", .attributes(mode: 0o644)), stat("a"),
      set("mode of a loop", "loop1", .attributes(mode: 0o644)),
      set("mode of dangling", "dangling", .attributes(mode: 0o644)),
      set("mode of a directory", "dir", .attributes(mode: 0o1770)), stat("dir"),
      set("times", "a", .attributes(times: (1, 2))), stat("a"),
      set("late times", "a", .attributes(times: (UInt32.max, UInt32.max))), stat("a"),
      set("times of a directory", "dir", .attributes(times: (3, 4))), stat("dir"),
      set("times through a link", "dirlink", .attributes(times: (5, 6))),
      stat("dir"), lstat("dirlink"),
      set("owner", "a", .attributes(owner: (1, 2))), stat("a"),
      set("owner clears setuid", "setuid", .attributes(owner: (7, 8))), stat("setuid"),
      set("owner -1", "a", .attributes(owner: (UInt32.max, UInt32.max))), stat("a"),
      set("everything", "long", .attributes(size: 5, owner: (3, 4), mode: 0o6755, times: (10, 20))), stat("long"),
      set("nothing", "long", .noAttributes), set("nothing of what is not there", "nowhere", .noAttributes),
      set("unknown flags", "long", .u32(0x70)),
      ask(
        "SETSTAT extended pairs", 9, .text("a"), .u32(0x8000_0004), .u32(0o640), .u32(2), .text("x"), .text("y"),
        .text(""), .text("")),
      stat("a"),
      set(
        "everything of what is not there", "nowhere", .attributes(size: 5, owner: (3, 4), mode: 0o6755, times: (10, 20))
      ),
      set("everything of a directory", "dir", .attributes(size: 5, owner: (3, 4), mode: 0o755, times: (10, 20))),
      stat("dir"),
      open("to be set", "owned", 3), fset("size", .attributes(size: 70)), ask("FSTAT", 8, .handle(0)),
      fset("mode", .attributes(mode: 0o107_613)),
      ask("FSTAT again", 8, .handle(0)), fset("times", .attributes(times: (30, 40))),
      fset("owner", .attributes(owner: (5, 6))),
      fset("all", .attributes(size: 1, owner: (9, 9), mode: 0o600, times: (50, 60))), ask("FSTAT all", 8, .handle(0)),
      fset("a size of 2^63", .attributes(size: 1 << 63)), fset("nothing", .noAttributes),
      ask("REMOVE it", 13, .text("owned")),
      fset("mode without a name", .attributes(mode: 0o604)), ask("FSTAT without a name", 8, .handle(0)),
      open("for reading", "hard", 1), ask("FSETSTAT size of what is read", 10, .handle(1), .attributes(size: 1)),
      ask("FSETSTAT mode of what is read", 10, .handle(1), .attributes(mode: 0o611)), stat("hard"),
      lset("times of a link", "link", .attributes(times: (100, 200))), lstat("link"), stat("link"),
      lset("owner of a link", "link", .attributes(owner: (11, 12))), lstat("link"),
      lset("mode of a link", "link", .attributes(mode: 0o600)),
      lset("size", "a", .attributes(size: 1)), lset("size and mode", "a", .attributes(size: 1, mode: 0o7000)),
      stat("a"),
      lset("mode of a file", "a", .attributes(mode: 0o604)), stat("a"),
      lset("nothing there", "nowhere", .attributes(mode: 0o604)),
      lset("mode and times of a link", "link", .attributes(mode: 0o604, times: (300, 400))), lstat("link"),
      lset("dangling", "dangling", .attributes(owner: (1, 1), times: (1, 1))), lstat("dangling"),
    ]

  private static func set(_ name: String, _ path: String, _ attributes: Field) -> ConformanceRequest {
    ask("SETSTAT \(name)", 9, .text(path), attributes)
  }

  private static func fset(_ name: String, _ attributes: Field) -> ConformanceRequest {
    ask("FSETSTAT \(name)", 10, .handle(0), attributes)
  }

  private static func lset(_ name: String, _ path: String, _ attributes: Field) -> ConformanceRequest {
    extended("lsetstat \(name)", "lsetstat@openssh.com", .text(path), attributes)
  }

  static let extensions: [ConformanceRequest] =
    [
      extended("limits", "limits@openssh.com"), extended("unknown", "nobody-has@this"), extended("nothing", ""),
      extended("a name that begins like one", "limits@openssh.co"),
      extended("a name that goes on", "limits@openssh.comx"),
      extended("statvfs", "statvfs@openssh.com", .text(".")),
      extended("statvfs nowhere", "statvfs@openssh.com", .text("nowhere")),
      extended("statvfs /proc", "statvfs@openssh.com", .text("/proc")),
      extended("statvfs dangling", "statvfs@openssh.com", .text("dangling")),
      open("for fstatvfs", "a", 1), extended("fstatvfs", "fstatvfs@openssh.com", .handle(0)),
      extended("fstatvfs unknown", "fstatvfs@openssh.com", .handle(9)), ask("OPENDIR", 11, .text("dir")),
      extended("fstatvfs a directory", "fstatvfs@openssh.com", .handle(1)),
      extended("fsync", "fsync@openssh.com", .handle(0)),
      extended("fsync a directory", "fsync@openssh.com", .handle(1)),
      extended("fsync unknown", "fsync@openssh.com", .handle(9)),
      extended("home-directory", "home-directory", .text("root")),
      extended("home-directory unknown", "home-directory", .text("nobody-at-all")),
      extended("home-directory of nobody named", "home-directory", .text("")),
      extended(
        "users-groups-by-id", "users-groups-by-id@openssh.com", .bytes([0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 48, 57]),
        .bytes([0, 0, 0, 0, 0, 0, 0, 5])),
      extended("users-groups-by-id of none", "users-groups-by-id@openssh.com", .bytes([]), .bytes([])),
    ]
    + [
      "", "~", "~/", "~/dir", "~/nowhere", "~/no/where", "~root", "~root/x", "~nobody-at-all", "~nobody-at-all/x",
      "dir", "dirlink/one", "nowhere/x",
      "/", "/dev/../dev", "a~", "./~", "loop1", "~//dir",
    ].map { extended("expand-path \($0)", "expand-path@openssh.com", .text($0)) }

  static let copies: [ConformanceRequest] =
    [
      open("source", "long", 1), open("target", "copied", 0xb),
      copy("all", 0, 0, 0, 1, 0), stat("copied"), copy("a part", 0, 10, 20, 1, 200_000), stat("copied"),
      copy("beyond the end, within the last chunk", 0, 99_990, 100, 1, 0),
      copy("beyond the end", 0, 99_990, 200_000, 1, 0),
      copy("beyond a whole chunk", 0, 34_464, 65_537, 1, 0), copy("one chunk more", 0, 34_464, 131_073, 1, 0),
      copy("to the end", 0, 34_464, 65_536, 1, 0),
      copy("from the end", 0, 100_000, 10, 1, 0), copy("far from behind the end", 0, 200_000, 200_000, 1, 0),
      copy("all from behind the end", 0, 200_000, 0, 1, 0),
      copy("from 2^63", 0, 1 << 63, 10, 1, 0), copy("to 2^63", 0, 0, 10, 1, 1 << 63), stat("copied"),
      copy("to itself", 0, 0, 10, 0, 10), copy("from unknown", 9, 0, 10, 0, 10), copy("to unknown", 0, 0, 10, 9, 10),
      open("the source again", "long", 3), copy("to the same path", 0, 0, 10, 2, 200_000),
      open("it by another path", "./long", 3),
      copy("to the same file", 0, 0, 10, 3, 200_000), stat("long"), copy("to what is only read", 1, 0, 200_000, 0, 0),
      open("at the end", "copied", 6), copy("at the end", 0, 0, 5, 4, 0), stat("copied"),
      copy("at the end, whatever 2^63", 0, 0, 5, 4, 1 << 63),
      stat("copied"), ask("OPENDIR", 11, .text("dir")), copy("from a directory", 5, 0, 10, 1, 0),
      copy("to a directory", 0, 0, 10, 5, 0),
      open("a directory", "dir", 1), copy("from a directory's file handle", 6, 0, 200_000, 1, 0),
      open("full", "/dev/full", 2), copy("to a full disk", 0, 0, 0, 7, 0),
      open("zero", "/dev/zero", 1), copy("from a device", 8, 0, 100_000, 1, 0), stat("copied"),
      open("proc", "/proc/version", 1),
      copy("a file in /proc", 9, 0, 7, 1, 0), read("what was written", 1, 0, 8),
    ]

  private static func copy(
    _ name: String, _ from: UInt32, _ offset: UInt64, _ bytes: UInt64, _ to: UInt32, _ target: UInt64
  ) -> ConformanceRequest {
    extended("copy-data \(name)", "copy-data", .handle(from), .u64(offset), .u64(bytes), .handle(to), .u64(target))
  }

  static let readOnly: [ConformanceRequest] =
    [
      open("for reading", "a", 1), read("", 0, 0, 10), write("", 0, 0, "x"), write("unknown handle", 9, 0, "x"),
      open("for writing", "a", 2),
      open("for both", "a", 3), open("with create", "a", 9), open("with truncate", "a", 17),
      open("with append", "a", 5), open("with exclusive", "a", 33),
      ask("SETSTAT", 9, .text("a"), .noAttributes), ask("FSETSTAT", 10, .handle(0), .noAttributes),
      ask("REMOVE", 13, .text("a")),
      ask("MKDIR", 14, .text("x"), .noAttributes), ask("RMDIR", 15, .text("dir")),
      ask("RENAME", 18, .text("a"), .text("b")),
      ask("SYMLINK", 20, .text("a"), .text("b")), ask("REMOVE cut short", 13, .u32(99)),
      ask("OPENDIR", 11, .text("dir")), ask("READDIR", 12, .handle(2)),
      stat("a"), extended("posix-rename", "posix-rename@openssh.com", .text("a"), .text("b")),
      extended("hardlink", "hardlink@openssh.com", .text("a"), .text("b")),
      extended("fsync", "fsync@openssh.com", .handle(0)),
      extended("lsetstat", "lsetstat@openssh.com", .text("a"), .noAttributes),
      extended("copy-data", "copy-data", .handle(0)), extended("limits", "limits@openssh.com"),
      extended("expand-path", "expand-path@openssh.com", .text("~")),
      extended("statvfs", "statvfs@openssh.com", .text(".")), close(0),
    ]

  static let oldClient: [ConformanceRequest] =
    [
      stat("a"), stat("nowhere"), open("", "a", 1), read("at the end", 0, 100, 10), close(0), close(0),
      extended("unknown", "x"),
      extended("limits", "limits@openssh.com"), ask("OPENDIR", 11, .text("dir")), ask("READDIR", 12, .handle(0)),
      ask("READDIR at the end", 12, .handle(0)),
      ConformanceRequest(name: "INIT again, version 3", bytes: SFTPWire.initialise(3)), stat("nowhere"),
    ]
}
