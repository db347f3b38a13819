import ArgumentParser
import Relay
import SessionModel

struct TechnicianCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "technician", abstract: "Who may sign in, and with which key.",
    subcommands: [Add.self, List.self, Remove.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Register a technician's public key.")
    @Argument(help: "A name: a-z, 0-9 and -, at most 32, beginning with a letter.") var name: String
    @Option(name: .long, help: ArgumentHelp("His public key, as ssh-keygen writes it.", valueName: "FILE.pub"))
    var key: String
    @Option(name: .long, help: "technician, supervisor or operator.", transform: parseRole)
    var role: TechnicianRole = .technician
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting {
        ConsoleOutput.print(try TechnicianReports.add(name, keyFile: key, role: role, state: state.state))
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show who is registered.")
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try TechnicianReports.list(json: json, state: state.state)) }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a technician's key back; his open connections end at once.")
    @Argument(help: "His name.") var name: String
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try TechnicianReports.remove(name, state: state.state)) }
    }
  }
}

/// Reads an option's role.
private func parseRole(_ text: String) throws -> TechnicianRole {
  guard let role = TechnicianRole(rawValue: text) else {
    throw ValidationError(
      "\"\(text)\" is no role; it is one of \(TechnicianRole.allCases.map(\.rawValue).joined(separator: ", ")).")
  }
  return role
}
