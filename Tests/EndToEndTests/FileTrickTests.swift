import Glibc
import Testing

/// Files and packets that are not as they should be. Each time the right answer comes, and the next request still works.
@Suite("File tricks", .shared) struct FileTrickTests {
  @Test(
    "a put that fills the disk fails, and the same sftp goes on once there is room",
    .enabled(if: Mount.memoryIsPossible, "needs root and the right to mount"))
  func fullDisk() throws {
    try withShop { shop in
      let place = try Place(shop)
      let small = try Mount.memory(shop, mebibytes: 4, at: "machine/small")
      defer { small.close() }
      try place.prepare("head -c 20000000 /dev/urandom >desk/big; head -c 100000 /dev/urandom >desk/little")
      let done = try place.alice.sftp(
        place.code,
        """
        -put \(place.desk)/big \(small.path)/big
        ls -l \(small.path)
        rm \(small.path)/big
        put \(place.desk)/little \(small.path)/little
        """)
      #expect(done.succeeded, "\(done)")
      #expect(done.error.contains("Failure") || done.error.contains("No space"), "\(done)")
      try place.prepare("cmp desk/little machine/small/little; [ ! -e machine/small/big ]")
      // No more stands on record than there was room for.
      let record = try shop.record("the put") { $0.opened("/big").first?["complete"]?.flag == true }
      let bytes = record.opened("/big").first?["bytes_to_machine"]?.int ?? -1
      #expect((1 << 20...4 << 20).contains(bytes), "\(bytes)")
    }
  }

