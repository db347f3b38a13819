import ArgumentParser
import Testing

@testable import fixline_bench

@Suite("Options") struct OptionTests {
  @Test func `without names everything is measured under every condition`() throws {
    let plan = try FixlineBench.parse([]).plan()
    #expect(plan.measurements == Metric.allCases)
    #expect(plan.conditions == Condition.all)
    #expect(plan.mebibytes == 512)
    #expect(plan.rounds == 5)
    #expect(plan.sessions == 1000)
  }

  @Test(arguments: [
    (["echo", "attach"], [Metric.attach, .echo]), (["sftp"], [.sftpGet, .sftpPut]),
    (["bulk,echo", "bulk-in"], [.echo, .bulkOut, .bulkIn]), (["stalls", "stalls"], [.stalls]),
  ])
  func `names come alone, with commas or as groups, and are measured once in a fixed order`(
    names: [String], expected: [Metric]
  ) throws {
    #expect(try Metric.parse(names) == expected)
    #expect(try FixlineBench.parse(["--only"] + names).plan().measurements == expected)
  }

  @Test(arguments: [
    ["--only", "speed"], ["--conditions", "50ms"], ["--mebibytes", "0"], ["--mebibytes", "8193"], ["--rounds", "0"],
    ["--rounds", "101"], ["--sessions", "0"], ["--mebibytes", "many"], ["--surprise"],
  ])
  func `what is not understood is refused, and is wrong usage`(arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try FixlineBench.parse(arguments) }
    if let error { #expect(FixlineBench.exitCode(for: error).rawValue == 64) }
  }

  @Test func `an unknown name is answered with those there are`() {
    let error = #expect(throws: UsageError.self) { try Metric.parse(["echo", "speed"]) }
    #expect(error?.description.contains("\"speed\"") == true)
    #expect(error?.description.contains("sftp-get") == true)
  }

  @Test func `quick takes one round of small sizes and enlarges nothing`() throws {
    let quick = try FixlineBench.parse(["--quick"]).plan()
    #expect(quick.rounds == 1)
    #expect(quick.mebibytes == 16)
    #expect(quick.files < BenchPlan.rsyncFiles)
    #expect(quick.sessions <= Crowd.batch && quick.sessionSeconds < 10 && quick.sessionTurns == 1)
    #expect(try FixlineBench.parse(["--quick", "--sessions", "2"]).plan().sessions == 2)
    #expect(try FixlineBench.parse(["--quick", "--mebibytes", "2"]).plan().mebibytes == 2)
  }

  @Test func `a delay quarters the payload and leaves out what it says nothing about`() throws {
    let plan = try FixlineBench.parse(["--mebibytes", "512"]).plan()
    #expect(plan.payloadBytes(.stock) == 512 << 20)
    #expect(plan.payloadBytes(.far) == 128 << 20)
    #expect(plan.echoSamples(.stock) == 300)
    #expect(plan.echoSamples(.far) == 60)
    #expect(plan.measurements(.far) == [.attach, .echo, .bulkOut, .bulkIn, .sftpGet, .sftpPut])
    #expect(plan.measurements(.stock).contains(.rsync))
    #expect(plan.measurements(.stock).allSatisfy { !$0.isApart })
    #expect(try FixlineBench.parse(["--mebibytes", "1"]).plan().payloadBytes(.far) == 1 << 20)
  }

  @Test func `a keystroke run stays in one line of the terminal`() {
    #expect(Echo.warmUp + BenchPlan.echoSamples < 4095)
  }
}
