import Foundation
import Glibc
import Testing

/// Who stops reading or writing, alone or a hundred times at once, costs the relay less than 32 MiB and the others nothing. A
/// technician who stops reading is among the data tests. Measures, so nothing else runs.
@Suite("Stalls", .alone, .serialized) struct StallTests {
  /// The relay's growth that nobody may cause, in KiB.
  static let growthLimit = 32 * 1024
  /// What is pushed at whoever does not read, in MiB.
  static let pushedMebibytes = 256

  /// One stall, watched.
  struct Watch {
    let place: Place
    let name: String
    private let relay: pid_t
    private let relayBefore: Int
    private let agentBefore: Int
    /// What an answer may take: four times what it and another take on this machine at this hour, and three seconds.
    private let limit: Duration

    init(_ place: Place, _ name: String) throws {
      self.place = place
      self.name = name
      relay = place.shop.relay.child.pid
      // What the first connections alone cost is no growth.
      let started = ContinuousClock.now
      _ = try place.alice.ssh(place.code, ["true"])
      _ = try place.alice.sftp(place.code, "ls \(place.desk)")
      limit = .seconds(3) + (ContinuousClock.now - started) * 4
      for pid in [relay, place.agent.child.pid] { try Processes.resetPeak(of: pid) }
      relayBefore = try Processes.kibibytes("VmRSS", of: relay)
      agentBefore = try Processes.kibibytes("VmRSS", of: place.agent.child.pid)
    }

    /// Others are answered at once: on connections of their own, in the same session, a command and an sftp.
    func othersGoOn(through master: Master? = nil) throws {
      for round in 0..<3 {
        let started = ContinuousClock.now
        let command = try place.alice.ssh(
          place.code, ["echo \(round)"], options: master?.options ?? [], within: .seconds(30))
        #expect(command.output == "\(round)\n", "\(name): \(command)")
        let took = ContinuousClock.now - started
        #expect(took < limit, "\(name): a command took \(took) of \(limit)")
      }
      let started = ContinuousClock.now
      let sftp = try place.alice.sftp(
        place.code, "ls \(place.desk)", options: master?.longOptions ?? [], within: .seconds(30))
      let took = ContinuousClock.now - started
      #expect(sftp.succeeded && took < limit, "\(name): an sftp took \(took) of \(limit). \(sftp)")
    }

    func expectLittleMemory(agentTimes factor: Int = 2) throws {
      let relayGrowth = try Processes.kibibytes("VmHWM", of: relay) - relayBefore
      let agentGrowth = try Processes.kibibytes("VmHWM", of: place.agent.child.pid) - agentBefore
      print("\(name) cost the relay \(relayGrowth / 1024) MiB, the agent \(agentGrowth / 1024) MiB")
      #expect(relayGrowth < StallTests.growthLimit, "\(name): the relay grew by \(relayGrowth) KiB")
      // The agent has no promise to keep but that of not holding all.
      #expect(agentGrowth < factor * StallTests.growthLimit, "\(name): the agent grew by \(agentGrowth) KiB")
    }
  }

