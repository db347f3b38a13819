import Billing
import Ledger
import Metering
import NIOCore
import SessionModel
import SSHFrontDoor
import TunnelTransport

/// `ssh desk@relay`: what technicians ask about their sessions.
extension RelayCore {
  func deskRequested(_ channel: SSHChannel, _ request: SSHRequest, by technician: Name, role: TechnicianRole) {
    let desk = DeskChannel(channel, isTerminal: request.terminal != nil)
    switch request.kind {
    case .shell:
      desk.finish(
        DeskText.list(visibleSessions(to: technician, role), now: BootClock.now()) + "\n" + DeskCommand.helpText)
    case .exec(let command):
      do {
        perform(try DeskCommand.parse(command), on: desk, by: technician, role: role)
      } catch {
        desk.fail(error.line, status: 64)
      }
    case .subsystem, .directTCP:
      channel.refuse("The desk takes commands only. Try: ssh desk@RELAY help")
    }
  }

  private func perform(_ command: DeskCommand, on desk: DeskChannel, by technician: Name, role: TechnicianRole) {
    switch command {
    case .help:
      desk.finish(DeskCommand.helpText)
    case .list(let json):
      let sessions = visibleSessions(to: technician, role)
      desk.finish(json ? DeskText.json(sessions) : DeskText.list(sessions, now: BootClock.now()))
    case .close(let id, let outcome, let note, let json):
      close(id, outcome: outcome, note: note, by: technician, role: role, json: json, on: desk)
    }
  }

  private func visibleSessions(to technician: Name, _ role: TechnicianRole) -> [LiveSession] {
    for id in Array(sessions.keys) { feedBytes(id) }
    return sessions.values.filter { role != .technician || $0.technician == technician }
      .sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
  }

  private func close(
    _ id: SessionID, outcome: Outcome, note: String, by technician: Name, role: TechnicianRole, json: Bool,
    on desk: DeskChannel
  ) {
    // Somebody else's session gets the answer of one that does not exist.
    guard let session = sessions[id], role != .technician || session.technician == technician else {
      desk.fail("No open session \(id) is yours. See: list", status: 1)
      return
    }
    guard !session.isClosing else {
      desk.fail("Session \(id) is being closed already.", status: 1)
      return
    }
    guard session.activatedAt != nil else {
      desk.fail("The customer has not accepted \(id) yet; there is nothing to close.", status: 1)
      return
    }
    let currency = plan.currency
    sessions[id]?.replies.append { closed, isRecorded in
      desk.finish(DeskText.closed(id, closed, isRecorded: isRecorded, currency: currency, json: json))
    }
    feedBytes(id)
    apply(.close(outcome: outcome, note: note, by: .technician(technician.rawValue)), to: id, at: BootClock.now())
  }
}

/// One command's channel at the desk.
struct DeskChannel: Sendable {
  private let channel: SSHChannel
  private let isTerminal: Bool

  init(_ channel: SSHChannel, isTerminal: Bool) {
    self.channel = channel
    self.isTerminal = isTerminal
    channel.accept()
  }

  /// Prints `text` and ends with status 0.
  func finish(_ text: String) { end(text, toError: false, status: 0) }

  /// Prints one line on stderr and ends with `status`.
  func fail(_ line: String, status: UInt32) { end(line + "\n", toError: true, status: status) }

  private func end(_ text: String, toError: Bool, status: UInt32) {
    // A terminal's line end is CR LF; a pipe's is LF.
    let shown =
      isTerminal ? text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") : text
    channel.write(ByteBuffer(string: shown), toError: toError)
    channel.exitStatus(status)
    channel.sendEOF()
    channel.close()
  }
}
