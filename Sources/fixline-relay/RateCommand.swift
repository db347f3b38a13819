import ArgumentParser
import Relay

struct RateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rate", abstract: "What would this cost? Pure arithmetic: no state is read or written.")
  @Option(name: .long, help: ArgumentHelp("The plan, as for: plan add --file", valueName: "PLAN.yaml"))
  var plan: String
  @Option(
    name: .long,
    help: ArgumentHelp(
      "What was worked: intervals of from, to, optional technician, work_type; optional rework, continues, "
        + "included_left_seconds, quote with id and left.", valueName: "WORK.json"))
  var work: String
  @Flag(name: .long, help: "Print JSON.") var json = false

  func run() throws {
    try reporting { ConsoleOutput.print(try RateReport.rate(planFile: plan, workFile: work, json: json)) }
  }
}
