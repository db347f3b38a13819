import ArgumentParser
import Relay

struct ReceiptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "What customers are handed at the end.", subcommands: [Verify.self, Export.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a receipt offline.",
      discussion: """
        Exit status: 0 genuine; 1 not genuine, the line says why; 2 consistent, but nobody vouches for the signer: \
        neither --key nor --state was given, or the receipt is a provisional one; 66 the file cannot be read.
        """)
    @Argument(help: ArgumentHelp("The receipt's file.", valueName: "FILE")) var file: String
    @Option(name: .long, help: ArgumentHelp("The signing key to trust.", valueName: "sha256:HEX")) var key: String?
    @Option(
      name: .long,
      help: ArgumentHelp(
        "A relay's state directory: its signing key is trusted, and what it issued under an earlier one.",
        valueName: "DIR"))
    var state: String?

    func run() throws {
      var code: Int32 = 0
      try reporting {
        let result = try ReceiptReports.verify(file, key: key, state: state)
        code = result.exitCode
        ConsoleOutput.print(result.text)
      }
      if code != 0 { throw ExitCode(code) }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write a closed session's receipt to a file.")
    @Argument(help: "The session's identifier, from: fixline-relay sessions") var id: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The file; it must not exist.", valueName: "FILE"))
    var output: String
    @OptionGroup var state: StateOption

    func run() throws {
      try reporting { ConsoleOutput.print(try ReceiptReports.export(id, to: output, state: state.state)) }
    }
  }
}
