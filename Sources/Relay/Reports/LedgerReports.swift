import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing

/// `fixline-relay ledger …`.
public enum LedgerReports {
  /// Walks the whole ledger, checks hashes, chain and the signatures under checkpoints; returns what to print and whether
  /// everything is whole. Looking changes nothing in the files.
  /// - Parameter receipts: files of receipts that customers have kept: each names an entry that has to be there.
  public static func verify(
    against receipts: [String] = [], json: Bool, state: String
  ) throws -> (text: String, isWhole: Bool) {
    let directory = try StateDirectory.openForCommand(state)
    let held = try ReceiptAnchors(receipts, directory: directory)
    let report = try report(of: directory) { ledger, check throws(StoreError) in
      var report = try ledger.verify(anchors: held.anchors, check: check)
      if report.isSound, let missing = try held.missing(in: ledger) {
        report.broken = BrokenEntry(sequence: nil, reason: .store(missing))
      }
      return report
    }
    if json {
      var object = report.json
      object["receipts"] = .integer(Int64(held.count))
      return (object.text, report.isSound)
    }
    let agreed = held.count == 0 ? "" : " It agrees with \(CountText.of(held.count, "receipt"))."
    if report.isSound { return (report.summary + agreed, true) }
    let aside = held.count == 0 ? nil : LedgerSetAside.newest(in: directory)
    let older = aside.map { "A ledger was set aside here (\($0)); a receipt older than that belongs to it. " } ?? ""
    return ("\(report.summary) \(older)\(wayOn(state))", false)
  }

  /// Hands every entry to `line`, as one line of JSON each, in order and in bounded memory.
  public static func export(state: String, _ line: (String) -> Void) throws {
    try withStores(state, readOnly: true) { stores in
      try stores.ledger.forEachEntry(from: 1) { entry in
        line(entry.json.text)
        return true
      }
    }
  }

  /// What to do about a broken ledger.
  static func wayOn(_ state: String) -> String {
    "Restore a backup, or keep the file as evidence and begin a new one: fixline-relay ledger set-aside --state \(state)"
  }

  /// What `walk` finds in a directory's ledger; a file that cannot be opened as one is broken from the beginning.
  static func report(
    of directory: StateDirectory, _ walk: (SQLiteLedger, @escaping CheckpointCheck) throws(StoreError) -> LedgerReport
  ) throws(RelayFailure) -> LedgerReport {
    let check = try check(directory)
    do throws(StoreError) {
      return try walk(try SQLiteLedger(path: directory.databasePath, readOnly: true), check)
    } catch {
      guard let report = LedgerReport.unopenable(error) else { throw RelayFailure(error) }
      return report
    }
  }

  /// Checks a checkpoint's signatures, by the keys of that directory.
  static func check(_ directory: StateDirectory) throws(RelayFailure) -> CheckpointCheck {
    let relayKey = try signingKey(of: directory)
    return { checkpoint, agentKeys in flaw(in: checkpoint, relayKey: relayKey, agentKeys: agentKeys) }
  }

  /// The relay's key; nil when the directory has none (a restored ledger), since looking must never make one.
  static func signingKey(of directory: StateDirectory) throws(RelayFailure) -> Ed25519PublicKey? {
    guard FileManager.default.fileExists(atPath: directory.signingKeyPath) else { return nil }
    do {
      return try KeyFile.loadOrCreateEd25519(path: directory.signingKeyPath).publicKey
    } catch {
      throw RelayFailure(.storage, "\(error)")
    }
  }

  private static func flaw(
    in checkpoint: StoredCheckpoint, relayKey: Ed25519PublicKey?, agentKeys: [[UInt8]]
  ) -> String? {
    let signed = checkpoint.statement.signedBytes
    if let relayKey, !relayKey.isValid(signature: checkpoint.relaySignature, for: signed) {
      return "the relay's signature does not fit"
    }
    // Erased consents take the agent's key with them; then only the relay's signature can be checked.
    guard !agentKeys.isEmpty else { return nil }
    let isSigned = agentKeys.contains {
      Ed25519PublicKey(rawBytes: $0)?.isValid(signature: checkpoint.agentSignature, for: signed) ?? false
    }
    return isSigned ? nil : "the agent's signature does not fit"
  }
}
