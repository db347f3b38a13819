import NIOCore
import SessionModel

@testable import Agent
@testable import TunnelProtocol

/// Somebody who is up to no good: dials the relay with a key of his own, or with frames that only look like the agent's, and
/// tries to take over a tunnel, to end a session, or to sign for somebody else. Nothing of it may have any effect on others.
final class Stranger: ConnectionOwner {
  enum Trick: CaseIterable {
    /// RESUME of somebody's tunnel, with the own key.
    case foreignTunnel
    /// RESUME with the right key and another run's name.
    case otherRun
    /// RESUME with the right key, claiming to have received what was never sent.
    case neverSent
    /// HELLO, then words about somebody's session.
    case foreignSession
    /// Bytes that are no frames.
    case noise
  }

  private let world: World
  private let trick: Trick
  private let victim: SimulatedAgent
  private var chance: Chance

  init(world: World, victim: SimulatedAgent, chance: Chance) {
    self.world = world
    self.victim = victim
    self.chance = chance
    trick = self.chance.pick(Trick.allCases)
  }

  func dial() {
    world.trace.note("stranger", "\(trick)")
    let key: Fingerprint
    switch trick {
    case .foreignTunnel, .foreignSession, .noise: key = world.strangerKeys.fingerprint
    case .otherRun, .neverSent: key = victim.keys.fingerprint
    }
    _ = world.network.dial(key: key, owner: self)
  }

  func connectionOpened(_ connection: Connection) {
    guard let tunnel = victim.tunnel else { return connection.close(from: .agent) }
    switch trick {
    case .foreignTunnel: resume(victim.instance, tunnel, tunnel.machine.received, connection)
    case .otherRun: resume(InstanceID(using: &chance), tunnel, tunnel.machine.received, connection)
    case .neverSent: resume(victim.instance, tunnel, tunnel.machine.received + 1_000_000, connection)
    case .foreignSession:
      let hello = Hello(
        instance: InstanceID(using: &chance), software: "stranger", language: "en", allowances: .all,
        heldSessions: victim.book.sessions)
      if let frame = try? hello.frame() { say(frame, connection) }
    case .noise:
      var bytes = ByteBuffer()
      for _ in 0..<chance.number(1...50) { bytes.writeInteger(chance.next()) }
      connection.send(bytes, from: .agent)
    }
    world.timeline.after(milliseconds: 4000) { connection.close(from: .agent) }
  }

  private func resume(_ instance: InstanceID, _ tunnel: TunnelEnd, _ received: UInt64, _ connection: Connection) {
    say(Resume(instance: instance, tunnel: tunnel.id, received: received).frame(), connection)
  }

  private func say(_ frame: Frame, _ connection: Connection) {
    var bytes = ByteBuffer()
    frame.write(into: &bytes)
    connection.send(bytes, from: .agent)
  }

  /// Whatever he is answered, he talks of sessions that are not his.
  func connection(_ connection: Connection, received bytes: ByteBuffer) {
    guard case .foreignSession = trick else { return }
    var number: UInt64 = 0
    for session in victim.book.sessions {
      for message in [
        ControlMessage.checkpointSigned(
          session: session, epoch: 1, sequence: UInt64(chance.number(1...5)),
          signature: [UInt8](repeating: 1, count: 64)),
        .checkpointRefused(session: session, epoch: 1, sequence: 1, measuredMilliseconds: 0),
        .closeRequest(session: session, reason: "because"),
      ] {
        guard let payload = try? message.encoded() else { continue }
        number += 1
        say(Frame(type: .control, number: number, payload: payload), connection)
      }
    }
  }

  func connectionTakesMore(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection) {}
}
