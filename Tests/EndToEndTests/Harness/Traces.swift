import Foundation
import Glibc

/// What relay and agent held at a quiet moment, and whether they hold more at a later one.
struct Traces {
  private let place: Place
  private let relay: Int
  private let agent: Int
  private let family: Int

  /// At a moment when one command has been run and nothing is open.
  init(_ place: Place) throws {
    self.place = place
    relay = try Self.quiet(place.shop.relay.child.pid)
    agent = try Self.quiet(place.agent.child.pid)
    family = try Processes.descendants(of: place.agent.child.pid).count
  }

  private static func quiet(_ pid: pid_t) throws -> Int {
    try waitUntilStill("the descriptors of \(pid)", for: .milliseconds(300)) { targets(pid).count }
  }

  /// Waits until relay and agent (those of now) hold no more descriptors than then.
  func expectNoDescriptors(agent current: AgentProcess? = nil) throws {
    let others = [
      ("the relay", place.shop.relay.child.pid, relay), ("the agent", (current ?? place.agent).child.pid, agent),
    ]
    for (name, pid, before) in others {
      try waitUntil(
        "\(name) to have at most \(before) descriptors", within: .seconds(10), seen: { Self.listing(pid) }
      ) { Self.targets(pid).count <= before }
    }
  }

  /// Waits until the agent has no more processes below it than then.
  func expectNoChild(of current: AgentProcess? = nil) throws {
    let pid = (current ?? place.agent).child.pid
    try waitUntil(
      "at most \(family) processes of the agent", within: .seconds(15),
      seen: { "\(((try? Processes.descendants(of: pid)) ?? []).map { Processes.command(of: $0) ?? "?" })" }
    ) { try Processes.descendants(of: pid).count <= family }
  }

  private static func listing(_ pid: pid_t) -> String { "\(targets(pid).sorted())" }

  /// What its descriptors stand for. An event loop makes its timer when it first needs one, so timers say nothing.
  private static func targets(_ pid: pid_t) -> [String] {
    let folder = "/proc/\(pid)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
      .filter { !$0.hasSuffix("[timerfd]") }
  }

  /// Waits until nothing runs on the machine that names its folder.
  static func expectNoProcess(_ place: Place, within limit: Duration = .seconds(15)) throws {
    try Processes.waitUntilGone(place.machine, within: limit)
  }
}
