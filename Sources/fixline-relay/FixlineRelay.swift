import ArgumentParser
import Relay

/// `fixline-relay`: what the operator types. Each command parses, asks the Relay room to do it, and exits.
@main
struct FixlineRelay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixline-relay",
    abstract: "Carries support sessions between technicians and customers' machines, and keeps the record.",
    version: RelayVersion.text,
    subcommands: [
      ServeCommand.self, DemoCommand.self, TechnicianCommand.self, SessionsCommand.self, SessionCommand.self,
      LedgerCommand.self,
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
