import ArgumentParser
import Relay

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "The whole job on this machine, in a temporary directory, with the ssh you have.")

  @Flag(name: .long, help: "Print each step as one JSON object a line.")
  var json = false
  @Flag(name: .long, help: "Leave relay and agent running and print the ssh line to try.")
  var keep = false

  func run() throws {
    try reporting { try Demo.run(json: json, keep: keep) }
  }
}
