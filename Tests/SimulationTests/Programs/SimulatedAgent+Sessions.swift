import Metering
import NIOCore
import SessionModel
import Signing

@testable import Agent
@testable import TunnelProtocol

/// One session the customer agreed to, at the simulated agent: the real measure, and simulated programs.
final class AgreedSession {
  let id: SessionID
  var measure: AgentMeasure
  /// The newest checkpoint it signed: what its journal holds.
  var newest: CountersignedCheckpoint?
  var programs: [StreamID: MachineProgram] = [:]
  /// Shells that wait for a technician.
  var detached: [MachineProgram] = []

  init(id: SessionID, at now: MonotonicInstant) {
    self.id = id
    measure = AgentMeasure(session: id, consentAt: now)
  }

  func open(_ stream: StreamID, _ opening: StreamOpening, on tunnel: TunnelEnd, at now: MonotonicInstant) {
    let key = opening.environment.first { $0.name == "KEY" }.flatMap { UInt64($0.value) } ?? 0
    let program: MachineProgram
    switch opening.kind {
    case .shell: program = detached.popLast() ?? MachineProgram(.shell)
    case .exec(let command):
      let amount = String(decoding: command, as: UTF8.self).split(separator: " ").last.flatMap { Int($0) }
      program = MachineProgram(.download(amount ?? 0))
    case .sftp, .forward: program = MachineProgram(.upload)
    }
    programs[stream] = program
    measure.streamOpened(at: now)
    tunnel.machine.accept(stream)
    program.attach(stream, key: key, to: tunnel) { [weak self, weak tunnel] in
      guard let self, let tunnel, programs.removeValue(forKey: stream) != nil else { return }
      measure.streamEnded(at: tunnel.process.now)
    }
  }

  func streamEnded(_ stream: StreamID, _ end: StreamEnd, at now: MonotonicInstant) {
    guard let program = programs.removeValue(forKey: stream) else { return }
    measure.streamEnded(at: now)
    if end.code == .detached { detached.append(program) }
  }

  /// The tunnel is gone for good: shells wait, everything else ends.
  func tunnelGone(at now: MonotonicInstant) {
    for (_, program) in programs.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      measure.streamEnded(at: now)
      if case .shell = program.kind { detached.append(program) }
    }
    programs = [:]
  }
}

/// What runs on the customer's machine behind one stream.
final class MachineProgram {
  enum Kind {
    case shell
    case download(Int)
    case upload
  }

  let kind: Kind
  private var key: UInt64 = 0
  private var stream = StreamID.tunnel
  private weak var tunnel: TunnelEnd?
  private var whenDone: () -> Void = {}
  private var owed = 0
  private var sent = 0
  private var taken = 0
  private var exits = false

  init(_ kind: Kind) { self.kind = kind }

  /// It writes to, and reads from, this stream from now on; places in it are counted anew.
  func attach(_ stream: StreamID, key: UInt64, to tunnel: TunnelEnd, whenDone: @escaping () -> Void) {
    self.stream = stream
    self.key = key
    self.tunnel = tunnel
    self.whenDone = whenDone
    sent = 0
    taken = 0
    switch kind {
    case .shell: owed = 40
    case .download(let bytes):
      owed = bytes
      exits = true
    case .upload: break
    }
    write()
  }

  /// Takes what the technician wrote; what is wrong with it.
  func receive(_ bytes: ByteBuffer) -> String? {
    guard Pattern.holds(bytes, key, at: taken) else {
      return "input of \(key) differs at byte \(taken) or the next \(bytes.readableBytes)"
    }
    taken += bytes.readableBytes
    if case .shell = kind {
      owed += 3 * bytes.readableBytes
      write()
    }
    return nil
  }

  func inputEnded() {
    guard case .upload = kind else { return }
    exits = true
    write()
  }

  /// Writes what is owed while the stream takes it, then exits.
  func write() {
    guard let tunnel, !tunnel.isOver else { return }
    while owed > 0 {
      let room = tunnel.machine.sendRoom(stream)
      guard room > 0 else { return }
      let piece = Pattern.piece(~key, at: sent, count: min(owed, room, 16_384))
      tunnel.machine.send(stream, .standard, piece)
      sent += piece.readableBytes
      owed -= piece.readableBytes
    }
    guard exits else { return }
    exits = false
    let status: UInt32 = if case .upload = kind { UInt32(truncatingIfNeeded: taken) } else { 0 }
    tunnel.machine.post(.exitStatus(status), on: stream)
    tunnel.machine.finishWriting(stream)
    tunnel.machine.end(stream, StreamEnd(.finished))
    whenDone()
  }
}

