import Logging
import SSHFrontDoor

/// What the front door tells, passed to the core; the question who may come in is answered here, from the roster.
final class FrontDoorListener: SSHFrontDoorDelegate {
  private let core: RelayCore
  private let roster: Roster
  private let log: Logger

  init(core: RelayCore, roster: Roster, log: Logger) {
    self.core = core
    self.roster = roster
    self.log = log
  }

  func authenticate(_ login: SSHLogin) -> Bool { roster.technician(of: login.key.fingerprint) != nil }

  func opened(_ channel: SSHChannel, request: SSHRequest) { core.post { $0.channelRequested(channel, request) } }

  func disconnected(_ login: SSHLogin) {
    // Each channel has been told; the connection itself means nothing to a session.
  }

  func note(_ line: String) { log.info("ssh: \(line)") }
}