  @Test("a command that never reads its input")
  func commandStopsReading() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("truncate -s \(Self.pushedMebibytes)M desk/big")
      let watch = try Watch(place, "a command that does not read")
      let token = "8\(UInt32.random(in: 100_000_000 ... .max))"
      let master = try place.alice.master(place.code)
      defer { master.close() }
      let child = shop.adopt(
        try place.alice.start(place.code, ["sleep \(token)"], input: .file("\(place.desk)/big")))
      let taken = try waitUntilStill("what ssh has read", for: .milliseconds(700)) {
        try max(1, Processes.inputPosition(of: child.pid))
      }
      #expect((1 << 16..<64 << 20).contains(taken), "\(taken) bytes are somewhere between")
      try watch.othersGoOn()
      try watch.othersGoOn(through: master)
      try watch.expectLittleMemory()
      child.kill()
      try Processes.waitUntilGone("sleep \(token)")
    }
  }

  @Test(
    "a disk that stops writing: the put waits, goes on with the disk, and is whole",
    .enabled(if: Mount.sshfsIsPossible, "needs sshfs and a /dev/fuse that can be opened"))
  func diskStops() throws {
    try withShop { shop in
      let place = try Place(shop)
      let store = try shop.scratch.directory("store")
      try place.prepare(
        """
        set +o pipefail
        openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000 \
          -in /dev/zero 2>/dev/null | head -c \(Self.pushedMebibytes << 20) >desk/big
        """)
      let (mount, server) = try Mount.ofServer(shop, place.alice, store, at: "machine/disk")
      defer { mount.close() }
      // Nobody who waits for the disk could be ended before it answers.
      defer { kill(server, SIGCONT) }
      let watch = try Watch(place, "a disk that does not write")
      let put = shop.adopt(
        try place.alice.launch(place.alice.sftpLine(place.code, "put \(place.desk)/big \(mount.path)/big")))
      func stored() -> Int { place.size(of: "store/big") }
      try waitUntil("bytes on the disk", seen: { put.seen }) { stored() > 1 << 20 }
      try Processes.stop(server)
      let reached = stored()
      #expect(reached < Self.pushedMebibytes << 20, "the put was done before the disk stopped")
      try watch.othersGoOn()
      #expect(stored() == reached && put.exit == nil)
      try watch.expectLittleMemory()
      kill(server, SIGCONT)
      #expect(try put.wait(within: .seconds(60)) == .status(0), "\(put.seen)")
      try place.prepare("[ $(sha256sum <desk/big | cut -c1-64) = $(sha256sum <store/big | cut -c1-64) ]")
      try watch.expectLittleMemory()
    }
  }

  @Test(
    "a disk that stops with eight transfers on it, given up or not, leaves other disks' files within reach",
    .enabled(if: Mount.sshfsIsPossible, "needs sshfs and a /dev/fuse that can be opened"))
  func diskStopsMany() throws {
    try withShop { shop in
      let place = try Place(shop)
      let store = try shop.scratch.directory("store")
      try place.prepare("head -c 30000000 /dev/urandom >store/file")
      let (mount, server) = try Mount.ofServer(shop, place.alice, store, at: "machine/disk")
      defer { mount.close() }
      defer { kill(server, SIGCONT) }
      let watch = try Watch(place, "eight transfers on a disk that does not read")
      try Processes.stop(server)
      let transfers = try (0..<8).map { _ in try RawSftp(shop, place.alice, place.code) }
      for sftp in transfers {
        // Looking at the file waits for the disk, and so does all that follows.
        for number: UInt32 in 0..<8 { try sftp.send(.status, [.number(number), .text("\(mount.path)/file")]) }
      }
      try watch.othersGoOn()
      for sftp in transfers.prefix(4) { sftp.child.signal(SIGKILL) }
      try watch.othersGoOn()
      try watch.expectLittleMemory()
      kill(server, SIGCONT)
      for sftp in transfers.suffix(4) {
        for _ in 0..<8 { #expect(try sftp.reply().kind == 105) }
        #expect(try sftp.finish() == .status(0))
      }
    }
  }

  @Test("a -L client that stops reading, and then reads on")
  func clientStopsReading() throws {
    try withShop { shop in
      let place = try Place(shop)
      let target = try Target(.flood, for: shop)
      let watch = try Watch(place, "a -L client that does not read")
      let master = try place.alice.master(place.code)
      defer { master.close() }
      let port = try master.forward(place.alice, place.code, to: "127.0.0.1:\(target.port)")
      let client = try shop.startConnections("stall", "\(port)", input: .pipe)
      try client.expect("stalled")
      try watch.othersGoOn()
      try watch.othersGoOn(through: master)
      try watch.expectLittleMemory()
      try client.type("on\n")
      try client.expect("resumed")
    }
  }

  @Test("a -L target that stops reading")
  func targetStopsReading() throws {
    try withShop { shop in
      let place = try Place(shop)
      let target = try Target(.silent, for: shop)
      let watch = try Watch(place, "a -L target that does not read")
      let master = try place.alice.master(place.code)
      defer { master.close() }
      let port = try master.forward(place.alice, place.code, to: "127.0.0.1:\(target.port)")
      let client = try shop.startConnections("push", "\(port)")
      let sent = try waitUntilStill("what was sent", for: .milliseconds(700)) {
        max(1, JSON.lines(of: client.output.text).last?["sent"]?.int ?? 0)
      }
      #expect((1 << 20..<64 << 20).contains(sent), "\(sent) bytes are somewhere between")
      try watch.othersGoOn()
      try watch.othersGoOn(through: master)
      try watch.expectLittleMemory()
      client.kill()
      master.close()
      try shop.record("the end of every channel") {
        $0.details("channel-closed").count == $0.details("channel-opened").count
      }
    }
  }

  @Test(
    "connections of one -L stall together: clients that do not read, targets that do not read",
    arguments: [(Target.Kind.flood, 100), (.silent, 8), (.silent, 100)])
  func stalledTogether(kind: Target.Kind, count: Int) throws {
    try withShop { shop in
      let place = try Place(shop)
      let target = try Target(kind, for: shop)
      let watch = try Watch(place, "\(count) stalled connections (\(kind))")
      let master = try place.alice.master(place.code)
      defer { master.close() }
      let port = try master.forward(place.alice, place.code, to: "127.0.0.1:\(target.port)")
      let client = try shop.startConnections(kind == .flood ? "ignore" : "push", "\(port)", "\(count)", input: .pipe)
      try shop.record("all connections") { $0.details("channel-opened").count > count }
      // Nothing moves any more: neither in the relay nor out of the client.
      _ = try waitUntilStill("the relay's memory", for: .milliseconds(700)) {
        let sent = JSON.lines(of: client.output.text).last?["sent"]?.int ?? 0
        return try Processes.kibibytes("VmRSS", of: shop.relay.child.pid) / 1024 + sent
      }
      try watch.othersGoOn()
      try watch.othersGoOn(through: master)
      // Each target's socket brings the agent half a MiB before it is read no more.
      try watch.expectLittleMemory(agentTimes: count < 10 ? 2 : 4)
      client.kill()
      master.close()
      try watch.othersGoOn()
    }
  }

  @Test("ten transfers stalled at once by technicians who stopped")
  func tenStalled() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("truncate -s \(Self.pushedMebibytes)M machine/big")
      let watch = try Watch(place, "ten gets that nobody reads")
      let children = try (0..<10).map { number in
        shop.adopt(
          try place.alice.launch(
            place.alice.sftpLine(
              place.code, "get \(place.machine)/big \(place.desk)/got\(number)", options: ["-l", "80000"])))
      }
      for number in children.indices {
        try waitUntil("bytes of \(number)") {
          place.size(of: "desk/got\(number)") > 1 << 16
        }
      }
      // sftp and its ssh.
      for child in children { killGroup(child, SIGSTOP) }
      try watch.othersGoOn()
      try watch.expectLittleMemory()
    }
  }
}
