/// The report for a reader.
struct TextReport {
  let report: BenchReport

  /// Everything, in order.
  var lines: [String] {
    var lines = [
      "\(report.machine.cpu), \(report.machine.cores) cores, Linux \(report.machine.kernel), \(report.machine.ssh)",
      "Medians of \(counted(report.plan.rounds, "round")). Ratios are Fixline's figure divided by the other's.",
      "Rates are those of the open connection, opening it is attach's row; scp and rsync are the whole command.",
    ]
    for result in report.results { lines += condition(result) }
    lines += costs + stalls + interruptions + retentions + load
    if !report.failures.isEmpty { lines += ["", "Not measured"] + report.failures.map { "  " + $0 } }
    lines += acceptance
    return lines
  }

  private func counted(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

  private func label(_ figure: Figure, _ result: ConditionResult) -> String {
    switch figure.measurement {
    case .scp: "scp of \(result.payloadBytes >> 20) MiB, s"
    case .rsync: "rsync of \(report.plan.files) files, s"
    case .attach, .echo, .bulkOut, .bulkIn, .sftpGet, .sftpPut, .stalls, .resume, .retained, .sessions:
      "\(figure.name), \(figure.unit)"
    }
  }

  private func condition(_ result: ConditionResult) -> [String] {
    var table = Table(header: [""] + SetUpName.allCases.map(\.rawValue) + ["to reverse", "to sshd", ""])
    for figure in Figure.all where result.outcomes[figure.measurement] != nil {
      let values = SetUpName.allCases.map { result.value(figure, $0) }
      let own = result.value(figure, .fixline)
      table.add(
        [label(figure, result)] + values.map(Table.number)
          + [
            Table.ratio(Statistics.ratio(own, result.value(figure, .reverse))),
            Table.ratio(Statistics.ratio(own, result.value(figure, .sshd))),
            figure.higherIsBetter ? "more is better" : "less is better",
          ])
    }
    guard !table.isEmpty else { return [] }
    return ["", "\(result.condition.title), \(result.payloadBytes >> 20) MiB"] + table.lines
  }

  private var costs: [String] {
    var table = Table(
      header: ["", "relay s/GiB", "agent s/GiB", "relay peak +MiB", "agent peak +MiB"])
    for result in report.results {
      for cost in result.costs {
        table.add([
          "\(result.condition.name), \(cost.measurement.rawValue)",
          Table.number(Statistics.median(of: cost.relaySecondsPerGiB)),
          Table.number(Statistics.median(of: cost.agentSecondsPerGiB)),
          Table.number(cost.relayGrowthMiB.max()), Table.number(cost.agentGrowthMiB.max()),
        ])
      }
    }
    return table.isEmpty ? [] : ["", "Fixline: CPU seconds per GiB, and peak memory above that at start"] + table.lines
  }

  private var stalls: [String] {
    var table = Table(header: ["", "relay +MiB", "agent +MiB", "attach beside it, s"])
    for stall in report.stalls {
      switch stall.result {
      case .success(let found):
        let figures = [found.relayGrowthMiB, found.agentGrowthMiB, found.attachSeconds]
        table.add([stall.kind.rawValue] + figures.map { Table.number($0) })
      case .failure: table.add([stall.kind.rawValue, "-", "-", "-"])
      }
    }
    return table.isEmpty
      ? [] : ["", "Fixline: peak memory until 3 s of standing still have passed, above that at start"] + table.lines
  }

  private var interruptions: [String] {
    var table = Table(header: ["", "undisturbed", "line broken", "cuts a round", "lost a cut, ms"])
    for interruptions in report.interruptions {
      let figures = [
        interruptions.median(\.undisturbedMiBs), interruptions.median(\.brokenMiBs),
        interruptions.median { Double($0.cuts) },
        interruptions.millisecondsPerCut,
      ]
      table.add(["\(interruptions.measurement.rawValue), MiB/s"] + figures.map { Table.number($0) })
    }
    return table.isEmpty ? [] : ["", "Fixline: a line that is cut every \(ResumeBench.interval)"] + table.lines
  }

  private var retentions: [String] {
    var table = Table(header: ["", "with", "without", "to without"])
    for retention in report.retentions {
      let (with, without) = retention.medians
      table.add([
        "\(retention.measurement.rawValue), MiB/s", Table.number(with), Table.number(without),
        Table.ratio(retention.ratio),
      ])
    }
    return table.isEmpty
      ? [] : ["", "Fixline: with resumption, and without: nothing kept to be sent again"] + table.lines
  }

  private var load: [String] {
    guard let load = report.load else { return [] }
    var table = Table(header: ["", "relay", "its core", "tunnels", "technicians", "checkpoints a s"])
    for (name, stretch) in [
      ("a line of text every 4 s", load.atWork), ("every 2 s", load.busy), ("quiet: pings only", load.quiet),
    ] {
      let shares = [stretch.whole, stretch.core, stretch.tunnels, stretch.technicians].map { Table.number($0 * 100) }
      table.add([name] + shares + [Table.number(Double(stretch.checkpoints) / stretch.seconds)])
    }
    func mebibytes(_ bytes: Int) -> String { Table.number(Double(bytes) / Double(1 << 20)) }
    return ["", "Fixline: \(load.sessions) sessions at once, % of one core by thread"] + table.lines + [
      "Checkpoints alone: \(Table.number(load.checkpointShare * 100)) % of one core. The ledger, MiB: "
        + "\(mebibytes(load.ledgerBefore.file)) and a log of \(mebibytes(load.ledgerBefore.log)) before, "
        + "\(mebibytes(load.ledgerAfter.file)) and \(mebibytes(load.ledgerAfter.log)) after."
    ]
  }

  private var acceptance: [String] {
    var table = Table(header: ["", "found", "wanted", ""])
    for line in report.acceptance {
      let wanted =
        switch line.limit {
        case .atLeast(let bound): "at least " + Table.ratio(bound)
        case .atMost(let bound): "at most " + Table.ratio(bound)
        case .below(let bound): "below " + Table.ratio(bound)
        }
      let verdict =
        switch line.holds {
        case true?: "holds"
        case false?: "misses"
        case nil: "not measured"
        }
      table.add([line.text, Table.ratio(line.value), wanted, verdict])
    }
    return table.isEmpty ? [] : ["", "What has to hold"] + table.lines
  }
}
