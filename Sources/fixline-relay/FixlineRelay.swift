import ArgumentParser
import Relay

@main
enum Program {
  /// Runs the command; wrong usage is one line on standard error, as every other failure is.
  static func main() {
    do {
      var command = try FixlineRelay.parseAsRoot()
      try command.run()
    } catch {
      let code = FixlineRelay.exitCode(for: error)
      guard code != .success, !(error is ExitCode) else { FixlineRelay.exit(withError: error) }
      let message = FixlineRelay.message(for: error).split(separator: "\n").first ?? "This is not understood."
      let end = message.hasSuffix(".") ? "" : "."
      ConsoleOutput.complain("fixline-relay: \(message)\(end) See: fixline-relay --help")
      FixlineRelay.exit(withError: code)
    }
  }
}

/// `fixline-relay`: what the operator types. Each command parses, asks the Relay room to do it, and exits.
struct FixlineRelay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixline-relay",
    abstract: "Carries support sessions between technicians and customers' machines, and keeps the record.",
    version: RelayVersion.text,
    subcommands: [
      ServeCommand.self, DemoCommand.self, TechnicianCommand.self, SessionsCommand.self, SessionCommand.self,
      RateCommand.self, PlanCommand.self, CustomerCommand.self, CaseCommand.self, ReportCommand.self,
      ReceiptCommand.self, LedgerCommand.self,
    ])
}

/// Where a command finds the relay's state.
struct StateOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The relay's state directory.", valueName: "DIR"))
  var state: String
}

/// Runs `body`; a failure becomes its one line on stderr and its exit code.
func reporting(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let failure as RelayFailure {
    ConsoleOutput.complain("fixline-relay: \(failure.line)")
    throw ExitCode(failure.exitCode)
  }
}