/// Questions, checkpoints and ends at the simulated agent.
extension SimulatedAgent {
  func control(_ message: ControlMessage) {
    switch message {
    case .joinCode(let code, _):
      world.trace.note("code-shown", "\(code) on \(process.name)")
      self.code = code
    case .consentRequest(let session, let technician, let key, _, let words, let allowances, _):
      let statement = ConsentStatement(
        relaySigningKey: world.relayKeys.fingerprint, session: session, technicianKey: key,
        wordsHash: SHA256.hash(Array(words.utf8)), allowances: allowances)
      asked(statement, technician)
    case .consentWithdrawn(let session, _): drop(session)
    case .checkpoint(let statement, let signature): checkpoint(statement, signature)
    case .sessionClosed(let session, _, let active, _, _, _, _, _):
      world.receipt(session, activeMilliseconds: active)
      drop(session)
      settle()
    default: break
    }
  }

  /// What it has on record of its sessions, before anything else is said to a relay that may know less.
  func tellHeldSessions(on tunnel: TunnelEnd) {
    for session in sessions.values.sorted(by: { $0.id < $1.id }) {
      tunnel.machine.post(
        .heldSession(
          HeldSession(
            session: session.id, newest: session.newest,
            measuredMilliseconds: session.measure.measuredMilliseconds(at: now), isJournalDamaged: false)))
    }
  }

  private func asked(_ statement: ConsentStatement, _ technician: String) {
    guard asking.insert(statement.session).inserted else { return }
    switch book.standing(of: statement) {
    case .agreed(let entry):
      asking.remove(statement.session)
      return post(entry)
    case .changed: drop(statement.session)
    case .new: break
    }
    let delay = chance.milliseconds(500...6000)
    let accepts = world.isCalm || !chance.oneIn(12)
    process.after(milliseconds: delay) { [weak self] in self?.answer(statement, technician, accepts: accepts) }
  }

  private func answer(_ statement: ConsentStatement, _ technician: String, accepts: Bool) {
    asking.remove(statement.session)
    guard case .up = link.state, let tunnel else { return }
    let entry = ConsentBook.Entry(
      statement: statement, technician: technician, signature: keys.sign(statement.signedBytes))
    guard accepts, book.accept(entry) else {
      drop(statement.session)
      tunnel.machine.post(
        .consentAnswer(
          session: statement.session, accepted: false, reason: "no", wordsHash: statement.wordsHash, allowances: [],
          signature: []))
      return tunnel.pump()
    }
    sessions[statement.session] = AgreedSession(id: statement.session, at: now)
    post(entry)
  }

  private func post(_ yes: ConsentBook.Entry) {
    tunnel?.machine.post(
      .consentAnswer(
        session: yes.statement.session, accepted: true, reason: "", wordsHash: yes.statement.wordsHash,
        allowances: yes.statement.allowances, signature: yes.signature))
    tunnel?.pump()
  }

  private func checkpoint(_ statement: CheckpointStatement, _ signature: [UInt8]) {
    guard let session = sessions[statement.session], book[statement.session] != nil, let tunnel else { return }
    let isGenuine = world.relayKeys.key.publicKey.isValid(signature: signature, for: statement.signedBytes)
    var lie: [UInt8]?
    if isLiar {
      switch chance.number(0...5) {
      case 0: return
      case 1: lie = [UInt8](repeating: 9, count: 64)
      case 2:
        tunnel.machine.post(
          .checkpointRefused(
            session: statement.session, epoch: statement.epoch, sequence: statement.sequence, measuredMilliseconds: 0))
        return
      default: break
      }
    }
    if isGenuine, session.measure.accepts(statement, at: now) {
      world.signed(statement)
      let own = lie ?? keys.sign(statement.signedBytes)
      session.newest = CountersignedCheckpoint(statement: statement, relaySignature: signature, agentSignature: own)
      tunnel.machine.post(
        .checkpointSigned(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence, signature: own))
    } else {
      tunnel.machine.post(
        .checkpointRefused(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence,
          measuredMilliseconds: session.measure.measuredMilliseconds(at: now)))
    }
  }

  private func drop(_ id: SessionID) {
    book.remove(id)
    guard let session = sessions.removeValue(forKey: id) else { return }
    endPrograms(of: session)
  }

  func endPrograms(of session: AgreedSession) {
    session.measure.close(at: now)
    for stream in session.programs.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      tunnel?.machine.end(stream, StreamEnd(.sessionClosed, "the session is over"))
    }
    session.programs = [:]
    session.detached = []
  }
}
