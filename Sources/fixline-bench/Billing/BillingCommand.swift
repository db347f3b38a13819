import ArgumentParser
import SessionModel

/// `fixline-bench billing`: how long it takes to rate the sessions of a month, and in how much memory. The arithmetic is
/// measured in this process: around another program most of the time would go into reading and writing JSON.
struct BillingCommand: ParsableCommand {
  /// What rating 100,000 sessions may take, in seconds.
  static let ceilingSeconds = 5.0
  /// The memory it may take, with every result kept, in MiB.
  static let ceilingMebibytes = 200.0
  /// Most sessions.
  static let sessionsLimit = 10_000_000

  static let configuration = CommandConfiguration(
    commandName: "billing", abstract: "Rates the sessions of a month and shows time and memory.",
    discussion: """
      A tenth, a half and all of them, so that growth can be seen. Build with -c release. Exit status 1 when 100,000 \
      sessions would take more than \(Int(ceilingSeconds)) s, or more than \(Int(ceilingMebibytes)) MiB.
      """)

  @Option(help: ArgumentHelp("Sessions of the month.", valueName: "N"))
  var sessions = 100_000
  @Option(help: ArgumentHelp("Where the random month begins.", valueName: "N"))
  var seed: UInt64 = 1
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (10...Self.sessionsLimit).contains(sessions) else {
      throw ValidationError("--sessions takes 10 to \(Self.sessionsLimit)")
    }
  }

  func run() throws {
    let runs: [BillingRun]
    do {
      runs = try [sessions / 10, sessions / 2, sessions].map { try BillingRun(sessions: $0, seed: seed) }
    } catch let failure as BenchFailure {
      Console.complain(failure.line)
      throw ExitCode.failure
    }
    print(json ? JSONValue.array(runs.map(\.json)).text : Self.text(runs))
    // The ceilings are those of 100,000; other numbers are allowed their share of the time.
    let share = max(1, Double(sessions) / 100_000)
    if let last = runs.last,
      last.seconds > Self.ceilingSeconds * share || last.peakMebibytes > Self.ceilingMebibytes * share
    {
      Console.complain("rating takes more than \(Int(Self.ceilingSeconds)) s or \(Int(Self.ceilingMebibytes)) MiB")
      throw ExitCode.failure
    }
  }

  private static func text(_ runs: [BillingRun]) -> String {
    var table = Table(header: ["sessions", "time s", "each µs", "peak MiB", "billed h"])
    for run in runs {
      table.add([
        "\(run.sessions)", Table.number(run.seconds), Table.number(run.seconds / Double(run.sessions) * 1_000_000),
        Table.number(run.peakMebibytes), "\(run.billedSeconds / 3600)",
      ])
    }
    return table.lines.joined(separator: "\n")
  }
}
