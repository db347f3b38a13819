import Testing

@testable import SFTPProtocol

struct LongNameTests {
  private func line(
    mode: UInt32 = 0o100644, links: UInt64 = 1, user: String? = "root", group: String? = "wheel", size: UInt64 = 5,
    seconds: Int64 = 1000, wall: LongName.WallClock? = .init(year: 1970, month: 1, day: 2, hour: 3, minute: 4),
    name: String = "file", now: Int64 = 1000
  ) -> String {
    let long = LongName(
      mode: mode, linkCount: links, userName: user.map { Array($0.utf8) }, userID: 4_294_967_295,
      groupName: group.map { Array($0.utf8) }, groupID: 7, sizeBytes: size, modifiedSeconds: seconds, modified: wall)
    return String(decoding: long.line(name: Array(name.utf8), nowSeconds: now), as: UTF8.self)
  }

  @Test func `a line is what ls -l shows`() {
    #expect(line() == "-rw-r--r--    1 root     wheel           5 Jan  2 03:04 file")
    #expect(
      line(mode: 0o041777, links: 1234, user: nil, group: nil, size: 12_345_678_901, name: "d")
        == "drwxrwxrwt  1234 4294967295 7        12345678901 Jan  2 03:04 d")
  }

  @Test(arguments: [
    (0o107777 as UInt32, "-rwsrwsrwt"), (0o107000, "---S--S--T"), (0o120777, "lrwxrwxrwx"), (0o010600, "prw-------"),
    (0o140755, "srwxr-xr-x"), (0o020666, "crw-rw-rw-"), (0o060660, "brw-rw----"), (0o000124, "?--x-w-r--"),
  ])
  func `kinds and permissions have their letters`(mode: UInt32, letters: String) {
    #expect(line(mode: mode).hasPrefix(letters + "    1 "))
  }

  @Test func `times of the last half year have a clock, others a year`() {
    let now: Int64 = 1_700_000_000
    #expect(line(seconds: now, now: now).contains("Jan  2 03:04 file"))
    #expect(line(seconds: now + 1, now: now).contains("Jan  2  1970 file"))
    #expect(line(seconds: now - LongName.recentSeconds + 1, now: now).contains("Jan  2 03:04 file"))
    #expect(line(seconds: now - LongName.recentSeconds, now: now).contains("Jan  2  1970 file"))
    #expect(line(seconds: Int64.min, now: Int64.min).contains("Jan  2 03:04 file"))
  }

  @Test func `a year that does not fit shows no time`() {
    let far = LongName.WallClock(year: 12_345, month: 12, day: 31, hour: 0, minute: 0)
    #expect(line(seconds: Int64.max, wall: far).hasSuffix("       5  file"))
    #expect(line(wall: nil).hasSuffix("       5  file"))
  }

  @Test func `a long line is cut at 1,023 bytes`() {
    #expect(line(name: String(repeating: "n", count: 2000)).utf8.count == LongName.maximumBytes)
  }
}
