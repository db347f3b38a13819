import NIOCore

/// What a connection does because time goes by.
extension Connection {
  var nextDeadline: ContinuousClock.Instant {
    switch stage {
    case .keyExchange: graceDeadline
    case .login(let progress): min(graceDeadline, unansweredDeadline(progress) ?? graceDeadline)
    case .serving:
      [forwardRefusals.deadline, nextHeldBackRead, retirement?.deadline].reduce(healthDeadline) { min($0, $1 ?? $0) }
    case .leaving(_, let deadline): deadline
    case .over: .now
    }
  }

  private func unansweredDeadline(_ progress: LoginProgress) -> ContinuousClock.Instant? {
    progress.silentSince?.advanced(by: .milliseconds(SSHLimits.unansweredAttemptMilliseconds))
  }

  func watchTheClock(_ now: ContinuousClock.Instant) {
    switch stage {
    case .keyExchange:
      if now >= graceDeadline { end("no login in time") }
      if session.packetsReceived > Self.packetsBeforeLogin { end("too many packets before login") }
    case .login(let progress):
      if now >= graceDeadline { return leave(reason: "no login within the time allowed") }
      if session.packetsReceived > Self.packetsBeforeLogin { return leave(reason: "too many packets before login") }
      if let deadline = unansweredDeadline(progress), now >= deadline {
        leave(reason: "the signature could not be verified")
      }
    case .serving:
      showHeldRefusals(at: now)
      if let reason = retirement?.reason, retirement?.isDue(channels, at: now) == true {
        return leave(reason: reason)
      }
      guard now >= healthDeadline else { return }
      joined = ByteBuffer()
      healthDeadline = now.advanced(by: .seconds(SSHLimits.healthCheckSeconds))
      if SocketOptions.silentMilliseconds(descriptor) > Int64(SSHLimits.vanishedSeconds) * 1_000 {
        end("the technician's machine does not answer")
      }
    case .leaving(let reason, let deadline):
      if now >= deadline { close(reason: reason) }
    case .over: break
    }
  }
}
