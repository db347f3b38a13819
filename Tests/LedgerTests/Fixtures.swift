import Ledger
import SessionModel
import Signing

let sha256: Digest = { SHA256.hash($0) }

/// Values the tests agree on.
enum Sample {
  static let time = WallTime(milliseconds: 1_763_757_000_120)

  static func fingerprint(_ byte: UInt8) -> Fingerprint {
    sha256([byte])
  }

  static let plan = PlanTerms(
    id: "standard", name: "Standard remote support", currency: "EUR",
    json: [
      "id": "standard", "name": "Standard remote support", "currency": "EUR", "prices": "net",
      "rate_per_hour": "90.00", "first": "15m", "then": "6m",
    ])

  /// One of each kind; the first file is closed, the last one never.
  static let fileEvents: [FileEvent] = {
    let path = Array("/srv/a".utf8)
    let actions: [FileEvent.Action] = [
      .opened(path: path, .toMachine), .closed(opening: 1, bytesToMachine: 3, bytesFromMachine: 0), .listed(path: path),
      .removed(path: path + [0xFF]), .madeDirectory(path: path), .removedDirectory(path: path),
      .renamed(path: path, to: [0x0A]), .linked(path: path, to: path), .symlinked(path: path, target: [0xFF]),
      .changed(path: path), .copied(from: 1, to: 12, bytes: 5), .opened(path: path, .both),
    ]
    return actions.enumerated().map { FileEvent(number: UInt64($0.offset + 1), action: $0.element) }
  }()

  static let closed = SessionClosed(
    outcome: .fixed, note: "mended", by: "mika", activeMilliseconds: 720_000,
    intervals: [LedgerInterval(from: time, to: time.advanced(byMilliseconds: 720_000))], billedSeconds: 900,
    amountMinor: 2250, currency: "EUR",
    lines: [
      LedgerLine(kind: "time", description: "15 min", seconds: 900, percent: "100", amountMinor: 2250),
      LedgerLine(
        kind: "allowance", description: "goodwill", seconds: 0, percent: "112.5", amountMinor: -1, reason: "late",
        technician: "mika"),
    ], bytesToMachine: 12, bytesFromMachine: 34)

  static func checkpoint(
    session: SessionID, epoch: UInt32, sequence: UInt64, activeMilliseconds: Int64
  ) -> StoredCheckpoint {
    StoredCheckpoint(
      statement: CheckpointStatement(
        session: session, epoch: epoch, sequence: sequence, activeMilliseconds: activeMilliseconds,
        chainHash: sha256(Array(session.rawValue.utf8))),
      relaySignature: Array(repeating: 1, count: 64), agentSignature: Array(repeating: 2, count: 64), storedAt: time)
  }
}

/// A ledger in memory: what a store does, without a disk.
struct MemoryLedger {
  let id: LedgerID
  var rows: [StoredEntry] = []
  var entries: [Entry] = []

  init(id: LedgerID) { self.id = id }

  var head: LedgerHead {
    entries.last.map { LedgerHead(sequence: $0.sequence, hash: $0.hash) }
      ?? LedgerHead(sequence: 0, hash: id.genesisHash(digest: sha256))
  }

  mutating func append(_ draft: EntryDraft, salt: [UInt8], at time: WallTime = Sample.time) {
    let entry = Entry(
      draft, sequence: head.sequence + 1, previousHash: head.hash, time: time, salt: salt, digest: sha256)
    entries.append(entry)
    rows.append(
      StoredEntry(
        sequence: Int64(entry.sequence), kind: entry.kind.rawValue, session: entry.session?.rawValue,
        milliseconds: entry.time.milliseconds, uniqueKey: draft.uniqueKey, header: entry.header.encoded,
        hash: entry.hash.bytes, payload: entry.payload.map { .present($0) } ?? .missing))
  }

  func verify(head stored: LedgerHead? = nil, anchors: [LedgerAnchor] = []) -> LedgerChain {
    var chain = LedgerChain(id: id, anchors: anchors, digest: sha256)
    for row in rows where chain.step(row) == nil { return chain }
    chain.finish(head: stored ?? head)
    return chain
  }
}