  @Test("a file that shrinks while it is read comes as far as it goes, and the same sftp goes on")
  func shrinking() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 64M /dev/urandom >machine/shrinks; echo after >machine/after")
      let child = shop.adopt(
        try place.alice.launch(
          place.alice.sftpLine(
            place.code,
            "-get \(place.machine)/shrinks \(place.desk)/got\nget \(place.machine)/after \(place.desk)/after",
            options: ["-l", "100000"])))
      try waitUntil("bytes", seen: { child.seen }) {
        place.size(of: "desk/got") > 1 << 20
      }
      try place.prepare("cp --sparse=never machine/shrinks kept; truncate -s 30000000 machine/shrinks")
      #expect(try child.wait() == .status(0), "\(child.seen)")
      // What came is the file's beginning; nothing was made up behind its new end.
      try place.prepare("cmp machine/after desk/after; cmp -n 30000000 desk/got kept")
      #expect(place.size(of: "desk/got") < 64 << 20)
    }
  }

  @Test("a read behind the end of a file that shrank is an end of file, and one across it is short")
  func shortReads() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 100000 /dev/zero >machine/file")
      let sftp = try RawSftp(shop, place.alice, place.code)
      let handle = try sftp.open("\(place.machine)/file")
      func read(_ offset: UInt64, _ count: UInt32) throws -> RawSftp.Reply {
        try sftp.ask(.read, [.text(handle), .long(offset), .number(count)])
      }
      #expect(try read(90_000, 5000).text?.count == 5000)
      try place.prepare("truncate -s 50000 machine/file")
      #expect(try read(90_000, 5000).status == 1)
      #expect(try read(49_000, 5000).text?.count == 1000)
      #expect(try read(.max, 5000).text == nil)
      #expect(try sftp.ask(.close, [.text(handle)]).status == 0)
      #expect(try sftp.finish() == .status(0))
    }
  }

  @Test("device files: /dev/full fails, /dev/zero ends with its reader, a pipe nobody writes to stops nobody")
  func devices() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 100000 /dev/urandom >desk/file; mkfifo machine/pipe; echo x >machine/plain")
      let full = try place.alice.sftp(
        place.code, "-put \(place.desk)/file /dev/full\nput \(place.desk)/file \(place.machine)/file")
      #expect(full.succeeded && full.error.contains("Failure"), "\(full)")
      try place.prepare("cmp desk/file machine/file")

      let agent = place.agent.child.pid
      let quiet = try place.quietDescriptors()
      let sftp = try RawSftp(shop, place.alice, place.code)
      let zero = try sftp.open("/dev/zero")
      let zeros = try sftp.ask(.read, [.text(zero), .long(0), .number(200_000)]).text
      #expect(zeros == [UInt8](repeating: 0, count: 200_000))
      // 200 MB asked for, some of it taken, then nobody reads.
      let memory = try Processes.kibibytes("VmRSS", of: agent)
      for number in 100..<UInt32(1100) {
        try sftp.send(.read, [.number(number), .text(zero), .long(0), .number(200_000)])
      }
      #expect(try sftp.reply().number == 100)
      sftp.child.signal(SIGSTOP)
      try expectThroughout("the agent holds little", for: .milliseconds(700)) {
        try Processes.kibibytes("VmRSS", of: agent) < memory + 32 * 1024
      }
      sftp.child.signal(SIGKILL)
      try place.waitForDescriptors(atMost: quiet)

      let other = try RawSftp(shop, place.alice, place.code)
      // Whatever becomes of the pipe, the file behind it is opened and read.
      try other.send(.open, [.number(1000), .text("\(place.machine)/pipe"), .number(1), .number(0)])
      try other.send(.status, [.number(1001), .text("\(place.machine)/plain")])
      var answers: Set<UInt32> = []
      while !answers.contains(1001) { answers.insert(try other.reply(within: .seconds(5)).number) }
      other.child.endInput()
      #expect(try other.child.wait(within: .seconds(5)) == .status(0), "\(other.child.seen)")
    }
  }

  @Test("path tricks get the status sftp-server gives, and the next request an answer")
  func paths() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("ln -s loop machine/loop; ln -s b machine/a; ln -s a machine/b; echo x >machine/plain")
      let sftp = try RawSftp(shop, place.alice, place.code)
      func status(_ path: [UInt8]) throws -> UInt32? { try sftp.ask(.status, [.text(path)]).status }
      let machine = Array(place.machine.utf8)
      for loop in ["/loop", "/a", "/loop/x"] { #expect(try status(machine + Array(loop.utf8)) == 2, "\(loop)") }
      #expect(try status(machine + Array("/plain/x".utf8)) == 2)
      #expect(try status([]) == 2)
      // Too long, in one name and in all.
      #expect(try status(machine + [0x2F] + [UInt8](repeating: 0x61, count: 256)) == 5)
      #expect(try status([UInt8](repeating: 0x2F, count: 100_000)) == 5)
      #expect(try sftp.ask(.realPath, [.text("/../../../etc/../etc")]).name == "/etc")
      #expect(try sftp.ask(.realPath, [.text("\(place.machine)/./x/..")]).status == 2)
      #expect(try sftp.ask(.status, [.text("\(place.machine)/plain")]).kind == 105)
      // ls and get say what is there without following.
      let client = try place.alice.sftp(
        place.code, "-get \(place.machine)/loop \(place.desk)/x\n-cd \(place.machine)/a\nls -l \(place.machine)")
      #expect(client.succeeded && client.output.contains("plain"), "\(client)")
    }
  }

  @Test("10,000 opens get handles as far as the limit goes, then failures, and afterwards all works again")
  func manyHandles() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("echo x >machine/file")
      // A first command and a first transfer leave some of the agent's own.
      #expect(try place.alice.ssh(place.code, ["echo"]).succeeded)
      #expect(try place.alice.sftp(place.code, "ls \(place.machine)").succeeded)
      let quiet = try place.quietDescriptors()
      let sftp = try RawSftp(shop, place.alice, place.code)
      let count: UInt32 = 10_000
      let requests = (0..<count).flatMap {
        RawSftp.packet(3, [.number($0), .text("\(place.machine)/file"), .number(1), .number(0)])
      }
      let child = sftp.child
      detach { try? child.write(requests) }
      var handles: [[UInt8]] = []
      var failures = 0
      var numbers: Set<UInt32> = []
      for _ in 0..<count {
        let reply = try sftp.reply()
        numbers.insert(reply.number)
        if let handle = reply.text { handles.append(handle) } else if reply.status == 4 { failures += 1 }
      }
      #expect(numbers.count == 10_000 && handles.count + failures == 10_000)
      #expect(handles.count >= 64 && failures > 0, "\(handles.count) handles")
      #expect(Set(handles).count == handles.count)
      // With every handle taken: another sftp, a command and the open ones work.
      #expect(try place.alice.sftp(place.code, "get \(place.machine)/file \(place.desk)/got").succeeded)
      #expect(try place.alice.ssh(place.code, ["echo here"]).output == "here\n")
      #expect(try sftp.ask(.read, [.text(handles[0]), .long(0), .number(9)]).text == Array("x\n".utf8))
      for (number, handle) in handles.enumerated() { try sftp.send(.close, [.number(UInt32(number)), .text(handle)]) }
      for _ in handles { #expect(try sftp.reply().status == 0) }
      let again = try sftp.open("\(place.machine)/file")
      #expect(try sftp.ask(.close, [.text(again)]).status == 0)
      #expect(try sftp.ask(.close, [.text(again)]).status != 0)
      #expect(try sftp.finish() == .status(0))
      try place.waitForDescriptors(atMost: quiet)
    }
  }

  @Test("unknown types and handles are answered, and the requests behind them too")
  func unknown() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("echo x >machine/file")
      let sftp = try RawSftp(shop, place.alice, place.code)
      // sftp-server leaves these unanswered; a status would be as right. What must not be is silence for who comes next.
      for type: UInt8 in [0, 21, 99, 101, 105, 199, 201, 255] {
        try sftp.send(RawSftp.packet(type, [.number(7000), .text("anything")]))
      }
      try sftp.send(.realPath, [.number(7001), .text("/")])
      var next = try sftp.reply()
      while next.number == 7000 {
        #expect(next.status == 8)
        next = try sftp.reply()
      }
      #expect(next.number == 7001 && next.name == "/")
      #expect(try sftp.ask(200, [.text("nobody@example.com"), .number(1)]).status == 8)
      let real = try sftp.open("\(place.machine)/file")
      for handle: [UInt8] in [
        [], [0], Array("nonsense".utf8), [255, 255, 255, 255], [0x7F, 255, 255, 255], real + [0],
      ] {
        #expect((try sftp.ask(.read, [.text(handle), .long(0), .number(10)]).status ?? 0) > 1)
        #expect((try sftp.ask(.write, [.text(handle), .long(0), .text("y")]).status ?? 0) > 1)
        #expect((try sftp.ask(.handleStatus, [.text(handle)]).status ?? 0) > 1)
        #expect((try sftp.ask(.readDirectory, [.text(handle)]).status ?? 0) > 1)
        #expect((try sftp.ask(.close, [.text(handle)]).status ?? 0) > 1)
      }
      // A file's handle is no directory's.
      #expect((try sftp.ask(.readDirectory, [.text(real)]).status ?? 0) > 1)
      #expect(try sftp.ask(.read, [.text(real), .long(0), .number(10)]).text == Array("x\n".utf8))
      #expect(try sftp.finish() == .status(0))
    }
  }

  /// Bytes that are no packet, each with what it is.
  static let noPackets: [(what: String, bytes: [UInt8])] = [
    ("a length of nothing", [0, 0, 0, 0, 5, 0, 0, 0, 1]),
    ("a length of 4 GiB", [255, 255, 255, 255, 5]),
    ("a length one too large", RawSftp.Field.number(256 * 1024 + 1).bytes + [5, 0, 0, 0, 1]),
    ("text of a shell's start", Array("Welcome to this machine!\n".utf8)),
    ("a name longer than its packet", RawSftp.packet(17, [.number(1), .number(1000), .byte(47)])),
    ("a name of 4 GiB", RawSftp.packet(17, [.number(1), .number(.max), .byte(47)])),
    ("a packet that is a type", RawSftp.packet(5, [])),
    ("a write longer than its packet", RawSftp.packet(6, [.number(1), .text("h"), .long(0), .number(9), .byte(1)])),
    ("a NUL in a name", RawSftp.packet(17, [.number(1), .text([47, 0, 47])])),
  ]

  @Test("bytes that are no packet end this stream with a line, and no other", arguments: noPackets.indices)
  func noPacket(index: Int) throws {
    try withShop { shop in
      let (what, bytes) = Self.noPackets[index]
      let place = try Place(shop)
      let other = try RawSftp(shop, place.alice, place.code)
      let master = try place.alice.master(place.code)
      defer { master.close() }
      let beside = try RawSftp(shop, place.alice, place.code, options: master.options)
      let liar = try RawSftp(shop, place.alice, place.code, options: master.options)
      try liar.send(bytes)
      let exit = try liar.child.wait(within: .seconds(10))
      #expect(exit != .status(0), "\(what): \(liar.child.seen)")
      let lines = liar.child.error.text.split(whereSeparator: \.isNewline)
      #expect(lines.count == 1 && lines.first?.contains("sftp") == true, "\(what): \(liar.child.seen)")
      for sftp in [beside, other] {
        #expect(try sftp.ask(.realPath, [.text(".")]).name?.hasPrefix("/") == true)
        #expect(try sftp.finish() == .status(0))
      }
    }
  }
}
