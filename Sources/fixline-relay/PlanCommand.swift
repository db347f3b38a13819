import ArgumentParser
import Relay

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Rate cards: what an hour costs and what is agreed around it.",
    subcommands: [Add.self, List.self, Show.self, Withdraw.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a plan on record, or a new version of it.",
      discussion: "Sessions opened before keep the plan they were agreed under.")
    @Option(name: .long, help: ArgumentHelp("The plan.", valueName: "PLAN.yaml")) var file: String
    @OptionGroup var state: StateOption

    func run() throws { try reporting { ConsoleOutput.print(try PlanReports.add(file: file, state: state.state)) } }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all plans.")
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws { try reporting { ConsoleOutput.print(try PlanReports.list(json: json, state: state.state)) } }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a plan with all its keys and versions.")
    @Argument(help: "Its id.") var id: String
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try PlanReports.show(id, json: json, state: state.state)) }
    }
  }

  struct Withdraw: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Offer a plan no more; sessions opened before keep it.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var state: StateOption

    func run() throws { try reporting { ConsoleOutput.print(try PlanReports.withdraw(id, state: state.state)) } }
  }
}
