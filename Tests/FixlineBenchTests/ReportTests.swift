import Foundation
import Testing

@testable import fixline_bench

@Suite("Report") struct ReportTests {
  private let machine = MachineFacts(cores: 2, cpu: "a processor", kernel: "6.1", ssh: "OpenSSH_9.2", rsync: nil)

  private func plan() throws -> BenchPlan {
    try BenchPlan(
      mebibytes: 512, rounds: 3, measurements: Metric.allCases, conditions: Condition.all, quick: false)
  }

  /// One condition with three samples each: sshd, reverse, Fixline.
  private func result(_ condition: Condition, _ samples: [Metric: [[Double]]]) throws -> ConditionResult {
    var result = ConditionResult(condition: condition, payloadBytes: try plan().payloadBytes(condition))
    for (measurement, columns) in samples {
      for (setUp, column) in zip(SetUpName.allCases, columns) { result.add(measurement, setUp, .success(column)) }
    }
    return result
  }

  @Test func `a row shows medians and the ratios of Fixline to the others`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    report.results = [
      try result(
        .stock, [.bulkOut: [[210, 200, 190], [50, 40, 60], [300, 180, 200]], .attach: [[0.34], [0.72], [0.065]]])
    ]
    let lines = TextReport(report: report).lines
    let bulk = try #require(lines.first { $0.hasPrefix("bulk out, MiB/s") })
    #expect(bulk.split(separator: " ").dropFirst(3) == ["200", "50.0", "200", "4.00", "1.00", "more", "is", "better"])
    let attach = try #require(lines.first { $0.hasPrefix("attach, s") })
    #expect(
      attach.split(separator: " ").dropFirst(2) == ["0.340", "0.720", "0.065", "0.09", "0.19", "less", "is", "better"])
  }

  @Test func `one failed round takes the figure away and says why`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    var stock = try result(.stock, [.sftpGet: [[200], [50], [190]]])
    stock.add(.sftpGet, .fixline, .failure(BenchFailure("sftp is refused: not offered")))
    stock.add(.sftpPut, .fixline, .failure(BenchFailure("sftp is refused: not offered")))
    report.results = [stock]
    let lines = TextReport(report: report).lines
    let row = try #require(lines.first { $0.hasPrefix("sftp get") })
    #expect(row.split(separator: " ").dropFirst(3).prefix(5) == ["200", "50.0", "-", "-", "-"])
    #expect(report.failures == ["fixline, stock, sftp-get, sftp-put: sftp is refused: not offered"])
    #expect(lines.contains("  " + report.failures[0]))
    #expect(report.acceptance.filter { $0.text.contains("sftp get") }.allSatisfy { $0.holds == nil })
  }

  @Test func `echo p50 and p99 come from the same samples of all rounds`() throws {
    var stock = ConditionResult(condition: .stock, payloadBytes: 1)
    stock.add(.echo, .fixline, .success((0...50).map { Double($0) }))
    stock.add(.echo, .fixline, .success((51...100).map { Double($0) }))
    #expect(stock.value(.echoP50, .fixline) == 50)
    #expect(stock.value(.echoP99, .fixline) == 99)
  }

  @Test func `each line that has to hold is judged by its own bound`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    let samples: [Metric: [[Double]]] = [
      .attach: [[1], [1], [0.6]], .echo: [[1], [1], [1.2]], .bulkOut: [[100], [28], [70]],
      .bulkIn: [[100], [20], [90]],
      .sftpGet: [[100], [20], [50]], .sftpPut: [[100], [20], [49]],
    ]
    report.results = try [Condition.stock, .pinned, .near, .far].map { try result($0, samples) }
    let verdicts = Dictionary(
      uniqueKeysWithValues: report.acceptance.map { ($0.text, $0.holds) })
    #expect(verdicts["stock: attach to reverse"] == .some(true), "0.6 is at most 0.6")
    #expect(verdicts["stock: echo p50 to reverse"] == .some(false))
    #expect(verdicts["stock: echo p50 to sshd"] == .some(true))
    #expect(verdicts["stock: bulk out to reverse"] == .some(true), "2.5 is at least 2.5")
    #expect(verdicts["stock: sftp put to reverse"] == .some(false))
    #expect(verdicts["stock: bulk out to sshd"] == .some(false), "0.7 is less than 0.8")
    #expect(verdicts["pinned: bulk out to sshd"] == .some(true), "0.7 is at least 0.6")
    #expect(verdicts["100ms: bulk out to sshd"] == .some(false))
    #expect(verdicts["100ms: bulk out to reverse"] == .some(true))
    #expect(verdicts["20ms: sftp get to reverse"] == .some(true))
    #expect(verdicts["20ms: sftp get to sshd"] == .some(false))
    #expect(verdicts["100ms: bulk in to sshd"] == nil, "only transfers from the machine are judged there")
  }

  @Test func `lines whose measurement was left out are not shown`() throws {
    let plan = try BenchPlan(mebibytes: 1, rounds: 1, measurements: [.echo], conditions: [.stock], quick: false)
    var report = BenchReport(machine: machine, plan: plan)
    report.results = [try result(.stock, [.echo: [[1], [1], [1]]])]
    #expect(report.acceptance.map(\.text) == ["stock: echo p50 to reverse", "stock: echo p50 to sshd"])
  }

  @Test func `a stall holds below 32 MiB, and not at it`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    report.stalls = [(Stall.Kind.technician, 31.99), (.machine, 32)].map { kind, growth in
      Stall(kind: kind, result: .success(.init(relayGrowthMiB: growth, agentGrowthMiB: 1, attachSeconds: 0.1)))
    }
    report.stalls.append(Stall(kind: .disk, result: .failure(BenchFailure("no sshfs"))))
    #expect(report.acceptance.map(\.holds) == [true, false, nil])
    #expect(report.failures == ["fixline, disk stops writing: no sshfs"])
  }

  @Test func `a part that came to nothing is told, and its lines are not measured`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    report.results = [ConditionResult(condition: .far, payloadBytes: 1 << 20)]
    report.troubles = ["100ms: no port was free"]
    #expect(report.failures == ["100ms: no port was free"])
    #expect(report.acceptance.count == 4 && report.acceptance.allSatisfy { $0.holds == nil })
    #expect(TextReport(report: report).lines.contains("  100ms: no port was free"))
  }

  @Test func `what a cut costs is the time a round took longer, for each of its cuts`() throws {
    // 100 MiB in 1 s, and in 2 s over four cuts; a round without a cut says nothing.
    let rounds = [(100.0, 50.0, 4), (100, 10, 0)].map {
      Interruptions.Round(undisturbedMiBs: $0, brokenMiBs: $1, cuts: $2)
    }
    let cut = Interruptions(measurement: .bulkOut, bytes: 100 << 20, result: .success(rounds))
    #expect(cut.millisecondsPerCut == 250)
    let failed = Interruptions(measurement: .bulkIn, bytes: 0, result: .failure(BenchFailure("gone")))
    #expect(failed.millisecondsPerCut == nil)
    var report = BenchReport(machine: machine, plan: try plan())
    report.interruptions = [cut, failed]
    #expect(report.failures == ["fixline, bulk-in over a line that breaks: gone"])
    #expect(TextReport(report: report).lines.contains { $0.hasPrefix("bulk-out, MiB/s") && $0.contains("250") })
  }

  @Test func `resumption is judged by the medians of both, and may take three in a hundred`() throws {
    func retention(_ with: [Double], _ without: [Double]) -> Retention {
      Retention(measurement: .bulkOut, result: .success(.init(retainedMiBs: with, unretainedMiBs: without)))
    }
    var report = BenchReport(
      machine: machine,
      plan: try BenchPlan(mebibytes: 1, rounds: 1, measurements: [.retained], conditions: [.stock], quick: false))
    report.retentions = [
      retention([97, 10, 200], [100, 100, 300]), retention([96.9], [100]),
      Retention(measurement: .bulkIn, result: .failure(BenchFailure("gone"))),
    ]
    #expect(report.acceptance.map(\.holds) == [true, false, nil])
    #expect(report.failures == ["fixline, bulk-in with and without resumption: gone"])
    let rows = TextReport(report: report).lines.filter { $0.hasPrefix("bulk-out, MiB/s") }
    #expect(rows.first?.split(separator: " ").suffix(3) == ["97.0", "100", "0.97"])
  }

  @Test func `checkpoints are what is left when pings and text are taken off, and the ledger may not grow`() throws {
    func stretch(_ whole: Double, _ checkpoints: Int = 6000) -> SessionLoad.Stretch {
      SessionLoad.Stretch(seconds: 30, whole: whole, core: 0.02, tunnels: 0.05, checkpoints: checkpoints)
    }
    var report = BenchReport(
      machine: machine,
      plan: try BenchPlan(mebibytes: 1, rounds: 1, measurements: [.sessions], conditions: [.stock], quick: false))
    #expect(report.acceptance.isEmpty)
    report.load = SessionLoad(
      sessions: 1000, atWork: stretch(0.25), busy: stretch(0.3125), quiet: stretch(0.125, 0),
      ledgerBefore: (1 << 20, 0),
      ledgerAfter: (1 << 20, 1 << 20))
    #expect(report.acceptance.map(\.value) == [0.0625, 0, 1])
    #expect(report.acceptance.map(\.holds) == [true, true, true])
    let lines = TextReport(report: report).lines
    #expect(lines.contains { $0.hasPrefix("a line of text every 4 s") && $0.hasSuffix("200") })
    #expect(lines.contains { $0.hasPrefix("Checkpoints alone: 6.25 %") })
    report.load = SessionLoad(
      sessions: 1000, atWork: stretch(0.3), busy: stretch(0.3), quiet: stretch(0.1, 0), ledgerBefore: (1 << 20, 0),
      ledgerAfter: (2 << 20, 2 << 20))
    #expect(report.acceptance.map(\.holds) == [false, false, false])
  }

  @Test func `several stretches are one, each counting as long as it was`() {
    let short = SessionLoad.Stretch(seconds: 10, whole: 0.5, core: 0.25, tunnels: 0.125, checkpoints: 2000)
    let long = SessionLoad.Stretch(seconds: 30, whole: 0.25, core: 0.125, tunnels: 0.0625, checkpoints: 6000)
    let both = SessionLoad.Stretch(mean: [short, long])
    #expect(both.seconds == 40 && both.checkpoints == 8000)
    #expect([both.whole, both.core, both.tunnels] == [0.3125, 0.15625, 0.078125])
    #expect(SessionLoad.Stretch(mean: []).whole == 0)
  }

  @Test func `JSON holds every sample, and null where there is no figure`() throws {
    var report = BenchReport(machine: machine, plan: try plan())
    var stock = try result(.stock, [.bulkOut: [[200, 220, 210], [50], [100]]])
    stock.add(.rsync, .fixline, .failure(BenchFailure("gone")))
    stock.costs = [Cost(measurement: .bulkOut, relaySecondsPerGiB: [1.5])]
    report.results = [stock]
    let object = try JSONSerialization.jsonObject(with: Data(try JSONReport(report).text.utf8))
    let root = try #require(object as? [String: Any])
    #expect((root["machine"] as? [String: Any])?["cores"] as? Int == 2)
    let condition = try #require((root["conditions"] as? [[String: Any]])?.first)
    #expect(condition["ciphers"] as? String == "stock")
    #expect(condition["round_trip_ms"] as? Int == 0)
    let rows = try #require(condition["rows"] as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == ["bulk out", "rsync"])
    #expect(rows[0]["ratio_to_reverse"] as? Double == 2)
    #expect(rows[1]["ratio_to_sshd"] == nil)
    let series = try #require((condition["measurements"] as? [[String: Any]])?.first?["series"] as? [[String: Any]])
    #expect(series.map { $0["samples"] as? [Double] } == [[200, 220, 210], [50], [100]])
    let cost = try #require((condition["fixline_costs"] as? [[String: Any]])?.first)
    #expect(cost["relay_seconds_per_gib"] as? [Double] == [1.5])
  }

  @Test(arguments: [
    (0.0649, "0.065"), (0.72, "0.720"), (1.0, "1.00"), (9.99, "9.99"), (9.996, "10.0"), (99.94, "99.9"), (99.96, "100"),
    (432.1, "432"), (0, "0.00"),
  ])
  func `figures have three significant digits`(value: Double, text: String) { #expect(Table.number(value) == text) }

  @Test func `columns line up and no line ends in space`() {
    var table = Table(header: ["", "one", "two", ""])
    table.add(["long name", "1.00", "-", "note"])
    table.add(["x"])
    #expect(table.lines == ["            one  two", "long name  1.00    -  note", "x"])
    #expect(Table.number(nil) == "-")
    #expect(Table.number(.infinity) == "-")
  }
}
