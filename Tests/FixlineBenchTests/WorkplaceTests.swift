import Foundation
import Glibc
import Testing

@testable import fixline_bench

@Suite("Workplace") struct WorkplaceTests {
  /// A process that has ended but that nobody has asked after yet has no memory left.
  private func gone(_ pid: pid_t) -> Bool { (ProcessProbe.residentBytes(pid) ?? 0) == 0 }

  @Test func `a failing program is an error with what it said`() async throws {
    let workplace = try Workplace(bytes: 1)
    let failure = await #expect(throws: BenchFailure.self) {
      try await workplace.run(["sh", "-c", "echo first; echo no such host >&2; exit 7"])
    }
    #expect(failure?.line == "sh ended with status 7: no such host")
    let slow = await #expect(throws: BenchFailure.self) {
      try await workplace.run(["cat"], input: .file("/dev/zero"), within: .milliseconds(100))
    }
    #expect(slow?.line.contains("longer than") == true)
    await workplace.end()
  }

  @Test func `output reaches its file and its transcript whole`() async throws {
    let workplace = try Workplace(bytes: 1)
    let copy = "\(workplace.path)/copy"
    _ = try await workplace.run(["head", "-c", "1000001", "/dev/urandom"], output: .file(copy))
    #expect(try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int == 1_000_001)
    let counted = try await workplace.run(["wc", "-c"], input: .file(copy), output: .transcript)
    #expect(counted.output.text == "1000001\n")
    await workplace.end()
  }

  @Test func `at the end every program has ended, stopped and stubborn ones too, and the directory is gone`()
    async throws
  {
    let workplace = try Workplace(bytes: 1)
    let plain = try await workplace.start(
      "cat", ["sh", "-c", "echo $$; cat /dev/zero > /dev/null"], directory: workplace.path)
    let pid = try await plain.firstLine(\.output, "its pid") { pid_t($0) }
    let stopped = try await workplace.converse(["cat"], input: .pipe, output: .nothing)
    var readers: [pid_t] = []
    while readers.isEmpty {
      await Pause.short()
      readers = ProcessProbe.children(of: pid)
    }
    stopped.signal(SIGSTOP)
    await workplace.end()
    #expect(gone(pid))
    #expect(readers.allSatisfy(gone))
    #expect(gone(stopped.group))
    #expect(!FileManager.default.fileExists(atPath: workplace.path))
  }

  @Test func `when this program is killed, what it had started still ends and the directory goes`() async throws {
    let workplace = try Workplace(bytes: 1)
    let ended = try await workplace.start("early", ["cat"], directory: workplace.path)
    await workplace.stop(ended.child)
    let daemons = [
      try await workplace.start("plain", ["sleep", "600"], directory: workplace.path),
      try await workplace.start("stubborn", ["sh", "-c", "trap '' TERM; sleep 600"], directory: workplace.path),
    ]
    let leaders = daemons.map(\.child.group)
    // The shell around each needs a moment to start it.
    var programs: [pid_t] = []
    while programs.count < daemons.count {
      await Pause.short()
      programs = daemons.compactMap(\.child.program)
    }
    // What the kernel does with the pipe of a program that is gone.
    try workplace.janitor.inputEnd?.close()
    _ = await workplace.janitor.exit.value
    for daemon in daemons { _ = await daemon.child.exit.value }
    #expect((leaders + programs).allSatisfy(gone))
    #expect(!FileManager.default.fileExists(atPath: workplace.path))
  }

  @Test func `a program that ends before it is ready is an error at once`() async throws {
    let workplace = try Workplace(bytes: 1)
    let daemon = try await workplace.start(
      "server", ["sh", "-c", "echo port taken >&2; exit 1"], directory: workplace.path)
    let failure = await #expect(throws: BenchFailure.self) {
      try await daemon.firstLine(\.output, "its ready line") { $0 }
    }
    #expect(failure?.line == "server ended before its ready line: port taken")
    await workplace.end()
  }

  @Test func `cancelling ends the program that is running`() async throws {
    let workplace = try Workplace(bytes: 1)
    let task = Task { try await workplace.run(["cat"], input: .file("/dev/zero")) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await workplace.end()
  }
}
