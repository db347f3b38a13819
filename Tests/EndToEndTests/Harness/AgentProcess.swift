import Foundation
import Glibc

/// An agent started as the real executable, its events read as JSON lines.
struct AgentProcess {
  let child: Child

  /// Starts it without waiting for anything.
  static func launch(_ arguments: [String], in scratch: Scratch, variables: [String: String] = [:]) throws
    -> AgentProcess
  {
    AgentProcess(
      child: try Child.start(
        [Programs.agent] + arguments, environment: Programs.variables(home: scratch.path, variables),
        directory: scratch.path))
  }

  /// All events so far.
  var events: [JSON] { JSON.lines(of: child.output.text) }

  /// The first event of a kind that fits, once there is one.
  func event(
    _ kind: String, within limit: Duration = .seconds(20), where fits: (JSON) -> Bool = { _ in true }
  ) throws -> JSON {
    var found: JSON?
    try waitUntil("the event \(kind) of the agent", within: limit, seen: { child.seen }) {
      let isOver = child.exit != nil && child.output.ended
      found = events.first { $0["event"]?.string == kind && fits($0) }
      if found == nil, isOver { throw Failure("the agent ended: \(child.seen)") }
      return found != nil
    }
    return try unwrap(found)
  }

  /// The join code, once there is one.
  func code() throws -> String { try unwrap(event("ready")["code"]?.string, "the join code") }

  /// Ctrl-C, as the terminal sends it.
  func interrupt() { child.signal(SIGINT) }
}
