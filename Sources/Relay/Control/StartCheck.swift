import Ledger
import LedgerSQLite

/// Whether the ledger may be built on: asked before anything is written.
///
/// A relay does not start on a broken ledger. To help on with the clock stopped, as a running relay does when its disk fails,
/// would let a small shop work unpaid for weeks before somebody looks, and every line written behind a broken entry is one
/// more that proves nothing. At a start nobody is in the middle of anything; the way on takes a minute and is in the line.
///
/// The start looks at what bears on bills still to be made: the newest entries and the checkpoints of sessions that are to be
/// settled. That takes the same few seconds after ten years as after one; `ledger verify` looks at everything.
enum StartCheck {
  /// Entries that are walked, the newest: about a year of ten sessions a working day, and a few seconds.
  static let newestEntries: UInt64 = 50_000

  /// - Throws: ``RelayFailure`` of kind `storage` with one line that names the first broken entry and the way on.
  static func run(_ directory: StateDirectory) throws(RelayFailure) {
    // The key is made after the ledger: without one nothing was ever signed, and a first start may have been cut short.
    guard directory.holdsLedger, directory.hasSigningKey else { return }
    let report = try LedgerReports.report(of: directory) { ledger, check throws(StoreError) in
      try ledger.verifyNewest(newestEntries, check: check)
    }
    guard let broken = report.broken else { return }
    throw RelayFailure(
      .storage,
      "The ledger is broken\(broken.place). Nothing may be billed from it. \(LedgerReports.wayOn(directory.path))")
  }
}
