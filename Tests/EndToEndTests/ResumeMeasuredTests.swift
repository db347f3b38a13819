import Glibc
import NIOCore
import Testing

/// What cuts cost. Measures, so nothing else runs.
@Suite("Resume, measured", .alone, .serialized) struct ResumeMeasuredTests {
  /// Cuts on one tunnel in a row.
  static let cuts = 1000
  /// Growth allowed after the first hundred, in KiB.
  static let growth = 2048

  @Test("a thousand cuts on one tunnel leave no memory and no descriptor behind")
  func thousandCuts() throws {
    try withFaults { place, proxy in
      let shell = place.shop.adopt(try place.alice.start(place.code, ["cat"], input: .pipe))
      try shell.type("0\n")
      try shell.expect("0\n")
      let pids = [("relay", place.shop.relay.child.pid), ("agent", place.agent.child.pid)]
      func memory() throws -> [Int] { try pids.map { try Processes.kibibytes("VmRSS", of: $0.1) } }
      func descriptors() throws -> [Int] { try pids.map { try Processes.descriptors(of: $0.1) } }
      var first: (memory: [Int], descriptors: [Int])?
      let watch = Stopwatch()
      var sent = "0\n"
      for number in 1...Self.cuts {
        proxy.cut()
        try shell.type("\(number)\n")
        sent += "\(number)\n"
        try waitUntil("line \(number)", seen: { shell.seen }) { shell.output.total >= sent.utf8.count }
        if number == 100 { first = (try memory(), try descriptors()) }
      }
      let seconds = watch.seconds
      #expect(shell.output.text == sent)
      let before = try unwrap(first)
      var last = try memory()
      try waitUntil("the descriptors to be as many", seen: { "\(before.descriptors), \((try? descriptors()) ?? [])" }) {
        zip(try descriptors(), before.descriptors).allSatisfy { $0 <= $1 }
      }
      last = try memory()
      for (index, process) in pids.enumerated() {
        print(
          "\(Self.cuts) cuts in \(seconds) s: the \(process.0) grew from \(before.memory[index]) to \(last[index]) KiB")
        #expect(last[index] - before.memory[index] <= Self.growth, "the \(process.0)")
      }
      #expect(proxy.counts.passed > Self.cuts)
      shell.endInput()
      #expect(try shell.wait() == .status(0))
      _ = try place.shop.close(by: place.alice)
    }
  }

  @Test("while the line is down neither side holds more than its limits, whatever is pushed; then all of it arrives")
  func pushedMeanwhile() throws {
    try withFaults { place, proxy in
      try place.prepare("head -c 100000000 /dev/urandom >desk/in; cp desk/in machine/in")
      _ = try place.alice.ssh(place.code, ["true"])
      let pids = [place.shop.relay.child.pid, place.agent.child.pid]
      for pid in pids { try Processes.resetPeak(of: pid) }
      let before = try pids.map { try Processes.kibibytes("VmRSS", of: $0) }
      let put = place.shop.adopt(
        try place.alice.start(place.code, ["cat >\(place.machine)/out"], input: .file("\(place.desk)/in")))
      let get = try place.shop.adopt(Workload.execOut.start(place, target: nil))
      try waitUntil("bytes of both") { place.size(of: "machine/out") > 1 << 20 && place.size(of: "desk/out") > 1 << 20 }
      proxy.down()
      _ = try waitUntilStill("what was read", for: .milliseconds(1500)) {
        try Processes.inputPosition(of: put.pid) + place.size(of: "desk/out")
      }
      let peak = try pids.map { try Processes.kibibytes("VmHWM", of: $0) }
      print("a full tunnel that is cut cost the relay \(peak[0] - before[0]) KiB, the agent \(peak[1] - before[1]) KiB")
      #expect(peak[0] - before[0] < StallTests.growthLimit && peak[1] - before[1] < 2 * StallTests.growthLimit)
      proxy.release()
      #expect(try put.wait(within: .seconds(60)) == .status(0), "\(put.seen)")
      #expect(try get.wait(within: .seconds(60)) == .status(0), "\(get.seen)")
      try place.expectSame("desk/in", "machine/out")
      try place.expectSame("machine/in", "desk/out")
    }
  }

  @Test("a resumption takes one round trip beyond TLS: what was typed meanwhile is answered with it")
  func roundTrips() throws {
    try withFaults { place, proxy in
      let shell = place.shop.adopt(try place.alice.start(place.code, ["cat"], input: .pipe))
      try shell.type("warm\n")
      try shell.expect("warm\n")
      let oneWay = 0.2
      proxy.delay(.milliseconds(Int64(oneWay * 1000)))
      var best = Double.infinity
      for number in 1...3 {
        let watch = Stopwatch()
        proxy.cut()
        try shell.type("\(number)\n")
        try shell.expect("\n\(number)\n")
        best = min(best, watch.seconds)
      }
      // TLS there and back, RESUME there, RESUMED with the line behind it back, and its echo there.
      print("answered \(best) s after a cut, \(5 * oneWay) s of it on the way")
      #expect(best < 5 * oneWay + 0.9 * oneWay, "\(best) s")
    }
  }
}
