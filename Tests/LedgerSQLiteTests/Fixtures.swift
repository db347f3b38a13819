import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing

/// A directory of mode 0700 that is gone when the test is.
final class Scratch {
  let directory: String
  var ledger: String { directory + "/" + SQLiteLedger.fileName }

  init() throws {
    directory = NSTemporaryDirectory() + "fixline-ledger-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Size of the database and its companions, in bytes.
  func sizes() -> (file: Int, log: Int) {
    func size(_ path: String) -> Int {
      (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
    return (size(ledger), size(ledger + "-wal"))
  }
}

/// One session with real keys, played from request to close.
struct Play {
  static let time = WallTime(milliseconds: 1_763_757_000_000)
  let session: SessionID
  let technician: Name
  let relay: Ed25519PrivateKey
  let agent: Ed25519PrivateKey

  init(using random: inout some RandomNumberGenerator) throws {
    session = SessionID(using: &random)
    guard let mika = Name("mika") else { throw StoreError.refused("not a name") }
    technician = mika
    relay = try Ed25519PrivateKey.generate()
    agent = try Ed25519PrivateKey.generate()
  }

  static func plan() -> PlanTerms {
    PlanTerms(
      id: "standard", name: "Standard remote support", currency: "EUR",
      json: [
        "id": "standard", "name": "Standard remote support", "currency": "EUR", "rate_per_hour": "90.00",
        "first": "15m", "then": "6m",
      ])
  }

  var request: EntryDraft {
    SessionRequested(
      machine: "guest-482", technician: technician, technicianKey: SHA256.hash([1]), purpose: "printer",
      plan: Self.plan(), address: "192.0.2.7"
    ).draft(session: session)
  }

  var opening: [EntryDraft] {
    [
      request,
      ConsentAsked(words: "Start now?", wordsHash: SHA256.hash([2]), allowances: .all).draft(session: session),
      ConsentAnswered(
        accepted: true, reason: "", signature: Array(repeating: 7, count: 64), agentKey: agent.publicKey.rawBytes
      ).draft(session: session),
      SessionActivated().draft(session: session),
      ChannelOpened(channel: 1, channelKind: "exec", command: "true").draft(session: session),
    ]
  }

  func checkpoint(epoch: UInt32, sequence: UInt64, activeMilliseconds: Int64) throws -> StoredCheckpoint {
    let statement = CheckpointStatement(
      session: session, epoch: epoch, sequence: sequence, activeMilliseconds: activeMilliseconds,
      chainHash: SQLiteLedger.digest(Array(session.rawValue.utf8)))
    return StoredCheckpoint(
      statement: statement, relaySignature: try relay.sign(statement.signedBytes),
      agentSignature: try agent.sign(statement.signedBytes), storedAt: Self.time)
  }

  func closing() throws -> [EntryDraft] {
    [
      ChannelClosed(channel: 1, bytesToMachine: 10, bytesFromMachine: 20, exit: .status(0)).draft(session: session),
      CheckpointEpochEnd(checkpoint: try checkpoint(epoch: 1, sequence: 3, activeMilliseconds: 15_000)).draft,
      SessionClosed(
        outcome: .fixed, note: nil, by: "mika", activeMilliseconds: 15_000,
        intervals: [LedgerInterval(from: Self.time, to: Self.time.advanced(byMilliseconds: 15_000))],
        billedSeconds: 900, amountMinor: 2250, currency: "EUR",
        lines: [LedgerLine(kind: "time", description: "15 min", seconds: 900, percent: "100", amountMinor: 2250)],
        bytesToMachine: 10, bytesFromMachine: 20
      ).draft(session: session),
    ]
  }

  /// The check an operator's command makes.
  func check() -> CheckpointCheck {
    let relay = relay.publicKey
    return { checkpoint, agentKeys in
      let bytes = checkpoint.statement.signedBytes
      guard relay.isValid(signature: checkpoint.relaySignature, for: bytes) else { return "not signed by this relay" }
      let agents = agentKeys.compactMap { Ed25519PublicKey(rawBytes: $0) }
      return agents.contains { $0.isValid(signature: checkpoint.agentSignature, for: bytes) }
        ? nil : "not signed by the agent"
    }
  }
}

func note(_ number: Int) -> EntryDraft { LedgerNote(text: "note \(number)", by: "relay").draft() }

func technician(_ name: String, key: UInt8) throws -> Technician {
  guard let name = Name(name) else { throw StoreError.refused("not a name") }
  return Technician(
    name: name, role: .technician, keyLine: "ssh-ed25519 AAAA\(key) \(name)", keyFingerprint: SHA256.hash([key]),
    addedAt: Play.time)
}
