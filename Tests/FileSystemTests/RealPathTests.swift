import FileSystem
import Glibc
import Testing

/// Expected: what OpenSSH 9.2's sftp-server answered to SSH_FXP_REALPATH in such a tree.
@Suite("Real paths") struct RealPathTests {
  static let cases: [(path: String, answer: String?, number: Int32)] = [
    ("", "", 0), (".", "", 0), ("./", "", 0), ("f", "/f", 0), ("f/", "/f", 0), ("f/.", "/f", 0), ("f/..", "", 0),
    ("f/../d", "/d", 0), ("f/x", nil, ENOTDIR), ("nope", "/nope", 0), ("nope/", nil, ENOENT), ("nope/x", nil, ENOENT),
    ("nope/..", nil, ENOENT), ("d/nope", "/d/nope", 0), ("d//g", "/d/g", 0), ("l", "/f", 0), ("l/", "/f", 0),
    ("dang", "/nowhere", 0), ("dang/", nil, ENOENT), ("ld", "/d", 0), ("ld/", "/d", 0), ("ld/..", "", 0),
    ("ld/g", "/d/g", 0),
    ("la", "/f", 0), ("lda/g", "/d/g", 0), ("ls/g", "/d/g", 0), ("loop", nil, ELOOP), ("pair1", nil, ELOOP),
    ("c31", "/f", 0), ("c32", "/f", 0), ("c33", nil, ELOOP), (String(repeating: "n", count: 256), nil, ENAMETOOLONG),
    (String(repeating: "./", count: 2047) + "f", "/f", 0), (String(repeating: "./", count: 2048), nil, ENAMETOOLONG),
  ]

  @Test("relative paths, canonical from the root", arguments: cases.indices)
  func relative(_ index: Int) throws {
    let (path, answer, number) = Self.cases[index]
    let scratch = try Scratch()
    let top = try AwkwardPathTests.tree(scratch, "a")
    let whole = try RootDirectory(path: "/", workingDirectory: top.bytes)
    var found: [UInt8]?
    let failure = outcome { () throws(FileError) in found = try whole.realPath(path.bytes) }
    #expect(failure == number, "'\(path.prefix(40))'")
    #expect(found == answer.map { (top + $0).bytes }, "'\(path.prefix(40))'")
  }

  @Test("absolute paths of the machine")
  func absolute() throws {
    let whole = try RootDirectory(path: "/")
    for (path, answer) in [
      ("/", "/"), ("//", "/"), ("/..", "/"), ("/../..", "/"), ("/etc/passwd/..", "/etc"),
      ("/etc//./passwd", "/etc/passwd"),
      ("/etc/passwd/../group", "/etc/group"), ("/nope", "/nope"), ("//etc///", "/etc"),
    ] {
      #expect(try whole.realPath(path.bytes) == answer.bytes, "\(path)")
    }
  }

  @Test("a confined root is / to those inside")
  func confined() throws {
    let scratch = try Scratch()
    let top = try AwkwardPathTests.tree(scratch, "a")
    let root = try RootDirectory(path: top, workingDirectory: "/d".bytes)
    for (path, answer) in [
      ("", "/d"), ("..", "/"), ("../../../f", "/f"), ("/lup", "/"), ("/lup/f", "/f"), ("/l", "/f"), ("g", "/d/g"),
      ("/../../etc/nope", nil), ("/c5", "/f"),
    ] as [(String, String?)] {
      #expect((try? root.realPath(path.bytes)) == answer?.bytes, "\(path)")
    }
    // An absolute link means the root's own name space; its target does not exist there, so only the last component may lack.
    #expect(outcome { () throws(FileError) in _ = try root.realPath("/la".bytes) } == ENOENT)
  }
}
