import ArgumentParser
import Relay

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the relay on a state directory.",
    discussion: "The first start makes keys, certificate and ledger in the directory. SIGTERM ends it within 10 s.")

  @OptionGroup var state: StateOption
  @Option(name: .long, help: ArgumentHelp("Where agents dial in.", valueName: "ADDR:PORT"), transform: parseAddress)
  var tlsListen: ListenAddress = ListenAddress(host: "::", port: 7443)
  @Option(
    name: .long, help: ArgumentHelp("Where technicians' ssh connects.", valueName: "ADDR:PORT"), transform: parseAddress
  )
  var sshListen: ListenAddress = ListenAddress(host: "::", port: 2222)
  @Option(
    name: .long,
    help: ArgumentHelp("Kept for metrics and a dashboard; nothing listens there yet.", valueName: "ADDR:PORT"),
    transform: parseAddress)
  var httpListen: ListenAddress = ListenAddress(host: "127.0.0.1", port: 7480)
  @Option(name: .long, help: ArgumentHelp("A YAML file with the shop's name and limits.", valueName: "FILE"))
  var config: String?
  @Flag(name: .long, help: "Print the ready line as JSON.")
  var json = false

  func run() throws {
    try reporting {
      try RelayServer.run(
        RelayServer.Options(
          state: state.state, tlsListen: tlsListen, sshListen: sshListen, configurationFile: config, json: json))
    }
  }
}

/// Reads an option's `ADDR:PORT`.
private func parseAddress(_ text: String) throws -> ListenAddress {
  guard let address = ListenAddress(text) else {
    throw ValidationError(
      "\"\(text)\" is no address; write a numeric one with its port, such as 127.0.0.1:7443 or [::]:7443.")
  }
  return address
}
