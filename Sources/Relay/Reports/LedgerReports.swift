import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing

/// `fixline-relay ledger …`.
public enum LedgerReports {
  /// Walks the whole ledger, checks hashes, chain and the signatures under checkpoints; returns what to print and whether
  /// everything is whole.
  public static func verify(json: Bool, state: String) throws -> (text: String, isWhole: Bool) {
    try withStores(state) { stores in
      let directory = StateDirectory(path: state)
      let relayKey = try signingKey(of: directory)
      let report = try stores.ledger.verify(anchors: []) { checkpoint, agentKeys in
        flaw(in: checkpoint, relayKey: relayKey, agentKeys: agentKeys)
      }
      return (json ? report.json.text : report.summary, report.isSound)
    }
  }

  /// The relay's key; nil when the directory has none (a restored ledger), since looking must never make one.
  private static func signingKey(of directory: StateDirectory) throws(RelayFailure) -> Ed25519PublicKey? {
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
