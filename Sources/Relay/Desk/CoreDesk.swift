import Ledger
import Metering
import NIOCore
import SessionModel
import SSHFrontDoor
import TunnelTransport

/// `ssh desk@relay`: what technicians ask about their sessions and cases.
extension RelayCore {
  func deskRequested(_ channel: SSHChannel, _ request: SSHRequest, by technician: Name, role: TechnicianRole) {
    var visit = DeskVisit(
      channel: DeskChannel(channel, isTerminal: request.terminal != nil), technician: technician, role: role,
      key: request.login.key.fingerprint, address: request.login.address)
    switch request.kind {
    case .shell:
      visit.channel.finish(
        DeskText.list(visibleSessions(to: visit), now: BootClock.now()) + "\n" + DeskCommand.helpText)
    case .exec(let command):
      do throws(DeskCommand.Mistake) {
        let parsed = try DeskCommand.parse(command)
        visit.json = parsed.json
        readRegister()
        perform(parsed.command, for: visit)
      } catch {
        visit.channel.fail(error.line, status: DeskVisit.usageStatus)
      }
    case .subsystem, .directTCP:
      channel.refuse("The desk takes commands only. Try: ssh desk@RELAY help")
    }
  }

  private func perform(_ command: DeskCommand, for visit: DeskVisit) {
    do throws(DeskRefusal) {
      switch command {
      case .help: visit.channel.finish(DeskCommand.helpText)
      case .list:
        let sessions = visibleSessions(to: visit)
        visit.channel.finish(
          visit.json
            ? DeskText.json(sessions.map { ($0, try? runningRating(of: $0)) })
            : DeskText.list(sessions, now: BootClock.now()))
      case .show(.session(let id)): try show(id, for: visit)
      case .show(.caseID(let id)): try show(id, for: visit)
      case .newCase(let title, let customer): try newCase(title, customer, for: visit)
      case .listCases(let customer, let all): try listCases(customer, all: all, for: visit)
      case .closeCase(let id, let reason): try closeCase(id, breakingPromise: reason, for: visit)
      case .note(let target, let text): try note(target, text, for: visit)
      case .verify(let place, let customer, let fact, let value):
        try verify(place, customer, fact: fact, value: value, for: visit)
      case .quote(let target, let quote): try self.quote(target, quote, for: visit)
      case .promise(let id, let promise): try self.promise(id, promise, for: visit)
      case .breakPromise(let id, let number, let reason): try breakPromise(id, number, reason: reason, for: visit)
      case .advise(let id, let text, let isDeclined): try advise(id, text, isDeclined: isDeclined, for: visit)
      case .allow(let id, let reduction, let reason): try allow(id, reduction, reason: reason, for: visit)
      case .work(let id, let type): try work(id, type, for: visit)
      case .ask(let id): try askAgain(id, for: visit)
      case .override(let id, let reason): try self.override(id, reason: reason, for: visit)
      case .close(let id, let close): try self.close(id, close, for: visit)
      }
    } catch {
      visit.channel.fail(error.line, status: error.status)
    }
  }

  func visibleSessions(to visit: DeskVisit) -> [LiveSession] {
    for id in Array(sessions.keys) { feedBytes(id) }
    return sessions.values.filter { visit.sees($0) }.sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
  }

  /// An open session that the visitor may do something with. Somebody else's gets the answer of one that does not exist.
  func openSession(_ id: SessionID, _ visit: DeskVisit, isActive: Bool = true) throws(DeskRefusal) -> LiveSession {
    guard let session = sessions[id], visit.sees(session) else {
      throw DeskRefusal("No open session \(id) is yours. See: list")
    }
    guard !session.isClosing else { throw DeskRefusal("Session \(id) is being closed already.") }
    guard !isActive || session.activatedAt != nil else {
      throw DeskRefusal("The customer has not accepted \(id) yet; there is nothing to do there.")
    }
    return session
  }

  /// Puts what a visitor said on record: what is not on the disk has not happened.
  func keep(_ drafts: [EntryDraft]) throws(DeskRefusal) {
    guard !journal.isFailing else {
      throw DeskRefusal("The relay cannot write its records right now. Try again when it can.")
    }
    guard record(drafts) else {
      throw DeskRefusal(
        journal.isFailing
          ? "The relay's disk gives trouble: this is written as soon as it can be. Look before you say it again."
          : "The ledger refused this; nothing was changed. Tell the operator.")
    }
    readRegister()
  }

  private func close(_ id: SessionID, _ close: DeskClose, for visit: DeskVisit) throws(DeskRefusal) {
    let session = try openSession(id, visit)
    feedBytes(id)
    let broken = try promisesBroken(closing: sessions[id] ?? session, close)
    if let reason = close.breakingPromise {
      try keep(
        broken.map {
          PromiseBroken(caseID: $0.caseID, number: $0.number, reason: reason, by: visit.technician.rawValue)
            .draft(session: id)
        })
    }
    sessions[id]?.replies.append { session, closed, closedAt, trouble in
      visit.channel.finish(
        visit.json
          ? DeskText.json(session, closed, at: closedAt, isRecorded: trouble == nil)
          : DeskText.closed(session, closed, trouble))
    }
    apply(
      .close(outcome: close.outcome, note: close.note, by: .technician(visit.technician.rawValue)), to: id,
      at: BootClock.now())
  }
}

/// Who is at the desk, and how he is answered.
struct DeskVisit: Sendable {
  /// `EX_USAGE` of sysexits.
  static let usageStatus: UInt32 = 64

  let channel: DeskChannel
  let technician: Name
  let role: TechnicianRole
  let key: Fingerprint
  let address: String
  var json = false

  /// Technicians see their own sessions, supervisors and operators all.
  func sees(_ session: LiveSession) -> Bool { role != .technician || session.technician == technician }

  /// Ends with a line for people, or a value for scripts.
  func answer(_ line: String, _ value: JSONValue) { channel.finish(json ? value.text + "\n" : line + "\n") }
}

/// Why the desk does not do what was asked: one line.
struct DeskRefusal: Error, Equatable {
  let line: String
  let status: UInt32

  init(_ line: String, status: UInt32 = 1) {
    self.line = line
    self.status = status
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
