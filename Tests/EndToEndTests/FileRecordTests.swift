import Testing

/// What stands on record of files, and what the customer's side may refuse.
@Suite("Files on record and by consent", .shared) struct FileRecordTests {
  @Test("every file stands on record with path, direction and bytes, and the relay's own count agrees")
  func record() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(#"head -c 1000000 /dev/urandom >desk/up; head -c 300000 /dev/urandom >machine/$'down\xff'"#)
      let (machine, desk) = (place.machine, place.desk)
      let done = try place.alice.sftp(
        place.code,
        """
        put \(desk)/up \(machine)/up
        get \(machine)/down* \(desk)/down
        mkdir \(machine)/made
        rename \(machine)/up \(machine)/made/moved
        chmod 600 \(machine)/made/moved
        ln -s moved \(machine)/made/link
        rm \(machine)/made/moved
        rm \(machine)/made/link
        rmdir \(machine)/made
        """)
      #expect(done.succeeded, "\(done)")
      let record = try shop.record("everything") { record in
        record.files.last?["action"]?.string == "removed-directory" && !record.details("channel-closed").isEmpty
      }
      #expect(record.files.allSatisfy { $0["source"]?.string == "agent" && $0["time"]?.string != nil })
      let up = try unwrap(record.opened("/machine/up").first, "the file that was put")
      #expect(up["path"]?.string == "\(machine)/up" && up["path_hex"] == nil)
      #expect(up["direction"]?.string == "to-machine" && up["complete"]?.flag == true)
      #expect(up["bytes_to_machine"]?.int == 1_000_000 && up["bytes_from_machine"]?.int == 0)
      let down = try unwrap(
        record.files.first { $0["path_hex"]?.string?.lowercased().hasSuffix("2f646f776eff") == true }, "the file got")
      #expect(down["direction"]?.string == "from-machine" && down["complete"]?.flag == true)
      #expect(down["bytes_from_machine"]?.int == 300_000 && down["bytes_to_machine"]?.int == 0)
      // Looking for the name listed the folder first.
      let actions = record.files.compactMap { $0["action"]?.string }.filter { $0 != "listed" && $0 != "changed" }
      #expect(
        actions == [
          "opened", "opened", "made-directory", "renamed", "symlinked", "removed", "removed", "removed-directory",
        ])
      let renamed = record.files.first { $0["action"]?.string == "renamed" }
      #expect(renamed?["path"]?.string == "\(machine)/up" && renamed?["to"]?.string == "\(machine)/made/moved")

