import NIOCore

extension ConformanceTable {
  static let directories: [ConformanceRequest] =
    [
      ask("OPENDIR .", 11, .text(".")), ask("READDIR all kinds", 12, .handle(0)),
      ask("READDIR at the end", 12, .handle(0)),
      ask("READDIR at the end again", 12, .handle(0)), close(0),
      ask("OPENDIR many", 11, .text("many")), ask("READDIR 1-100", 12, .handle(0)),
      ask("READDIR 101-200", 12, .handle(0)),
      ask("READDIR the rest", 12, .handle(0)), ask("READDIR the end", 12, .handle(0)),
      ask("OPENDIR a file", 11, .text("a")), ask("OPENDIR nothing", 11, .text("")),
      ask("OPENDIR nowhere", 11, .text("nowhere")),
      ask("OPENDIR a link", 11, .text("dirlink")), ask("READDIR a link's", 12, .handle(1)),
      ask("OPENDIR a loop", 11, .text("loop1")), ask("OPENDIR /", 11, .text("/")),
      ask("MKDIR", 14, .text("made"), .noAttributes), lstat("made"),
      ask("MKDIR with mode", 14, .text("made2"), .attributes(mode: 0o40_3751)), lstat("made2"),
      ask("MKDIR with size and owner", 14, .text("made3"), .attributes(size: 5, owner: (1, 1), mode: 0o700)),
      lstat("made3"),
      ask("MKDIR there", 14, .text("dir"), .noAttributes), ask("MKDIR over a file", 14, .text("a"), .noAttributes),
      ask("MKDIR in nothing", 14, .text("no/where"), .noAttributes),
      ask("MKDIR with slash", 14, .text("made4/"), .noAttributes),
      ask("MKDIR dangling", 14, .text("dangling"), .noAttributes), ask("MKDIR nothing", 14, .text(""), .noAttributes),
      ask("MKDIR .", 14, .text("."), .noAttributes),
      ask("RMDIR", 15, .text("made")), ask("RMDIR gone", 15, .text("made")), ask("RMDIR not empty", 15, .text("dir")),
      ask("RMDIR a file", 15, .text("a")), ask("RMDIR a link", 15, .text("dirlink")), ask("RMDIR .", 15, .text(".")),
      ask("RMDIR ..", 15, .text("made2/..")), ask("RMDIR /", 15, .text("/")),
      ask("RMDIR with slash", 15, .text("made4/")),
      ask("REMOVE", 13, .text("empty")), ask("REMOVE gone", 13, .text("empty")),
      ask("REMOVE a directory", 13, .text("dir")),
      ask("REMOVE a link", 13, .text("dangling")), ask("REMOVE a link to a directory", 13, .text("dirlink")),
      ask("REMOVE beneath a file", 13, .text("a/b")), ask("REMOVE with slash", 13, .text("a/")),
      ask("REMOVE nothing", 13, .text("")),
      ask("REMOVE a name with newline", 13, .text("new\nline")), ask("REMOVE invalid UTF-8", 13, .bytes([0xff, 0xfe])),
      ask("REMOVE a FIFO", 13, .text("fifo")), lstat("a"),
    ]

