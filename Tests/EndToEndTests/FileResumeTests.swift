import Foundation
import Glibc
import Testing

/// Transfers that end early, and go on later.
@Suite("File transfer, broken off", .shared) struct FileResumeTests {
  @Test("a get and a put resumed behind 4 GiB move the rest and nothing else")
  func resumedBehind4GiB() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        """
        for side in machine desk; do
          truncate -s 5G $side/whole
          head -c 1048576 /dev/urandom | dd of=$side/whole bs=1M seek=5119 conv=notrunc status=none
        done
        truncate -s 5119M desk/got machine/put
        """)
      for line in [
        "get -a \(place.machine)/whole \(place.desk)/got", "put -a \(place.desk)/whole \(place.machine)/put",
      ] {
        let done = try place.alice.sftp(place.code, line)
        #expect(done.succeeded, "\(done)")
      }
      // The rest, the size, and no block of what was there before.
      try place.prepare(
        """
        tail -c 1048576 machine/whole | cmp - <(tail -c 1048576 desk/got)
        tail -c 1048576 desk/whole | cmp - <(tail -c 1048576 machine/put)
        for file in desk/got machine/put; do
          [ $(stat -c %s $file) = 5368709120 ]; [ $(stat -c %b $file) -lt 8192 ]
        done
        """)
      try shop.record("both transfers") { record in
        record.opened("/whole").first?["bytes_from_machine"]?.int == 1 << 20
          && record.opened("/machine/put").first?["bytes_to_machine"]?.int == 1 << 20
      }
    }
  }

  @Test("reads of one file are answered in the order they were asked, so that scp and reget keep what they got")
  func readsInOrder() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 20000000 /dev/urandom >machine/file")
      let sftp = try RawSftp(shop, place.alice, place.code)
      let handle = try sftp.open("\(place.machine)/file")
      // A large one, whose bytes take long, before small ones, over and over; and what is done at once between them.
      let asked: [UInt32] = (1000..<1300).map { $0 }
      for number in asked {
        let bytes: UInt32 = number % 5 == 0 ? 250_000 : 10
        try sftp.send(.read, [.number(number), .text(handle), .long(UInt64(number - 1000) * 50_000), .number(bytes)])
        try sftp.send(.handleStatus, [.number(number + 10_000), .text(handle)])
      }
      let answers = try (0..<600).map { _ in try sftp.reply() }
      #expect(answers.map(\.number).filter { $0 < 10_000 } == asked)
      #expect(Set(answers.map(\.number)).count == 600)
      // OpenSSH's scp writes in place, and cuts its file off where an answer came out of order.
      for round in 0..<10 {
        let there = place.alice.path("\(place.machine)/file", of: place.code)
        #expect(try place.alice.scp([there, "\(place.desk)/got\(round)"]).succeeded)
        #expect(place.size(of: "desk/got\(round)") == 20_000_000)
      }
    }
  }

  @Test("a transfer that was interrupted is resumed, and then is whole", arguments: ["get", "put"])
  func resumed(command: String) throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("head -c 40000000 /dev/urandom >desk/one; head -c 40000000 /dev/urandom >machine/two")
      let (from, to) = command == "get" ? ("machine/two", "desk/copy") : ("desk/one", "machine/copy")
      let line = "\(command) \(shop.scratch.path(from)) \(shop.scratch.path(to))"
      let first = shop.adopt(
        try place.alice.launch(place.alice.sftpLine(place.code, line, options: ["-l", "80000"])))
      try waitUntil("bytes", seen: { first.seen }) { place.size(of: to) > 1 << 20 }
      killGroup(first, SIGINT)
      try first.wait()
      let reached = place.size(of: to)
      #expect(reached > 0 && reached < 40_000_000)
      let again = try place.alice.sftp(place.code, "re\(line)")
      #expect(again.succeeded, "\(again)")
      try place.prepare("cmp \(from) \(to)")
      // The beginning was not moved again.
      let count = command == "get" ? "bytes_from_machine" : "bytes_to_machine"
      try shop.record("the rest") { record in
        let opened = record.opened(command == "get" ? "/two" : "/copy")
        return opened.count == 2 && opened[1][count]?.int == 40_000_000 - reached
      }
    }
  }

  @Test("the customer's Ctrl-C ends a transfer and a forward at once, and the record says which file was interrupted")
  func customerStops() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("truncate -s 5G machine/huge")
      let flood = try Target(.flood, for: shop)
      let get = shop.adopt(
        try place.alice.launch(
          place.alice.sftpLine(
            place.code, "get \(place.machine)/huge \(place.desk)/got", options: ["-l", "80000"])))
      let forward = shop.adopt(
        try place.alice.start(place.code, options: ["-W", "127.0.0.1:\(flood.port)"], input: .pipe))
      try waitUntil("bytes of both", seen: { get.seen }) {
        place.size(of: "desk/got") > 1 << 20 && forward.output.total > 1 << 20
      }
      let id = try shop.openSession()
      place.agent.interrupt()
      #expect(try get.wait(within: .seconds(5)) != .status(0), "\(get.seen)")
      try forward.wait(within: .seconds(5))
      #expect(try place.agent.child.wait(within: .seconds(5)) == .status(0))
      let record = try shop.command("session", "show", id, "--json").json()
      #expect(record["state"]?.string == "closed")
      #expect(record.opened("/huge").first?["complete"]?.flag == false, "\(record.files)")
      #expect((record["bytes_from_machine"]?.int ?? 0) > 2 << 20)
    }
  }

  @Test("Ctrl-C in a transfer leaves no handle and no stream, and the record says how far it came")
  func interrupted() throws {
    try withShop { shop in
      let place = try Place(shop)
      let agent = place.agent.child.pid
      try place.prepare("truncate -s 5G machine/huge; truncate -s 5G desk/huge; echo warm >machine/warm")
      // Its threads and sockets are there from the first transfer on.
      #expect(try place.alice.sftp(place.code, "get \(place.machine)/warm \(place.desk)/warm").succeeded)
      let quiet = try place.quietDescriptors()
      let lines = [
        "get": try place.alice.sftpLine(
          place.code, "get \(place.machine)/huge \(place.desk)/got", options: ["-l", "80000"]),
        "put": try place.alice.sftpLine(
          place.code, "put \(place.desk)/huge \(place.machine)/put", options: ["-l", "80000"]),
        "scp": [
          "scp", "-q", "-l", "80000", "-F", place.alice.configuration,
          place.alice.path("\(place.machine)/huge", of: place.code), "\(place.desk)/copied",
        ],
      ]
      for (name, file) in [("get", "desk/got"), ("put", "machine/put"), ("scp", "desk/copied")] {
        let child = shop.adopt(try place.alice.launch(try unwrap(lines[name]), input: .nothing))
        try waitUntil("bytes of \(name)", seen: { child.seen }) {
          place.size(of: file) > 1 << 20
        }
        #expect(try Processes.descriptors(of: agent) > quiet, "\(name) has no handle")
        // As a terminal does it: to the whole group, ssh included.
        killGroup(child, SIGINT)
        // An interrupted put ends with 0: OpenSSH's client says so.
        try child.wait()
        try place.waitForDescriptors(atMost: quiet)
      }
      try shop.record("three transfers and no open channel") { record in
        let got = record.opened("/machine/huge")
        let put = record.opened("/machine/put")
        let whole = 5 << 30
        // sftp takes a Ctrl-C and closes its file; scp is ended by it.
        return got.count == 2 && got[1]["complete"]?.flag == false && got[0]["complete"]?.flag == true
          && (1..<whole).contains(got[0]["bytes_from_machine"]?.int ?? 0)
          && (1..<whole).contains(put.first?["bytes_to_machine"]?.int ?? 0)
          && record.details("channel-opened").count == record.details("channel-closed").count
      }
      #expect(try shop.command("session", "show", shop.openSession()).output.contains("interrupted"))
    }
  }
}
