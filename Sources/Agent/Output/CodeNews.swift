import SessionModel

/// When a person is told which code: at first at once and with what to do; after a visit quietly, behind its last lines.
struct CodeNews: Hashable, Sendable {
  enum Action: Hashable, Sendable {
    case none
    /// Somebody waits for help: the code and what to do with it.
    case ready(JoinCode)
    /// He was helped: the code, should he need it again.
    case again(JoinCode)
  }

  /// The last code the relay gave.
  private(set) var code: JoinCode?
  /// Not said yet, because a visit runs.
  private var waiting: JoinCode?
  /// A visit has ended.
  private var wasHelped = false

  /// The relay gave a code.
  mutating func came(_ code: JoinCode, visitRuns: Bool) -> Action {
    self.code = code
    guard !visitRuns else {
      waiting = code
      return .none
    }
    return say(code)
  }

  /// A visit's last lines were said. With another still running, a code waits for that one's end.
  mutating func visitEnded(othersRun: Bool) -> Action {
    wasHelped = true
    guard !othersRun, let code = waiting else { return .none }
    return say(code)
  }

  private mutating func say(_ code: JoinCode) -> Action {
    waiting = nil
    return wasHelped ? .again(code) : .ready(code)
  }
}
