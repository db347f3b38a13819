import NIOCore
import SessionModel

/// One run of a program on a host. It may die at any step: from then on nothing it does leaves it, and no event reaches it.
final class Process {
  let name: String
  let host: Host
  let trace: Trace
  private(set) var isAlive = true
  /// Things it still does before it dies.
  private var stepsLeft: Int?
  /// Called once, when it has died of a step; the world clears up behind it.
  var died: () -> Void = {}

  init(name: String, host: Host, trace: Trace) {
    self.name = name
    self.host = host
    self.trace = trace
  }

  var now: MonotonicInstant { host.now }

  /// Before everything that leaves the process. False when it is dead by now.
  func acts() -> Bool {
    guard isAlive else { return false }
    if let left = stepsLeft {
      stepsLeft = left - 1
      if left <= 0 {
        die()
        return false
      }
    }
    return true
  }

  func die(within steps: Int) { stepsLeft = steps }

  func die() {
    guard isAlive else { return }
    isAlive = false
    trace.note("died", name)
    // What is being done just now runs to its end without effect, then the world clears up.
    host.timeline.at(host.timeline.now) { [self] in died() }
  }

  /// Plans `body` for `deadline` of the host's clock, unless the process is dead by then.
  @discardableResult
  func at(_ deadline: MonotonicInstant, _ body: @escaping () -> Void) -> Timeline.Plan {
    host.at(deadline) { [self] in if isAlive { body() } }
  }

  @discardableResult
  func after(milliseconds: Int64, _ body: @escaping () -> Void) -> Timeline.Plan {
    host.after(milliseconds: milliseconds) { [self] in if isAlive { body() } }
  }
}
