import TestSupport
import Testing

@testable import SFTPProtocol

struct ScheduleTests {
  @Test func `what only looks is done side by side, what changes something alone`() {
    var schedule = RequestSchedule<String>()
    for (name, isSharable) in [("a", true), ("b", true), ("W", false), ("c", true), ("X", false), ("Y", false)] {
      schedule.add(name, isSharable: isSharable)
    }
    #expect(schedule.start() == "a")
    #expect(schedule.start() == "b")
    #expect(schedule.start() == nil)
    schedule.finish()
    #expect(schedule.start() == nil)
    schedule.finish()
    #expect(schedule.start() == "W")
    #expect(schedule.start() == nil)
    schedule.finish()
    #expect(schedule.start() == "c")
    #expect(schedule.start() == nil)
    schedule.finish()
    #expect(schedule.start() == "X")
    #expect(schedule.removeWaiting() == ["Y"])
    schedule.finish()
    #expect(schedule.start() == nil)
  }

  @Test func `everything is started once and in order, whatever finishes first`() {
    var random = SeededGenerator()
    var schedule = RequestSchedule<(Int, Bool)>()
    var started: [Int] = []
    var running: [(Int, Bool)] = []
    for number in 0..<5000 {
      let isSharable = Bool.random(using: &random)
      schedule.add((number, isSharable), isSharable: isSharable)
      while Bool.random(using: &random), let next = schedule.start() {
        #expect(running.isEmpty || (next.1 && running.allSatisfy(\.1)), "seed \(Seed.current)")
        running.append(next)
        started.append(next.0)
      }
      if Bool.random(using: &random), !running.isEmpty {
        running.remove(at: Int.random(in: running.indices, using: &random))
        schedule.finish()
      }
    }
    while schedule.waitingCount > 0 || !running.isEmpty {
      while let next = schedule.start() {
        running.append(next)
        started.append(next.0)
      }
      running.removeLast()
      schedule.finish()
    }
    #expect(started == Array(0..<5000), "seed \(Seed.current)")
  }

  @Test func `handles are numbered as sftp-server numbers them`() {
    var table = HandleTable()
    #expect((0..<4).map { _ in table.reserve() } == [0, 1, 2, 3])
    for slot in [1, 3, 0] { table.free(slot) }
    table.free(0)
    #expect((0..<4).map { _ in table.reserve() } == [0, 3, 1, 4])
    #expect(table.count == 5)
    #expect(table.file(UInt32.max) == nil)
    #expect(table.file(nil) == nil)
  }
}
