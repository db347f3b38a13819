import ArgumentParser
import Relay

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What was done and what it earned, from closed sessions.",
    discussion: """
      WORKED is the time at work, CHARGED what was billed of it. UNBILLED is time nobody pays for, with the reasons below. \
      FIXED is the share of sessions with work that closed fixed; VISITS AVOIDED counts cases that were fixed while nobody \
      had to come. WAIT is the middle time from a technician's request to the moment work could begin.
      """)
  @Option(name: .long, help: ArgumentHelp("customer, technician, outcome or month.", valueName: "GROUP"))
  var by = "month"
  @Option(name: .long, help: ArgumentHelp("Only this month, by each plan's clock.", valueName: "2026-11"))
  var month: String?
  @Flag(name: .long, help: "Print JSON.") var json = false
  @Flag(name: .long, help: "Print CSV (RFC 4180).") var csv = false
  @OptionGroup var state: StateOption

  func validate() throws {
    if json && csv { throw ValidationError("Choose --json or --csv.") }
  }

  func run() throws {
    try reporting {
      let form: BusinessReports.Form = json ? .json : csv ? .csv : .text
      ConsoleOutput.print(try BusinessReports.report(by: by, month: month, form: form, state: state.state))
    }
  }
}
