import FileSystem
import Glibc
import Testing

@Suite("Machine") struct MachineTests {
  @Test("accounts are those of the files, the first of several counting, nonsense passed over")
  func accounts() throws {
    let scratch = try Scratch()
    let passwords = try scratch.file(
      "passwd",
      """
      root:x:0:0:root:/root:/bin/bash
      toor:x:0:0:second:/other:/bin/sh
      root:x:5:5:again:/again:/bin/sh
      # comment:x:9:9::/:/
      +nis:x:8:8:::
      ann:x:1000:1000:Ann: with colon:/home/ann:/bin/zsh
      broken:x:notanumber:0::/:/
      huge:x:4294967296:0::/:/
      last:x:4294967294:0::/last:
      short:x:7
      """)
    let groups = try scratch.file("group", "root:x:0:\nusers:x:100:ann,bob\nbad:x:-1:\n")
    let table = Accounts(passwordFile: passwords, groupFile: groups).current()
    #expect(table.userName(0) == "root".bytes)
    #expect(table.userName(1000) == "ann".bytes)
    #expect(table.userName(4_294_967_294) == "last".bytes)
    for unknown: UInt32 in [7, 8, 9, 4_294_967_295] { #expect(table.userName(unknown) == nil) }
    #expect(table.homeDirectory(ofUser: "root".bytes) == "/root".bytes)
    #expect(table.homeDirectory(ofUser: "toor".bytes) == "/other".bytes)
    #expect(table.homeDirectory(ofUser: "nobody-here".bytes) == nil)
    #expect(table.homeDirectory(ofUserID: 0) == "/root".bytes)
    #expect(table.userID(ofUser: "last".bytes) == 4_294_967_294)
    #expect(table.groupName(100) == "users".bytes && table.groupName(1) == nil)
    #expect(table.groupID(ofGroup: "users".bytes) == 100)
  }

  @Test("a changed, replaced, removed or restored file is seen at the next look")
  func rereading() throws {
    let scratch = try Scratch()
    let passwords = try scratch.file("passwd", "ann:x:1:1::/a:/\n")
    let accounts = Accounts(passwordFile: passwords, groupFile: scratch.path + "/group")
    #expect(accounts.current().userName(1) == "ann".bytes)
    #expect(accounts.current().groupName(1) == nil)
    try scratch.file("new", "bob:x:1:1::/b:/\n")
    #expect(unsafe rename(scratch.path + "/new", passwords) == 0)
    #expect(accounts.current().userName(1) == "bob".bytes)
    try write("bob:x:1:1::/b:/\ncyd:x:2:2::/c:/\n", to: passwords)
    #expect(accounts.current().userName(2) == "cyd".bytes)
    #expect(unsafe unlink(passwords) == 0)
    #expect(accounts.current().userName(1) == nil)
    try scratch.file("passwd", "dan:x:1:1::/d:/\n")
    #expect(accounts.current().userName(1) == "dan".bytes)
  }

  @Test("an endless or hanging accounts file holds nobody up", .timeLimit(.minutes(1)))
  func endless() throws {
    let scratch = try Scratch()
    _ = unsafe mkfifo(scratch.path + "/fifo", 0o644)
    let accounts = Accounts(passwordFile: "/dev/zero", groupFile: scratch.path + "/fifo")
    #expect(accounts.current().userName(0) == nil)
    #expect(accounts.current().groupName(0) == nil)
  }

  @Test("the machine's own accounts agree with getpwuid and getgrgid")
  func own() throws {
    let table = Accounts().current()
    for id: UInt32 in [0, 1, 65534] {
      let user = unsafe getpwuid(id)
      #expect(table.userName(id) == (unsafe user.map { unsafe String(cString: $0.pointee.pw_name).bytes }))
      #expect(
        table.homeDirectory(ofUserID: id) == (unsafe user.map { unsafe String(cString: $0.pointee.pw_dir).bytes }))
      #expect(table.groupName(id) == (unsafe getgrgid(id).map { unsafe String(cString: $0.pointee.gr_name).bytes }))
    }
  }

  @Test(
    "local time is localtime's", arguments: [0, 1, 951_782_400, 1_719_792_000, 4_294_967_295, -1, -86_400 * 365 * 100])
  func localTime(_ seconds: Int64) throws {
    var instant = time_t(seconds)
    var text = [CChar](repeating: 0, count: 64)
    var expected = unsafe tm()
    unsafe localtime_r(&instant, &expected)
    let length = unsafe strftime(&text, text.count, "%Y %m %d %H %M %S", &expected)
    let numbers = String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    let parts = try #require(LocalTime.parts(ofUnixSeconds: seconds))
    let found = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second]
    #expect(found == numbers.compactMap { Int($0) })
  }

  @Test("a year that does not fit is nil")
  func absurdTime() {
    #expect(LocalTime.parts(ofUnixSeconds: Int64.max) == nil)
    #expect(LocalTime.parts(ofUnixSeconds: Int64.min) == nil)
  }

  @Test("the limit of open files is raised, never lowered")
  func openFiles() throws {
    let before = OwnProcess.openFileLimit ?? UInt64.max
    let after = OwnProcess.raiseOpenFileLimit()
    #expect(after >= before)
    #expect(after == OwnProcess.openFileLimit ?? UInt64.max)
    #expect(OwnProcess.userID == geteuid())
  }

  @Test(
    "each errno has sftp-server's status",
    arguments: [
      (ENOENT, FileError.Condition.noSuchFile), (ENOTDIR, .noSuchFile), (EBADF, .noSuchFile), (ELOOP, .noSuchFile),
      (EPERM, .permissionDenied), (EACCES, .permissionDenied), (EFAULT, .permissionDenied), (ENAMETOOLONG, .badMessage),
      (EINVAL, .badMessage), (ENOSYS, .unsupported), (EEXIST, .failure), (ENOSPC, .failure), (EOPNOTSUPP, .failure),
      (EISDIR, .failure), (EXDEV, .failure), (EROFS, .failure), (EIO, .failure), (EAGAIN, .failure), (99999, .failure),
    ])
  func conditions(_ number: Int32, _ condition: FileError.Condition) {
    #expect(FileError(number: number).condition == condition)
  }

  @Test("errors read well")
  func texts() {
    #expect(FileError.notFound.text == "no such file or directory (ENOENT)")
    #expect(FileError(number: 99999).text == "error 99999")
  }
}
