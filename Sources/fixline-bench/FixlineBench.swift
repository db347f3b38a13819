import ArgumentParser
import Dispatch
import Foundation
import Glibc

@main
enum Program {
  /// Runs the command; wrong usage is one line on standard error, as every failure is.
  static func main() async {
    do {
      var command = try FixlineBench.parseAsRoot()
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
    } catch {
      let code = FixlineBench.exitCode(for: error)
      guard code != .success, !(error is ExitCode) else { FixlineBench.exit(withError: error) }
      let message = FixlineBench.message(for: error).split(separator: "\n").first ?? "This is not understood."
      Console.complain("\(message)\(message.hasSuffix(".") ? "" : ".") See: fixline-bench --help")
      FixlineBench.exit(withError: code)
    }
  }
}

/// `fixline-bench`: how Fixline compares with OpenSSH on this machine, in one run.
struct FixlineBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixline-bench",
    abstract: "Measures Fixline against an OpenSSH reverse tunnel with ProxyJump and against sshd directly.",
    discussion: """
      Everything runs on loopback with the machine's own ssh, sshd, sftp, scp and rsync, in a temporary directory that is \
      removed at the end. With a delay, it lies on the leg that leads to the machine. Exit status 1 when something could \
      not be measured.
      """,
    subcommands: [BillingCommand.self, PassOnCommand.self])

  @Option(help: ArgumentHelp("Payload of bulk, sftp and scp; a quarter of it with a delay.", valueName: "N"))
  var mebibytes = 512
  @Option(help: ArgumentHelp("Rounds, interleaved over the three set-ups.", valueName: "N"))
  var rounds = 5
  @Option(help: ArgumentHelp("Sessions at work at once; each takes about 6 MiB of memory.", valueName: "N"))
  var sessions = 1000
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only these: \(Metric.allCases.map(\.rawValue).joined(separator: ", ")), bulk, sftp.", valueName: "NAMES"))
  var only: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only under these: \(Condition.all.map(\.name).joined(separator: ", ")).", valueName: "NAMES"))
  var conditions: [String] = []
  @Flag(help: "One round of small sizes: does everything run?")
  var quick = false
  @Flag(help: "Print one JSON object with every sample instead of tables.")
  var json = false
  @Option(help: ArgumentHelp("The relay to measure; beside this program unless named.", valueName: "FILE"))
  var relayProgram: String?
  @Option(help: ArgumentHelp("The agent to measure; beside this program unless named.", valueName: "FILE"))
  var agentProgram: String?

  /// What the options ask for.
  func plan() throws(UsageError) -> BenchPlan {
    try BenchPlan(
      mebibytes: mebibytes, rounds: rounds, sessions: sessions, measurements: try Metric.parse(only),
      conditions: try Condition.parse(conditions), quick: quick)
  }

  func validate() throws {
    do { _ = try plan() } catch { throw ValidationError(error.description) }
  }

  func run() async throws {
    let plan = try plan()
    // A client that ends while it is typed at is an error to report, not the end of this program.
    signal(SIGPIPE, SIG_IGN)
    do {
      let programs = try FixlinePrograms.find(relay: relayProgram, agent: agentProgram)
      let workplace = try Workplace(bytes: Payload.room(plan))
      let run = BenchRun(plan: plan, programs: programs, workplace: workplace) { Console.progress($0) }
      let work = Task { try await run.run() }
      let signals = Interruption.watch { work.cancel() }
      let result = await work.result
      await workplace.end()
      for source in signals { source.cancel() }
      let report = try result.get()
      print(json ? try JSONReport(report).text : TextReport(report: report).lines.joined(separator: "\n"))
      if !report.failures.isEmpty { throw ExitCode.failure }
    } catch let failure as BenchFailure {
      Console.complain(failure.line)
      throw ExitCode.failure
    } catch is CancellationError {
      Console.complain("interrupted; everything it started has ended")
      throw ExitCode(130)
    }
  }
}

/// Ctrl-C and its like.
enum Interruption {
  /// Calls `handler` instead of ending the program. Ends with the sources.
  static func watch(_ handler: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: handler)
      source.resume()
      return source
    }
  }
}

/// Standard error.
enum Console {
  /// One line of progress.
  static func progress(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

  /// One line of trouble.
  static func complain(_ line: String) { progress("fixline-bench: \(line)") }
}
