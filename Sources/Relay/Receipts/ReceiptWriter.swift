import Ledger
import Receipts
import SessionModel

/// Makes a closed session's receipt from what is on record. Pure: the same record gives the same receipt but for the time.
struct ReceiptWriter {
  /// In whose language, by which plan, for whom.
  let terms: ReceiptTerms
  /// The relay's raw signing key.
  let relayKey: [UInt8]

  /// The receipt, made to fit ``Receipts/ReceiptLimits``; nil for a session without work, consent or details, of which
  /// there is nothing to sign.
  func receipt(of session: SessionReceipts, issuedAt: WallTime) -> Receipt? {
    let record = session.record
    guard record.state == .closed, let closing = session.closing, record.activatedAt != nil,
      let consent = record.consent, consent.accepted, let consentAt = session.consentAt,
      let question = record.question, let outcome = record.outcome, let billed = record.billedSeconds,
      let amount = record.amountMinor, let currency = record.currency.flatMap({ Currency($0) })
    else { return nil }
    let work = Receipt.Work(record.intervals.map { Receipt.Work.Interval(from: $0.from, to: $0.to) })
    let receipt = Receipt(
      id: record.id, issuedAt: issuedAt, shop: terms.shop, customer: terms.customer,
      technicians: [record.technician].compactMap { $0 }, caseID: record.caseID?.rawValue,
      purpose: Self.field(record.purpose ?? ""),
      note: record.note.map { Self.field($0, limit: ReceiptLimits.noteScalars) },
      outcome: outcome, activeMilliseconds: record.activeMilliseconds, billedSeconds: billed, work: work,
      lines: record.lines.prefix(ReceiptLimits.lines).compactMap { Self.line($0) }, amountMinor: amount,
      currency: currency, prices: terms.prices,
      tax: terms.tax(of: Money(minorUnits: amount, currency: currency)).map {
        Receipt.Tax(category: $0.category, percent: "\($0.percent)", amountMinor: $0.amount.minorUnits)
      },
      consent: Receipt.Consent(wordsHash: question.wordsHash, at: consentAt),
      reworkFreeUntil: terms.freeUntil(after: session), includedLeftSeconds: terms.includedLeftSeconds,
      brokenPromises: terms.brokenPromises.prefix(ReceiptLimits.brokenPromises).map(\.part),
      chain: Receipt.Chain(sequence: Int64(clamping: closing.sequence), hash: closing.hash), relayKey: relayKey,
      agentKey: consent.agentKey, language: terms.language.tag,
      shownText: terms.text(of: session, issuedAt: issuedAt))
    return fitted(receipt)
  }

  /// What is too long is said shorter: first the stretches are summed up, then the lines' words go (their kinds stay), then
  /// the note; promises that were not kept are cut last.
  private func fitted(_ whole: Receipt) -> Receipt? {
    var receipt = whole
    // A session settled from what is left of its record may have stretches that are not all of its time.
    if receipt.flaw != nil { receipt.work = .unknown }
    let steps: [(inout Receipt) -> Void] = [
      { _ in }, { $0.work = Self.summed($0.work, naming: 20) }, { $0.work = Self.summed($0.work, naming: 0) },
      { receipt in for index in receipt.lines.indices { receipt.lines[index].description = "" } },
      { $0.note = nil },
      { receipt in
        for index in receipt.brokenPromises.indices { receipt.brokenPromises[index].shorten(to: Self.briefScalars) }
      },
    ]
    for step in steps {
      step(&receipt)
      if Self.fits(receipt) { return receipt.flaw == nil ? receipt : nil }
    }
    return nil
  }

  /// What is left of the words of a promise where there is little room, in Unicode scalars.
  private static let briefScalars = 40

  /// Whether whoever gets it can keep it, with both signatures.
  private static func fits(_ receipt: Receipt) -> Bool {
    let signature = [UInt8](repeating: 0, count: ReceiptLimits.signatureBytes)
    let file = try? ReceiptFile(receiptText: receipt.text, relaySignature: signature, agentSignature: signature)
    return file?.fits ?? false
  }

  private static func summed(_ work: Receipt.Work, naming limit: Int) -> Receipt.Work {
    let shorter = Receipt.Work(work.intervals, naming: limit)
    return Receipt.Work(
      intervals: shorter.intervals, moreCount: work.moreCount + shorter.moreCount,
      moreMilliseconds: work.moreMilliseconds + shorter.moreMilliseconds)
  }

  private static func line(_ line: LedgerLine) -> Receipt.Line? {
    Receipt.Line.Kind(rawValue: line.kind).map { kind in
      Receipt.Line(
        kind: kind, description: field(line.description), seconds: line.seconds, percent: line.percent,
        amountMinor: line.amountMinor, reason: line.reason.map { field($0) },
        technician: line.technician.map { field($0) })
    }
  }

  /// In one line, and cut to what a receipt may have.
  static func field(_ text: String, limit: Int = TextSafety.maximumFieldScalars) -> String {
    let plain = TextSafety.escaped(text.split(separator: "\n").joined(separator: " "))
    guard plain.unicodeScalars.count > limit else { return plain }
    return String(String.UnicodeScalarView(plain.unicodeScalars.prefix(limit - 1))) + "…"
  }
}
