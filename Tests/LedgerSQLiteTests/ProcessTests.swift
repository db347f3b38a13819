import Foundation
import Ledger
import LedgerSQLite
import Synchronization
import Testing

/// Other processes at work on the same file.
@Suite struct ProcessTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func twoProcessesAppendingAtOnceKeepOneChain() async throws {
    let path = scratch.ledger
    let ledger = try SQLiteLedger(path: path)
    let counter = Counter()
    let own = Task.detached {
      var count = 0
      while count < 100 || counter.value == 0 {
        try ledger.append(note(count), at: Play.time)
        count += 1
      }
      return count
    }
    await #expect(processExitsWith: .success) { [path = path as String] in
      let ledger = try SQLiteLedger(path: path)
      for number in 0..<100 { try ledger.append([note(number), note(number)], at: Play.time) }
    }
    counter.increment()
    let count = try await own.value
    let report = try ledger.verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == UInt64(count + 200))
  }

  @Test(arguments: [1, 2, 3])
  func aWriterKilledAtAnyMomentLosesNothingAcknowledged(round: Int) async throws {
    let path = scratch.ledger
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
      try appendUntilKilled(path: path, appends: 20 * round)
    }
    let text = try String(contentsOfFile: path + ".acknowledged", encoding: .utf8)
    let acknowledged = text.split(separator: "\n").compactMap { UInt64($0) }
    #expect(acknowledged.count >= 20 * round)
    let report = try SQLiteLedger(path: path).verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries >= acknowledged.last ?? 0)
    #expect(report.entries.isMultiple(of: 2), "an append is whole or not at all")
  }
}

/// A number two threads share.
private final class Counter: Sendable {
  private let number = Atomic(0)
  var value: Int { number.load(ordering: .acquiring) }
  func increment() { number.add(1, ordering: .releasing) }
}

/// Appends and writes down what was acknowledged, until another thread of this process, having seen `appends` of them,
/// kills it wherever it is.
private func appendUntilKilled(path: String, appends: Int) throws {
  let ledger = try SQLiteLedger(path: path)
  _ = FileManager.default.createFile(atPath: path + ".acknowledged", contents: nil)
  let file = try #require(FileHandle(forWritingAtPath: path + ".acknowledged"))
  let counter = Counter()
  Thread.detachNewThread {
    while counter.value < appends { continue }
    kill(getpid(), SIGKILL)
  }
  while true {
    let entries = try ledger.append([note(1), note(2)], at: Play.time)
    try file.write(contentsOf: Data("\(entries[1].sequence)\n".utf8))
    counter.increment()
  }
}