  static let names: [ConformanceRequest] =
    [
      rename("a file", "a", "renamed"), lstat("a"), lstat("renamed"),
      rename("over a file", "empty", "long"), rename("over a directory", "long", "dir"),
      rename("what is gone", "a", "b"),
      rename("a directory", "many", "more"), lstat("more"), rename("a directory over one", "more", "dir"),
      rename("a directory over an empty one", "more", "full"), rename("a directory over a file", "more", "long"),
      rename("a directory into itself", "dir", "dir/sub/dir"), rename("a link", "link", "relink"), lstat("relink"),
      rename("a link over a file", "relink", "long"), rename("over a dangling link", "relink", "dangling"),
      lstat("dangling"),
      rename("a file over a dangling link", "long", "loop1"),
      rename("to itself", "renamed", "renamed"), rename("to its hard link", "renamed", "hard"),
      rename("to nothing", "renamed", ""),
      rename("from nothing", "", "x"), rename("into nothing", "renamed", "no/where"),
      rename("with slash", "renamed", "x/"),
      rename("a FIFO", "fifo", "fifo2"), rename("a FIFO over a file", "fifo2", "long"),
      extended("posix-rename", "posix-rename@openssh.com", .text("empty"), .text("long")), lstat("long"),
      extended("posix-rename over a directory", "posix-rename@openssh.com", .text("long"), .text("dir")),
      extended("posix-rename a directory over an empty one", "posix-rename@openssh.com", .text("more"), .text("full")),
      extended("posix-rename gone", "posix-rename@openssh.com", .text("more"), .text("x")),
      extended("posix-rename to its hard link", "posix-rename@openssh.com", .text("renamed"), .text("hard")),
      lstat("renamed"),
      extended("posix-rename .", "posix-rename@openssh.com", .text("."), .text("x")),
      extended("hardlink", "hardlink@openssh.com", .text("owned"), .text("linked")), lstat("linked"),
      extended("hardlink over", "hardlink@openssh.com", .text("owned"), .text("hard")),
      extended("hardlink a directory", "hardlink@openssh.com", .text("dir"), .text("d")),
      extended("hardlink a link", "hardlink@openssh.com", .text("dirlink"), .text("l")), lstat("l"),
      extended("hardlink nowhere", "hardlink@openssh.com", .text("gone"), .text("g")),
      symlink("", target: "renamed", at: "s1"), lstat("s1"), ask("READLINK s1", 19, .text("s1")), stat("s1"),
      symlink("absolute", target: "/nowhere/at/all", at: "s2"), ask("READLINK s2", 19, .text("s2")),
      symlink("over", target: "x", at: "owned"), symlink("to nothing", target: "", at: "s3"),
      symlink("at nothing", target: "x", at: ""),
      symlink("beneath a file", target: "x", at: "owned/s"), symlink("in nothing", target: "x", at: "no/s"),
      symlink("of 4,095 bytes", target: String(repeating: "t", count: 4095), at: "s4"),
      symlink("of 4,096 bytes", target: String(repeating: "t", count: 4096), at: "s5"),
      ask("READLINK of 4,095 bytes", 19, .text("s4")),
    ]

  private static func rename(_ name: String, _ path: String, _ other: String) -> ConformanceRequest {
    ask("RENAME \(name)", 18, .text(path), .text(other))
  }

  private static func symlink(_ name: String, target: String, at path: String) -> ConformanceRequest {
    ask("SYMLINK \(name)", 20, .text(target), .text(path))
  }

  static let asNobody: [ConformanceRequest] = [
    stat("a"), open("of others", "a", 1), open("of others for writing", "a", 2),
    open("without permission", "noperm", 1),
    stat("noperm"), stat("locked"), stat("locked/key"), lstat("locked/nothing"), realPath("locked/key"),
    realPath("locked/x/y"),
    ask("OPENDIR locked", 11, .text("locked")), open("in locked", "locked/new", 0xa),
    open("in a directory of others", "new", 0xa),
    ask("MKDIR", 14, .text("d"), .noAttributes), ask("RMDIR", 15, .text("dir/sub")), ask("REMOVE", 13, .text("a")),
    ask("RENAME", 18, .text("a"), .text("b")),
    extended("posix-rename", "posix-rename@openssh.com", .text("a"), .text("b")),
    ask("SYMLINK", 20, .text("x"), .text("s")),
    extended("hardlink", "hardlink@openssh.com", .text("open/mine"), .text("h")),
    ask("SETSTAT mode of others", 9, .text("open/theirs"), .attributes(mode: 0o600)),
    ask("SETSTAT times of others", 9, .text("open/theirs"), .attributes(times: (5, 6))),
    ask("SETSTAT size of others that is open", 9, .text("open/theirs"), .attributes(size: 0)), stat("open/theirs"),
    ask("SETSTAT own mode", 9, .text("open/mine"), .attributes(mode: 0o6640)), stat("open/mine"),
    ask("SETSTAT own owner", 9, .text("open/mine"), .attributes(owner: (0, 0))),
    ask(
      "SETSTAT of several, one refused", 9, .text("open/mine"),
      .attributes(size: 3, owner: (0, 0), mode: 0o666, times: (7, 8))),
    stat("open/mine"),
    ask("SETSTAT of several, the first refused", 9, .text("a"), .attributes(size: 3)),
    extended("lsetstat times of others", "lsetstat@openssh.com", .text("link"), .attributes(times: (1, 2))),
    open("own", "open/mine", 3), ask("FSETSTAT own", 10, .handle(1), .attributes(mode: 0o600, times: (9, 10))),
    ask("FSTAT own", 8, .handle(1)), ask("FSETSTAT own owner", 10, .handle(1), .attributes(owner: (1, 1))),
    extended("statvfs in locked", "statvfs@openssh.com", .text("locked/key")), ask("OPENDIR .", 11, .text(".")),
    ask("READDIR .", 12, .handle(2)), open("create in an open directory", "open/new", 0xa), lstat("open/new"),
    ask("REMOVE in an open directory", 13, .text("open/theirs")), ask("READLINK in locked", 19, .text("locked/key")),
  ]
}
