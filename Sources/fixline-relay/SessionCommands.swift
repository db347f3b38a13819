import ArgumentParser
import Relay

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List sessions and what they cost.")
  @Flag(name: .long, help: "Print JSON.") var json = false
  @Option(name: .long, help: "Only sessions opened at or after this time (RFC 3339, UTC).") var since: String?
  @Option(name: .long, help: "Only sessions opened before this time (RFC 3339, UTC).") var until: String?
  @Option(name: .long, help: ArgumentHelp("Only sessions of this customer.", valueName: "ID")) var customer: String?
  @OptionGroup var state: StateOption

  func run() throws {
    try reporting {
      ConsoleOutput.print(
        try SessionReports.list(since: since, until: until, customer: customer, json: json, state: state.state))
    }
  }
}

struct SessionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session", abstract: "One session.", subcommands: [Show.self, Assign.self, Bundle.self])

  struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a guest's closed session to a customer.",
      discussion: "It is rated under the customer's plan, and costs the less of the two.")
    @Argument(help: "Its identifier, from: fixline-relay sessions") var id: String
    @Option(name: .long, help: ArgumentHelp("The customer number.", valueName: "ID")) var customer: String
    @Option(
      name: .customLong("case"), help: ArgumentHelp("A case of that customer; otherwise its own.", valueName: "ID"))
    var caseID: String?
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting {
        ConsoleOutput.print(
          try SessionAssignment.run(id, customer: customer, caseID: caseID, state: state.state))
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Everything on record about a session.")
    @Argument(help: "Its identifier, from: fixline-relay sessions") var id: String
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try SessionReports.show(id, json: json, state: state.state)) }
    }
  }
}

extension SessionCommand {
  struct Bundle: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Everything on record about a closed session in one .tar.gz, for whoever judges a dispute.")
    @Argument(help: "Its identifier, from: fixline-relay sessions") var id: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The file; it must not exist.", valueName: "FILE.tar.gz"))
    var output: String
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try SessionBundle.write(id, to: output, state: state.state)) }
    }
  }
}

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "The record everything rests on.",
    subcommands: [Verify.self, Export.self, SetAside.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every entry and every signature; exits 1 at the first that is broken.")
    @Option(
      name: .long, parsing: .upToNextOption,
      help: ArgumentHelp("Receipts customers have kept: their entries have to be there.", valueName: "RECEIPT"))
    var against: [String] = []
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      var isWhole = true
      try reporting {
        let result = try LedgerReports.verify(against: against, json: json, state: state.state)
        isWhole = result.isWhole
        ConsoleOutput.print(result.text)
      }
      if !isWhole { throw ExitCode(1) }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print every entry, one line of JSON each.")
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { try LedgerReports.export(state: state.state) { ConsoleOutput.print($0) } }
    }
  }

  struct SetAside: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a broken ledger as evidence and begin a new one; the relay must not be running.",
      discussion:
        "The files are kept byte for byte. Technicians are taken over as far as the sound entries confirm them.")
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try LedgerSetAside.run(state: state.state)) }
    }
  }
}
