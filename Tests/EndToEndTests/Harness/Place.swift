import Foundation

/// A machine with a folder, and a technician with another.
struct Place {
  let shop: Shop
  let alice: Technician
  let agent: AgentProcess
  let code: String
  /// On the customer's machine.
  let machine: String
  /// On the technician's.
  let desk: String

  /// `port` is where the agent dials, when that is not the relay itself.
  init(_ shop: Shop, agent flags: [String] = [], port: Int? = nil) throws {
    self.shop = shop
    alice = try shop.technician()
    agent = try shop.agent(flags, port: port)
    code = try agent.code()
    machine = try shop.scratch.directory("machine")
    desk = try shop.scratch.directory("desk")
  }

  private init(_ other: Place, code: String) {
    (shop, alice, agent, machine, desk) = (other.shop, other.alice, other.agent, other.machine, other.desk)
    self.code = code
  }

  /// The same place by another code, after its agent was started anew.
  func with(code: String) -> Place { Place(self, code: code) }

  /// A technician's shell that has done something, `beside` in the background: the session is active.
  func shellAtWork(beside: String? = nil) throws -> Child {
    let shell = shop.adopt(try alice.terminal(code))
    try shell.type("\(beside.map { "\($0) & " } ?? "")echo $((1 + 1))-before\n")
    try shell.expect("2-before")
    return shell
  }

  /// A command that stays, and that /proc shows to be this place's.
  func sleeper() throws -> String {
    try prepare("[ -e machine/sleep ] || ln -s \"$(command -v sleep)\" machine/sleep")
    return "\(machine)/sleep 4242"
  }

  /// Runs a bash script in the shop's folder, where `machine` and `desk` are.
  @discardableResult
  func prepare(_ script: String) throws -> String {
    let done = try shop.tool(["bash", "-ec", script])
    guard done.succeeded else { throw Failure("\(done)") }
    return done.output
  }

  /// How many bytes a file has, by its path from the shop's folder; 0 while there is none.
  func size(of file: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: shop.scratch.path(file))
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  /// The agent's descriptors once they stay as many: what later requests add must go again.
  func quietDescriptors() throws -> Int {
    try waitUntilStill("the agent's descriptors", for: .milliseconds(300)) {
      try Processes.descriptors(of: agent.child.pid)
    }
  }

  /// Waits until the agent has no more descriptors than that.
  func waitForDescriptors(atMost quiet: Int) throws {
    try waitUntil(
      "at most \(quiet) descriptors", within: .seconds(5),
      seen: { "\((try? Processes.descriptors(of: agent.child.pid)) ?? -1)" }
    ) {
      try Processes.descriptors(of: agent.child.pid) <= quiet
    }
  }

  /// Whether two trees hold the same names, links and bytes.
  func same(_ first: String, _ second: String) throws -> Finished {
    try shop.tool(["diff", "-r", "--no-dereference", first, second])
  }
}
