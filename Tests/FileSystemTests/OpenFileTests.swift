import FileSystem
import Glibc
import NIOCore
import Testing

@Suite("Open files") struct OpenFileTests {
  let scratch: Scratch
  let root: RootDirectory

  init() throws {
    scratch = try Scratch()
    root = try RootDirectory(path: scratch.path)
  }

  private func read(_ file: OpenFile, at offset: UInt64, _ bytes: Int) throws -> String {
    var buffer = ByteBuffer()
    let count = try file.read(at: offset, into: &buffer, bytes: bytes)
    #expect(count == buffer.readableBytes)
    return String(buffer: buffer)
  }

  private func readOutcome(_ file: OpenFile, at offset: UInt64, _ bytes: Int = 10) -> Int32 {
    outcome { () throws(FileError) in
      var buffer = ByteBuffer()
      _ = try file.read(at: offset, into: &buffer, bytes: bytes)
    }
  }

  private func writeOutcome(_ file: OpenFile, _ text: String, at offset: UInt64 = 0) -> Int32 {
    outcome { () throws(FileError) in _ = try file.write(ByteBuffer(string: text), at: offset) }
  }

  @Test("bytes go where their offset says; reading appends to the buffer")
  func offsets() throws {
    let file = try root.open("f".bytes, flags: [.read, .write, .create], mode: 0o640)
    #expect(try file.write(ByteBuffer(string: "world"), at: 6) == 5)
    #expect(try file.write(ByteBuffer(string: "hello "), at: 0) == 6)
    var buffer = ByteBuffer(string: "> ")
    #expect(try file.read(at: 0, into: &buffer, bytes: 100) == 11)
    #expect(String(buffer: buffer) == "> hello world")
    #expect(try read(file, at: 11, 10) == "")
    #expect(try read(file, at: 1000, 10) == "")
    #expect(try read(file, at: 4, 3) == "o w")
    #expect(try file.status().mode & 0o777 == 0o640 & ~currentMask())
    try file.sync()
    try file.close()
  }

