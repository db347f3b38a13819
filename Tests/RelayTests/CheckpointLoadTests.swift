import Foundation
import Glibc
import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Signing
import Testing
import TunnelTransport

@testable import Relay

/// What a thousand sessions at work cost the relay's core, on a real ledger.
@Suite("A thousand sessions at work")
struct CheckpointLoadTests {
  /// Without the optimiser everything takes some five times as long: then a quarter of them has to do, at four times the
  /// share of one core.
  #if DEBUG
    static let (sessions, largestShare) = (250, 0.1)
  #else
    static let (sessions, largestShare) = (1000, 0.1)
  #endif
  /// Time that goes by, in seconds.
  static let seconds = 15

  @Test("their checkpoints take less than a tenth of a core, and the ledger does not grow")
  func load() async throws {
    let rig = try Rig()
    let clocks = SystemClocks.now()
    let crowd = try Crowd(rig, count: Self.sessions, clocks: clocks)
    let core = try await rig.start()
    try await core.attend(crowd)
    // Until every session has its row, and the log was taken over into the file for the first time.
    _ = try await core.work(crowd, seconds: 40)
    let before = crowd.sizes
    let cost = try await core.work(crowd, seconds: Self.seconds)
    let share = Double(cost.nanoseconds) / (Double(Self.seconds) * 1e9)
    print(
      "\(Self.sessions) sessions: \(cost.signed) checkpoints in \(Self.seconds) s take \(cost.nanoseconds / 1_000_000) ms of the core's thread (\(Int((share * 1000).rounded())) per mille)"
    )
    #expect(cost.signed >= Self.sessions * Self.seconds / 5)
    #expect(share < Self.largestShare, "a share of \(share) of one core")
    let after = crowd.sizes
    #expect(after.file <= before.file && after.log < 2 << 20, "\(before) bytes became \(after)")
    #expect(try rig.ledger.verify().isSound)
  }
}

/// Machines with a session each.
private final class Crowd: Sendable {
  struct Member: Sendable {
    let id: SessionID
    let key: Ed25519PrivateKey
  }

  let members: [Member]
  let bySession: [SessionID: Ed25519PrivateKey]
  private let path: String

  init(_ rig: Rig, count: Int, clocks: ClockReading) throws {
    var random = SystemRandomNumberGenerator()
    var members: [Member] = []
    var drafts: [EntryDraft] = []
    for _ in 0..<count {
      let member = Member(id: SessionID(using: &random), key: try Ed25519PrivateKey.generate())
      let activated = SessionActivated(
        continuation: SessionActivated.Continuation(
          code: JoinCode(using: &random), agentInstance: rig.instance, bootID: clocks.boot, instant: clocks.monotonic))
      drafts += try rig.agreed(member.id, agent: member.key) + [activated.draft(session: member.id)]
      members.append(member)
    }
    for first in stride(from: 0, to: drafts.count, by: LedgerLimits.maximumDrafts) {
      try rig.ledger.append(Array(drafts[first...].prefix(LedgerLimits.maximumDrafts)), at: clocks.wall)
    }
    self.members = members
    bySession = Dictionary(uniqueKeysWithValues: members.map { ($0.id, $0.key) })
    path = rig.ledger.path
  }

  /// Bytes of the ledger's file and of its log.
  var sizes: (file: Int, log: Int) {
    func size(_ path: String) -> Int { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 }
    return (size(path), size(path + "-wal"))
  }
}

extension RelayCore {
  /// Every machine is connected, and a technician at work on it.
  fileprivate func attend(_ crowd: Crowd) throws {
    for member in crowd.members {
      let port = TunnelPort(loop: loop, endpoint: TunnelEndpoint(core: self), lastHeard: BootClock.now())
      machines.attach(try #require(machines[member.key.publicKey.spki]), port: port)
      machines[member.key.publicKey.spki]?.goneSince = nil
      let now = BootClock.now()
      // Not by way of the core, which would put a thousand transitions on record.
      _ = try sessions[member.id]?.machine.handle(.linkRestored, at: now)
      _ = try sessions[member.id]?.machine.handle(.channelOpened(1), at: now)
      sessions[member.id]?.book.linkRestored(at: now)
    }
  }

  /// What the agents say to what they were sent; counted is what the relay's side of it takes.
  private func answer(_ crowd: Crowd, _ ids: [SessionID], at now: MonotonicInstant) throws -> (cost: Int64, count: Int)
  {
    var answers: [(SessionID, Machine, CheckpointStatement, [UInt8])] = []
    for id in ids {
      guard let key = crowd.bySession[id], let session = sessions[id], let machine = machines[session.machineIdentity]
      else { continue }
      for statement in session.book.unanswered.map(\.statement) {
        answers.append((id, machine, statement, try key.sign(statement.signedBytes)))
      }
    }
    let began = Self.cpuNanoseconds()
    for (id, machine, statement, signature) in answers {
      checkpointSigned(
        id, by: machine, epoch: statement.epoch, sequence: statement.sequence, signature: signature, at: now)
    }
    return (Self.cpuNanoseconds() - began, answers.count)
  }

  /// Bytes pass everywhere all the time; what is stated is signed at once. Counted is what the core's thread computes, and
  /// not what the agents do.
  fileprivate func work(_ crowd: Crowd, seconds: Int) throws -> (nanoseconds: Int64, signed: Int) {
    var now = max(BootClock.now(), workedUntil(crowd))
    var cost: Int64 = 0
    var signed = 0
    for _ in 0..<(seconds * 1000 / Int(Self.tickMilliseconds)) {
      now = now.advanced(byMilliseconds: Self.tickMilliseconds)
      for member in crowd.members {
        sessions[member.id]?.traffic.countFromMachine(1, at: now)
        machines[member.key.publicKey.spki]?.port?.heard(at: now)
      }
      cost -= Self.cpuNanoseconds()
      tick(at: now)
      cost += Self.cpuNanoseconds()
      let answers = try answer(crowd, crowd.members.map(\.id), at: now)
      cost += answers.cost
      signed += answers.count
    }
    return (cost, signed)
  }

  private func workedUntil(_ crowd: Crowd) -> MonotonicInstant {
    crowd.members.compactMap { sessions[$0.id]?.traffic.lastByteAt }.max() ?? BootClock.now()
  }

  private static func cpuNanoseconds() -> Int64 {
    var time = timespec()
    // Cannot fail: every thread has this clock, and the room for the answer is ours.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
