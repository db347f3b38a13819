import FileSystem
import Glibc
import Testing

@Suite("A root named from where the program was started") struct RelativeRootTests {
  @Test func aRelativeRootIsFoundFromTheWorkingDirectory() throws {
    let scratch = try Scratch()
    try scratch.file("here", "yes")
    let whole = unsafe getcwd(nil, 0)
    defer { unsafe free(whole) }
    let path = String(
      decoding: unsafe UnsafeBufferPointer(start: whole, count: strlen(try #require(whole))).map {
        UInt8(bitPattern: $0)
      }, as: UTF8.self)
    let up = path.split(separator: "/").map { _ in ".." }.joined(separator: "/")
    let root = try RootDirectory(path: "\(up.isEmpty ? "." : up)\(scratch.path)")
    let names = try root.openDirectory([UInt8(ascii: "/")]).next(limit: 10)
      .map { String(decoding: $0.name, as: UTF8.self) }
    #expect(names.contains("here"), "\(names)")
  }
}
