import Billing
import Ledger
import LedgerSQLite
import Receipts
import SessionModel

/// `fixline-relay session bundle`: everything that is on record of one session in one file, for whoever has to judge a
/// dispute about it.
public enum SessionBundle {
  /// Writes the bundle and returns what to print.
  public static func write(_ id: String, to output: String, state: String) throws -> String {
    guard let session = SessionID(id) else {
      throw RelayFailure(
        .usage, "\"\(TextSafety.escaped(id))\" is no session. See: fixline-relay sessions --state \(state)")
    }
    return try withStores(state, readOnly: true) { stores in
      guard let receipts = try SessionReceipts(session, in: stores.ledger) else {
        throw RelayFailure(.refused, "There is no session \(session). See: fixline-relay sessions --state \(state)")
      }
      guard let closing = receipts.closing else {
        throw RelayFailure(.refused, "Session \(session) is still open; a bundle is made of what is closed.")
      }
      var record = receipts.record
      for checkpoint in try stores.ledger.checkpoints(session: session) { record.apply(checkpoint) }
      let archive = archive(
        receipts, record, try stores.ledger.register(), try ChainProof(session, to: closing, in: stores.ledger),
        erasedAt: try erasure(of: receipts.erased, in: stores.ledger))
      try OutputFile.write(archive.bytes, to: output)
      return "\(output): \(CountText.of(archive.files.count, "file")). Open it with: tar xzf \(output)"
    }
  }

  /// When the last of the details of `sequences` were erased; nil where none were, or the entry that says so is damaged.
  private static func erasure(
    of sequences: Set<UInt64>, in ledger: any LedgerStore
  ) throws(StoreError) -> WallTime? {
    guard let first = sequences.min() else { return nil }
    var last: WallTime?
    try ledger.forEachEntry(kinds: [.payloadErased], from: first) { entry in
      if PayloadErased(entry)?.sequences.contains(where: sequences.contains) == true { last = entry.time }
      return true
    }
    return last
  }

  private static func archive(
    _ receipts: SessionReceipts, _ record: SessionRecord, _ register: CustomerRegister, _ proof: ChainProof?,
    erasedAt: WallTime?
  ) -> Archive {
    let date = record.closedAt ?? record.openedAt
    let folder = "fixline-session-\(record.id)/"
    let file = receipts.file
    let receipt = file.flatMap { file in if case .final(let receipt) = file.contents { receipt } else { nil } }
    let language = Language(tag: receipt?.language ?? record.request?.language ?? "")
    let files = SessionReports.files(of: record)
    let agreements = BundleAgreements(language).text(of: record, register)
    // By the clock of the plan's place, as on the receipt.
    let zone = record.plan.flatMap { try? Plan(json: $0.json) }?.timeZone ?? .utc
    let erased = BundleWords.Erased(
      date: erasedAt.map { zone.date(at: $0) }, areWords: record.question == nil,
      isReceipt: receipts.issuedSequence != nil && receipts.issued?.receipt == nil, areFiles: record.areFilesErased)
    var archive = Archive(date: date)
    archive.add(
      folder + "README.txt",
      BundleWords.readme(
        language,
        BundleWords.Contents(
          session: record.id, date: zone.date(at: date), shop: receipt?.shop.name ?? "",
          phone: receipt?.shop.phone ?? "", answer: BundleWords.Answer(record), hasAgreements: !agreements.isEmpty,
          hasReceipt: file != nil, hasFiles: !files.isEmpty, hasProof: proof != nil,
          erased: receipts.erased.isEmpty ? nil : erased)))
    archive.add(folder + "consent.txt", (record.question?.words ?? "(erased)") + "\n")
    if !agreements.isEmpty { archive.add(folder + "agreements.txt", agreements) }
    if let file {
      archive.add(folder + "receipt.txt", file.contents.shownText + "\n")
      archive.add(folder + "receipt.json", file.text)
    }
    archive.add(folder + "events.txt", SessionReports.text(record))
    archive.add(folder + "session.json", record.jsonWithEvents.prettyText + "\n")
    if !files.isEmpty { archive.add(folder + "files.txt", files) }
    if let proof {
      archive.add(folder + "chain/HOWTO.txt", ChainProof.explanation)
      archive.add(folder + "chain/check.sh", ChainProof.program, isProgram: true)
      archive.add(folder + "chain/headers.txt", proof.headers)
      archive.add(folder + "chain/payloads.txt", proof.payloads)
    }
    return archive
  }
}