  private func currentMask() -> UInt32 {
    let text = contents("/proc/self/status") ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("Umask:") } ?? "0"
    return UInt32(line.split(separator: "\t").last ?? "0", radix: 8) ?? 0
  }

  @Test("several buffers are one write; the sixty-fifth is left out")
  func pieces() throws {
    let file = try root.open("f".bytes, flags: [.read, .write, .create])
    var partly = ByteBuffer(string: "xxcd")
    partly.moveReaderIndex(forwardBy: 2)
    let pieces = [ByteBuffer(string: "ab"), ByteBuffer(), partly]
    #expect(try file.write(pieces, at: 3) == 4)
    #expect(try read(file, at: 0, 100) == "\0\0\0abcd")
    #expect(try file.write([ByteBuffer](), at: 0) == 0)
    let many = (0..<70).map { ByteBuffer(string: String($0 % 10)) }
    #expect(try file.write(many, at: 0) == OpenFile.maximumPieces)
    #expect(try file.status().sizeBytes == 64)
    let appending = try root.open("f".bytes, flags: [.write, .append])
    #expect(try appending.write(pieces, at: 0) == 4)
    #expect(try read(file, at: 64, 10) == "abcd")
  }

  @Test("appending ignores the offset, be it one no file has")
  func appending() throws {
    try scratch.file("f", "start ")
    let file = try root.open("f".bytes, flags: [.write, .append])
    #expect(try file.write(ByteBuffer(string: "end"), at: UInt64.max) == 3)
    #expect(contents(scratch.path + "/f") == "start end")
  }

  @Test("offsets no file has are EINVAL, as lseek says, and nothing is written")
  func impossibleOffsets() throws {
    let file = try root.open("f".bytes, flags: [.read, .write, .create])
    for offset in [UInt64.max, 1 << 63, UInt64(Int64.max), 1 << 62] {
      #expect(readOutcome(file, at: offset) == EINVAL, "\(offset)")
      #expect(readOutcome(file, at: offset, 0) == EINVAL, "\(offset)")
      #expect(writeOutcome(file, "x", at: offset) == EINVAL, "\(offset)")
      #expect(writeOutcome(file, "", at: offset) == EINVAL, "\(offset)")
    }
    #expect(try file.status().sizeBytes == 0)
  }

  @Test("a sparse file beyond 4 GiB keeps offsets apart")
  func sparse() throws {
    let file = try root.open("f".bytes, flags: [.read, .write, .create])
    let far: UInt64 = 6 << 30
    #expect(try file.write(ByteBuffer(string: "far"), at: far) == 3)
    #expect(try read(file, at: far, 10) == "far")
    #expect(try read(file, at: far - 2, 3) == "\0\0f")
    #expect(try read(file, at: far & 0xFFFF_FFFF, 3) == "\0\0\0")
    #expect(try root.status("f".bytes, followLinks: false).sizeBytes == far + 3)
    try root.setSize("f".bytes, bytes: (5 << 30) + 1)
    #expect(try file.status().sizeBytes == (5 << 30) + 1)
    try file.setSize(bytes: 1)
    #expect(try read(file, at: 0, 10) == "\0")
    #expect(outcome { () throws(FileError) in try file.setSize(bytes: 1 << 63) } == EINVAL)
  }

  @Test("a file that shrinks while it is read ends early")
  func shrinking() throws {
    try scratch.file("f", "0123456789")
    let file = try root.open("f".bytes, flags: .read)
    #expect(try read(file, at: 0, 4) == "0123")
    #expect(unsafe truncate(scratch.path + "/f", 6) == 0)
    #expect(try read(file, at: 4, 4) == "45")
    #expect(try read(file, at: 6, 4) == "")
  }

  @Test("one call reads at most the limit")
  func readLimit() throws {
    let zero = try RootDirectory(path: "/").open("/dev/zero".bytes, flags: .read)
    var buffer = ByteBuffer()
    #expect(try zero.read(at: 0, into: &buffer, bytes: Int.max) == OpenFile.maximumTransferBytes)
    #expect(try zero.read(at: 0, into: &buffer, bytes: -1) == 0)
  }

  @Test("devices are harmless: full is full, zero has no end, the terminal is nobody's", .timeLimit(.minutes(1)))
  func devices() throws {
    let machine = try RootDirectory(path: "/")
    let full = try machine.open("/dev/full".bytes, flags: [.read, .write])
    #expect(writeOutcome(full, "x") == ENOSPC)
    #expect(writeOutcome(full, "") == ENOSPC)
    let null = try machine.open("/dev/null".bytes, flags: [.read, .write])
    #expect(writeOutcome(null, "x", at: 1 << 63) == 0)
    #expect(readOutcome(null, at: 5) == 0)
    let zero = try machine.open("/dev/zero".bytes, flags: [.read])
    #expect(try read(zero, at: 1 << 63, 3) == "\0\0\0")
    #expect(zero.kind == .characterDevice)
    #expect(outcome { () throws(FileError) in _ = try machine.open("/dev/tty".bytes, flags: .read) } == ENXIO)
    let named = scratch.path + "/tty"
    if unsafe mknod(named, S_IFCHR | 0o666, 5 << 8) == 0 {
      #expect(outcome { () throws(FileError) in _ = try root.open("tty".bytes, flags: [.read, .write]) } == ENXIO)
    }
    let terminal = try machine.open("/dev/ptmx".bytes, flags: [.read, .write])
    #expect(readOutcome(terminal, at: 0) == ESPIPE)
    #expect(outcome { () throws(FileError) in try full.setSize(bytes: 3) } == EINVAL)
  }

  @Test("a FIFO without a peer holds nobody up, and a broken one sends no signal", .timeLimit(.minutes(1)))
  func fifos() throws {
    #expect(unsafe mkfifo(scratch.path + "/p", 0o644) == 0)
    let reader = try root.open("p".bytes, flags: .read)
    #expect(reader.kind == .fifo)
    #expect(readOutcome(reader, at: 0) == ESPIPE)
    let writer = try root.open("p".bytes, flags: .write)
    #expect(writeOutcome(writer, "x") == ESPIPE)
    let appender = try root.open("p".bytes, flags: [.write, .append])
    #expect(writeOutcome(appender, "x") == 0)
    try reader.close()
    // SIGPIPE's default ends the process: were it sent, this test would be the last.
    signal(SIGPIPE, SIG_DFL)
    #expect(writeOutcome(appender, "x") == EPIPE)
    try writer.close()
    try appender.close()
    #expect(outcome { () throws(FileError) in _ = try root.open("p".bytes, flags: .write) } == ENXIO)
  }

  @Test("a directory opens to be read, and reading it is EISDIR")
  func directories() throws {
    _ = try scratch.directory("d")
    let opened = try root.open("d".bytes, flags: .read)
    #expect(opened.kind == .directory)
    #expect(readOutcome(opened, at: 0) == EISDIR)
    #expect(readOutcome(opened, at: 0, 0) == 0)
    #expect(outcome { () throws(FileError) in _ = try root.open("d".bytes, flags: .write) } == EISDIR)
  }

  @Test("attributes are set by descriptor, after the name is gone, too")
  func attributes() throws {
    let file = try root.open("f".bytes, flags: [.write, .create])
    try root.remove("f".bytes)
    try file.setMode(0o7751)
    try file.setOwner(userID: 7, groupID: 8)
    try file.setMode(0o104_751)
    try file.setTimes(accessedSeconds: 1_000_000, modifiedSeconds: 4_294_967_295)
    let status = try file.status()
    #expect(status.mode == 0o104_751)
    #expect(status.userID == 7 && status.groupID == 8 && status.linkCount == 0)
    #expect(status.accessedSeconds == 1_000_000 && status.modifiedSeconds == 4_294_967_295)
    #expect(try file.volume().blockBytes > 0)
  }

  @Test("copies go on where the last step ended, within the kernel and through memory")
  func copying() throws {
    let text = String(repeating: "0123456789abcdef", count: 40_000)
    let source = try root.open("from".bytes, flags: [.read, .write, .create])
    #expect(try source.write(ByteBuffer(string: text), at: 0) == text.utf8.count)
    for flags in [[.read, .write, .create, .truncate], [.read, .write, .create, .truncate, .append]] as [OpenFlags] {
      let target = try root.open("to".bytes, flags: flags)
      var done = 0
      while case let count = try source.copy(
        from: 5 + UInt64(done), to: target, at: UInt64(done), bytes: UInt64(text.utf8.count)), count > 0
      { done += count }
      #expect(done == text.utf8.count - 5)
      var buffer = ByteBuffer()
      #expect(try target.read(at: 0, into: &buffer, bytes: 1 << 20) == done)
      #expect(String(buffer: buffer) == String(text.dropFirst(5)))
      #expect(try source.copy(from: 0, to: target, at: 0, bytes: 0) == 0)
      #expect(try !source.isSameFile(as: target))
    }
    #expect(try source.isSameFile(as: try root.open("from".bytes, flags: .read)))
    let machine = try RootDirectory(path: "/")
    let full = try machine.open("/dev/full".bytes, flags: .write)
    #expect(outcome { () throws(FileError) in _ = try source.copy(from: 0, to: full, at: 0, bytes: 10) } == ENOSPC)
    // Files of /proc have contents and no size.
    let unsized = try machine.open("/proc/self/status".bytes, flags: .read)
    #expect(
      try unsized.copy(from: 0, to: try root.open("proc".bytes, flags: [.write, .create]), at: 0, bytes: 100) == 100)
  }

  @Test("a second close is EBADF, and so is all work after the first")
  func closing() throws {
    let file = try root.open("f".bytes, flags: [.read, .write, .create])
    try file.close()
    #expect(outcome { () throws(FileError) in try file.close() } == EBADF)
    #expect(readOutcome(file, at: 0) == EBADF)
    #expect(writeOutcome(file, "x") == EBADF)
    #expect(outcome { () throws(FileError) in _ = try file.status() } == EBADF)
    file.adviseSequential()
    file.adviseWillNeed(at: 0, bytes: 10)
    #expect(file.machinePath() == nil)
  }

  @Test("closing while others read never lets them read another file")
  func closingRace() throws {
    try scratch.file("right", String(repeating: "r", count: 100))
    try scratch.file("wrong", String(repeating: "w", count: 100))
    let (root, wrong) = (root, scratch.path + "/wrong")
    for _ in 0..<100 {
      let file = try root.open("right".bytes, flags: .read)
      let signals = Signals()
      let closer = OwnThread {
        while signals.count < 3 { sched_yield() }
        try? file.close()
        // Takes the number, if it is free.
        let thief = unsafe open(wrong, O_RDONLY | O_CLOEXEC)
        close(thief)
      }
      var seen: Set<String> = []
      while true {
        var buffer = ByteBuffer()
        guard (try? file.read(at: 0, into: &buffer, bytes: 1)) != nil else { break }
        seen.insert(String(buffer: buffer))
        signals.step()
      }
      closer.join()
      #expect(seen == ["r"])
    }
  }

  @Test("no descriptor is left: after errors, after close, after the last reference")
  func noLeaks() throws {
    for round in 0..<50 {
      let file = try root.open("f\(round)".bytes, flags: [.read, .write, .create])
      let listing = try root.openDirectory("/".bytes)
      _ = try listing.next(limit: 10)
      if round % 2 == 0 {
        try file.close()
        try listing.close()
      }
      for path in ["missing/x", "f\(round)/x", "", ".", "nul"] {
        for pick in 0..<20 { _ = ConfinementTests.tryEverything(root, path.bytes, pick) }
      }
    }
    // The root itself stays open; /proc/self/fd itself is not below it.
    #expect(descriptors(below: scratch.path) == [scratch.path])
  }
}