      // Packet headers, names and answers come on top: a few bytes for each 32 KiB.
      let closed = record.details("channel-closed")
      let toMachine = closed.compactMap { $0["bytes_to_machine"]?.int }.reduce(0, +)
      let fromMachine = closed.compactMap { $0["bytes_from_machine"]?.int }.reduce(0, +)
      #expect((1_000_000..<1_020_000).contains(toMachine) && (300_000..<320_000).contains(fromMachine))
      #expect(record["bytes_to_machine"]?.int == toMachine && record["bytes_from_machine"]?.int == fromMachine)
      let shown = try shop.command("session", "show", shop.openSession()).output
      #expect(shown.contains("\(machine)/up") && shown.contains("1000000 B"), "\(shown)")
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("two transfers at once are kept apart on record")
  func twoAtOnce() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 100001 /dev/urandom >desk/one; head -c 200002 /dev/urandom >desk/two")
      let children = try ["one", "two"].map { name in
        shop.adopt(
          try place.alice.launch(
            place.alice.sftpLine(
              place.code, String(repeating: "put \(place.desk)/\(name) \(place.machine)/\(name)\n", count: 10))))
      }
      for child in children { #expect(try child.wait() == .status(0)) }
      let record = try shop.record("twenty files, all closed") { record in
        record.files.filter { $0["complete"]?.flag == true }.count == 20
      }
      for (name, bytes) in [("one", 100_001), ("two", 200_002)] {
        let files = record.opened("/\(name)")
        #expect(files.count == 10 && files.allSatisfy { $0["bytes_to_machine"]?.int == bytes })
        #expect(Set(files.compactMap { $0["channel"]?.int }).count == 1)
      }
    }
  }

  @Test("Ctrl+C at the customer's puts the end of every channel on record, with what went through it")
  func customerStops() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("truncate -s 64M desk/big")
      let puts = try (0..<5).map { number in
        shop.adopt(
          try place.alice.launch(
            place.alice.sftpLine(
              place.code, "put \(place.desk)/big \(place.machine)/big\(number)", options: ["-l", "80000"])))
      }
      for number in puts.indices {
        try waitUntil("bytes of \(number)") { place.size(of: "machine/big\(number)") > 1 << 16 }
      }
      let id = try shop.openSession()
      place.agent.interrupt()
      var record = JSON.null
      try waitUntil("the session's end", seen: { "\(record)" }) {
        record = try shop.command("session", "show", id, "--json").json()
        return record["state"]?.string == "closed"
      }
      #expect(record.details("channel-opened").count == puts.count)
      let ends = record.details("channel-closed")
      #expect(ends.count == puts.count)
      #expect(ends.allSatisfy { ($0["bytes_to_machine"]?.int ?? 0) > 1 << 16 }, "\(ends)")
      #expect(record.files.count { $0["complete"]?.flag == false } == puts.count)
    }
  }

  @Test("a session with 10,200 files is shown in seconds: the first 10,000 of them, and how many more there were")
  func manyFiles() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("echo x >machine/file")
      let sftp = try RawSftp(shop, place.alice, place.code)
      let numbers: [UInt32] = (0..<600).map { $0 }
      let open = numbers.flatMap {
        RawSftp.packet(3, [.number($0), .text("\(place.machine)/file"), .number(1), .number(0)])
      }
      for _ in 0..<17 {
        try sftp.send(open)
        let handles = try numbers.map { _ in try unwrap(sftp.reply().text, "a handle") }
        try sftp.send(zip(numbers, handles).flatMap { RawSftp.packet(4, [.number($0), .text($1)]) })
        for _ in numbers { #expect(try sftp.reply().status == 0) }
      }
      #expect(try sftp.finish() == .status(0))
      let id = try shop.openSession()
      var shown = ""
      try waitUntil("10,200 files", within: .seconds(60), seen: { "\(shown.utf8.count) bytes" }) {
        let started = ContinuousClock.now
        shown = try shop.command("session", "show", id, "--json").output
        let took = ContinuousClock.now - started
        #expect(took < .seconds(Programs.areRelease ? 3 : 20))
        return shown.contains(/"files_left_out": ?200/) && shown.contains("channel-closed")
      }
      // Its entries hold all of them once more.
      #expect(shown.matches(of: /"complete": ?true/).count == 10_000)
      #expect(try shop.command("session", "show", id).output.contains("\(place.machine)/file"))
    }
  }

  @Test("--read-only lets files be read, and nothing be changed")
  func readOnly() throws {
    try withShop { shop in
      let place = try Place(shop, agent: ["--read-only"])
      try place.prepare("echo kept >machine/kept; mkdir machine/folder; echo new >desk/new; chmod 640 machine/kept")
      let (machine, desk) = (place.machine, place.desk)
      let before = try place.prepare("find machine -printf '%p %m %T@ %s %U\\n' | sort; cat machine/kept")
      #expect(try place.alice.sftp(place.code, "get \(machine)/kept \(desk)/got\nls \(machine)\ndf").succeeded)
      try place.prepare("cmp machine/kept desk/got")
      for line in [
        "put \(desk)/new \(machine)/new", "put \(desk)/new \(machine)/kept", "put -a \(desk)/new \(machine)/kept",
        "rm \(machine)/kept", "rename \(machine)/kept \(machine)/moved", "chmod 777 \(machine)/kept",
        "chown 1 \(machine)/kept", "mkdir \(machine)/made", "rmdir \(machine)/folder",
        "ln \(machine)/kept \(machine)/hard", "ln -s kept \(machine)/soft", "copy \(machine)/kept \(machine)/copied",
      ] {
        let done = try place.alice.sftp(place.code, line)
        #expect(done.exit == .status(1), "\(line): \(done)")
        // A put -a of less than is there ends before it asks. What cannot be had is not announced, as by sftp-server -R.
        let said = done.error.lowercased()
        if !line.hasPrefix("put -a") {
          #expect(said.contains("permission denied") || said.contains("server does not support"), "\(line): \(done)")
        }
      }
      let copied = try place.alice.scp(["\(desk)/new", place.alice.path("\(machine)/new", of: place.code)])
      #expect(!copied.succeeded && copied.error.contains("ermission denied"), "\(copied)")
      #expect(try place.prepare("find machine -printf '%p %m %T@ %s %U\\n' | sort; cat machine/kept") == before)
    }
  }

  @Test("--files keeps transfers in one folder: no path and no link leads out, and the record has the machine's paths")
  func confined() throws {
    try withShop { shop in
      let folder = try shop.scratch.directory("machine")
      let place = try Place(shop, agent: ["--files", folder])
      let secret = "secret\(UInt32.random(in: 0 ... .max))"
      try place.prepare(
        """
        echo inside >machine/file; echo new >desk/new; mkdir outside machine/folder; echo \(secret) >outside/secret
        ln -s "$PWD/outside" machine/out; ln -s ../../../../../.. machine/folder/up; ln -s /file machine/absolute
        ln -s "$PWD/outside/secret" machine/direct; ln -s /proc/self/root machine/proc
        """)
      let (desk, outside) = (place.desk, shop.scratch.path("outside"))
      let done = try place.alice.sftp(
        place.code,
        """
        pwd
        get /file \(desk)/plain
        get /absolute \(desk)/absolute
        get /folder/up/file \(desk)/up
        put \(desk)/new /../../new
        -get \(outside)/secret \(desk)/1
        -get /out/secret \(desk)/2
        -get /direct \(desk)/3
        -get /folder/up\(outside)/secret \(desk)/4
        -get /../..\(outside)/secret \(desk)/5
        -get /proc\(outside)/secret \(desk)/6
        -put \(desk)/new /out/new
        -put \(desk)/new \(outside)/new
        -mkdir /out/made
        -rename /new /out/new
        symlink \(outside)/secret /made
        -get /made \(desk)/7
        -rm /out/secret
        ls -la /out
        """, options: [])
      #expect(done.output.contains("Remote working directory: /\n"), "\(done)")
      try place.prepare("cat desk/plain desk/absolute desk/up | sort -u | cmp - machine/file; cmp desk/new machine/new")
      #expect(try place.prepare("ls desk outside | tr '\\n' ' '") == "desk: absolute new plain up  outside: secret ")
      let everything = try place.prepare("cat outside/secret; grep -rl \(secret) desk || :")
      #expect(everything == "\(secret)\n", "\(everything)")
      let record = try shop.record("the put") { $0.opened("/new").contains { $0["complete"]?.flag == true } }
      #expect(record.opened("/new").first?["path"]?.string == "\(folder)/new", "\(record.files)")
    }
  }

  @Test("--no-shell leaves sftp, and refuses shells and commands with a line")
  func noShell() throws {
    try withShop { shop in
      let place = try Place(shop, agent: ["--no-shell"])
      try place.prepare("echo new >desk/new")
      #expect(
        try place.alice.sftp(place.code, "put \(place.desk)/new \(place.machine)/new\nls \(place.machine)").succeeded)
      try place.prepare("cmp desk/new machine/new")
      let command = try place.alice.ssh(place.code, ["touch \(place.machine)/ran"])
      #expect(command.exit == .status(255) && command.error.contains("--no-shell"), "\(command)")
      let shell = shop.adopt(try place.alice.terminal(place.code))
      #expect(try shell.wait() == .status(255))
      #expect(shell.output.text.contains("--no-shell"), "\(shell.seen)")
      #expect(try place.prepare("ls machine") == "new\n")
    }
  }

  @Test("the customer is told in the question that files can be read, or changed as well", arguments: [false, true])
  func words(readOnly: Bool) throws {
    try withShop { shop in
      let place = try Place(shop, agent: ["--no-shell"] + (readOnly ? ["--read-only"] : []))
      #expect(try place.alice.sftp(place.code, "pwd").succeeded)
      let text = try place.agent.event("consent")["text"]?.string ?? ""
      #expect(text.contains("files"), "\(text)")
      #expect(text.contains("change") != readOnly, "\(text)")
    }
  }
}
