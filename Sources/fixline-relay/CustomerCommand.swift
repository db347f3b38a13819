import ArgumentParser
import Relay

struct CustomerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "customer", abstract: "Who is helped, and who pays.",
    subcommands: [Add.self, List.self, Show.self, Erase.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a customer on record, or change one: what is not said stays as it was.",
      discussion: """
        The file may have: legal_name, address (lines), country, kind (consumer or business), vat_id, email, language, \
        plan, facts. What the command line says goes before the file.
        """)
    @Argument(
      help: "The customer number: a-z, 0-9 and -, at most 32, beginning with a letter. It is on record for ever.")
    var id: String
    @Option(name: .long, help: "What people call the customer.") var name: String?
    @Option(name: .long, help: ArgumentHelp("The plan's id.", valueName: "ID")) var plan: String?
    @Option(
      name: .long,
      help: ArgumentHelp("Something only the customer can tell, kept hashed; may be repeated.", valueName: "KEY=VALUE"))
    var fact: [String] = []
    @Option(name: .long, help: ArgumentHelp("en, ko, fi, ru or pl.", valueName: "TAG")) var language: String?
    @Option(name: .long, help: ArgumentHelp("More about the customer.", valueName: "CUSTOMER.yaml")) var file: String?
    @Option(
      name: .long, help: ArgumentHelp("The relay's configuration, for its default_plan.", valueName: "FILE"))
    var config: String?
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting {
        let change = CustomerReports.Change(
          id: id, name: name, plan: plan, facts: fact, language: language, file: file)
        ConsoleOutput.print(try CustomerReports.add(change, configurationFile: config, state: state.state))
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all customers.")
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try CustomerReports.list(json: json, state: state.state)) }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Everything on record about a customer.")
    @Argument(help: "The customer number.") var id: String
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try CustomerReports.show(id, json: json, state: state.state)) }
    }
  }

  struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Erase what is personal about a customer, for good; times and amounts stay.",
      discussion: "Refused until retention_years (6 unless configured) after the last billed session.")
    @Argument(help: "The customer number.") var id: String
    @Option(name: .long, help: ArgumentHelp("The relay's configuration, for retention_years.", valueName: "FILE"))
    var config: String?
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting {
        ConsoleOutput.print(try CustomerErasure.run(id, configurationFile: config, state: state.state))
      }
    }
  }
}

struct CaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "case", abstract: "Problems, each with its sessions and promises.",
    subcommands: [List.self, Show.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all cases, the newest first.")
    @Option(name: .long, help: ArgumentHelp("Only of this customer.", valueName: "ID")) var customer: String?
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting {
        ConsoleOutput.print(try CaseReports.list(customer: customer, json: json, state: state.state))
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Everything on record about a case.")
    @Argument(help: "Its identifier, from: fixline-relay case list") var id: String
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try CaseReports.show(id, json: json, state: state.state)) }
    }
  }
}
