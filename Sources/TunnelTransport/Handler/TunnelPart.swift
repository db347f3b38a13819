import NIOCore

/// Which side of the introduction a connection takes, and what it needs for that.
enum TunnelPart {
  /// Waits for HELLO or RESUME.
  case relay(RelayIntroduction, TunnelRegistry)
  /// Sends one of them.
  case agent(AgentIntroduction, EventLoopPromise<Void>)

  /// The connection ended before it carried a tunnel.
  func failed(_ failure: FailedIntroduction) {
    switch self {
    case .relay(let introduction, _): introduction.failed(failure)
    case .agent(_, let promise): promise.fail(failure.closure)
    }
  }
}
