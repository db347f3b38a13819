import Ledger
import Metering
import SessionModel
import Signing
import TunnelProtocol

@testable import Agent
@testable import Relay

/// What has to hold in every world. Each returns one line about the first thing that does not, or nil.
struct Invariants {
  let world: World

  // MARK: At any time

  /// No buffer grows beyond its limit, and no byte is wrong.
  var exceeded: String? {
    let limits = world.settings.tunnel
    var ends = world.houses.compactMap { $0.agent?.tunnel }
    ends += world.relay.map { relay in relay.machines.values.compactMap(\.tunnel) } ?? []
    for end in ends where end.machine.retainedBytes > limits.retainedBytes + limits.retainedReserveBytes {
      return "\(end.machine.retainedBytes) bytes are retained"
    }
    let held = world.relay.map { $0.channels.values.reduce(0) { $0 + $1.unread } } ?? 0
    let streams = world.relay?.channels.count ?? 0
    if held > limits.tunnelWindowBytes * world.houses.count + streams * limits.initialWindowBytes {
      return "\(held) bytes wait for \(streams) readers"
    }
    return world.technicians.compactMap(\.byteFault).first
  }

  // MARK: When a relay died, and at the end

  /// The ledger: sound, nothing lost that was acknowledged, nothing twice, nothing billed that was not.
  func violated(atEnd: Bool) -> String? {
    do throws(StoreError) {
      let report = try world.disk.verify(anchors: [], check: nil)
      if let broken = report.broken { return "the chain is broken\(broken.place)" }
    } catch { return "the chain cannot be walked: \(error)" }
    if let lost = world.disk.lostEntry { return "an acknowledged entry is gone: \(lost)" }
    let entries = world.disk.allEntries
    return twice(entries) ?? billed(entries) ?? checkpoints()
  }

  /// The kinds a session has once.
  private static let single: [EntryKind] = [
    .sessionRequested, .consentAsked, .consentAnswered, .sessionActivated, .sessionClosed,
  ]

  private func twice(_ entries: [Entry]) -> String? {
    var seen: [SessionID: Set<EntryKind>] = [:]
    for entry in entries where Self.single.contains(entry.kind) {
      guard let id = entry.session else { continue }
      if !seen[id, default: []].insert(entry.kind).inserted { return "\(id) has \(entry.kind) twice" }
    }
    return nil
  }

  /// What a closed session is billed, against the stopwatch, the agent's own signatures and what the customer was told.
  private func billed(_ entries: [Entry]) -> String? {
    for entry in entries where entry.kind == .sessionClosed {
      guard let id = entry.session, let closed = SessionClosed(entry), let watch = world.stopwatches[id] else {
        return "a close that cannot be read: \(entry.sequence)"
      }
      let billed = closed.activeMilliseconds
      let rounding = Int64(2 * watch.stretches + 2)
      if billed > watch.possibleNanoseconds / 1_000_000 + rounding {
        return "\(id) is billed \(billed) ms of \(watch.possibleNanoseconds / 1_000_000) ms"
      }
      if billed > world.mostSigned[id] ?? 0 { return "\(id) is billed \(billed) ms, more than its agent signed" }
      let least = (watch.certainNanoseconds - watch.allowanceNanoseconds) / 1_000_000
      if !world.isLiar(id), !world.refused.contains(id), billed < least - rounding {
        return
          "\(id) is billed \(billed) ms of at least \(watch.certainNanoseconds / 1_000_000) ms, "
          + "of which \(watch.allowanceNanoseconds / 1_000_000) ms may be lost"
      }
      let sum = closed.intervals.reduce(0) { $0 + $1.to.milliseconds(since: $1.from) }
      if sum != billed { return "\(id) is billed \(billed) ms in intervals of \(sum) ms" }
      if let told = world.receipts[id], told != billed {
        return "\(id): the customer was told \(told) ms, not \(billed)"
      }
    }
    return nil
  }

  /// Both signatures under every stored checkpoint, and epochs that go forward.
  private func checkpoints() -> String? {
    for id in world.sessionKeys.keys.sorted() {
      guard let stored = try? world.disk.checkpoints(session: id), let key = world.sessionKeys[id] else { continue }
      var active: Int64 = 0
      for checkpoint in stored {
        let bytes = checkpoint.statement.signedBytes
        guard world.publicKeys[key]?.isValid(signature: checkpoint.agentSignature, for: bytes) == true,
          world.relayKeys.key.publicKey.isValid(signature: checkpoint.relaySignature, for: bytes)
        else { return "\(id) epoch \(checkpoint.epoch): a stored checkpoint is not signed" }
        if checkpoint.statement.activeMilliseconds < active { return "\(id): active time shrinks in a later epoch" }
        active = checkpoint.statement.activeMilliseconds
      }
    }
    return nil
  }

  // MARK: When all is calm

  /// What has not come to its end.
  var unfinished: String? {
    if let technician = world.technicians.first(where: { !$0.isDone }) {
      return "a technician's last visit does not work; \(technician.openChannels) channels are open"
    }
    guard let relay = world.relay else { return "the relay is down" }
    if let id = relay.sessions.keys.min() { return "\(id) is not closed" }
    if let open = try? world.disk.openSessions(), let id = open.first { return "\(id) is open on record" }
    for house in world.houses {
      guard let agent = house.agent else { return "\(house.host.name) is down" }
      if let id = agent.book.sessions.first { return "\(house.host.name) still holds \(id)" }
      if agent.tunnel?.machine.isCut != false { return "\(house.host.name) has no link" }
    }
    if let stream = relay.channels.keys.min() { return "stream \(stream.stream) is open" }
    return nil
  }
}
