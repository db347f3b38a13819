import Metering
import NIOCore
import Receipts
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// A session that is over and whose receipt is still to come.
struct OwedReceipt {
  var session: AgentSession
  var consent: ConsentBook.Entry
}

/// Receipts: what the relay hands over, and what is handed out without it.
extension AgentRun {
  /// How long the end waits for receipts to be on the disk, in milliseconds.
  static let keepingMilliseconds: Int64 = 2_000

  /// The relay sent a session's receipt.
  func received(_ id: SessionID, _ bytes: [UInt8], _ signature: [UInt8]) {
    guard let relayKey else { return }
    let judgement = receipts.judge(
      id, bytes, signature: signature, expectation: journal.book.expectation(of: id, relay: relayKey.fingerprint),
      relayKey: relayKey.fingerprint, agentKey: parts.signingKey.publicKey.rawBytes)
    switch judgement {
    case .unknown: break
    case .again(let own): if let own { tunnel?.post(.receiptCountersigned(session: id, signature: own)) }
    case .refused(let why):
      reporter.emit(.notice(wording.receiptRefused(id, why)), text: wording.receiptRefused(id, why))
    case .kept(_, let why):
      keep(id, bytes, signature, own: nil, remark: wording.notCountersigned(why))
    case .agreed:
      let text = String(decoding: bytes, as: UTF8.self)
      let own = try? parts.signingKey.sign(ReceiptStatements.countersigned(text, relaySignature: signature))
      keep(id, bytes, signature, own: own, remark: nil)
    }
  }

  private func keep(_ id: SessionID, _ bytes: [UInt8], _ signature: [UInt8], own: [UInt8]?, remark: String?) {
    guard
      let file = try? ReceiptFile(
        receiptText: String(decoding: bytes, as: UTF8.self), relaySignature: signature, agentSignature: own)
    else { return }
    receipts.took(id, bytes, countersignature: own)
    keep(file, remark: remark) { run in
      if let own { run.tunnel?.post(.receiptCountersigned(session: id, signature: own)) }
      run.settleOwed(id)
    }
  }

  /// Puts a receipt on the disk, then shows it; what of the session comes meanwhile waits in ``afterReceipt(of:_:)``.
  private func keep(_ file: ReceiptFile, remark: String?, _ done: @escaping (AgentRun) -> Void) {
    let id = file.contents.id
    keeping[id] = []
    folder.store(file, on: loop).assumeIsolated().whenComplete { [weak self] result in
      guard let self else { return }
      let stored =
        switch result {
        case .success(let stored): stored
        case .failure(let error): ReceiptFolder.Stored(path: nil, text: file.contents.shownText, problem: "\(error)")
        }
      self.show(file, stored, remark: remark)
      done(self)
      for waiting in self.keeping.removeValue(forKey: id) ?? [] { waiting(self) }
      self.finishWhenEnded()
    }
  }

  private func show(_ file: ReceiptFile, _ stored: ReceiptFolder.Stored, remark: String?) {
    let isProvisional = if case .provisional = file.contents { true } else { false }
    let remarks = [remark, stored.problem.map { wording.receiptNotStored($0) }].compactMap { $0 }
    reporter.emit(
      .receipt(
        session: file.contents.id, file: stored.path, isProvisional: isProvisional,
        isCountersigned: file.agentSignature != nil),
      text: "\n" + ([stored.text] + remarks).joined(separator: "\n"))
    for remark in remarks { reporter.script(.notice(remark)) }
  }

  /// Runs `body` now, or once the session's receipt is on the disk: nothing is settled before that.
  func afterReceipt(of id: SessionID, _ body: @escaping (AgentRun) -> Void) {
    guard keeping[id] != nil else { return body(self) }
    keeping[id]?.append(body)
  }

  /// The session is closed without a receipt: it may still come.
  func expectReceipt(of id: SessionID) {
    guard let relayKey, !receipts.has(id),
      let expectation = journal.book.expectation(of: id, relay: relayKey.fingerprint)
    else { return }
    receipts.mayFollow(id, expectation)
  }

  // MARK: - Still to come

  /// The relay cannot put the session's receipt on record yet; it is about to say that the session is over.
  func receiptFollows(_ id: SessionID) {
    guard let relayKey, journal.book.expectation(of: id, relay: relayKey.fingerprint) != nil else { return }
    receipts.follows(id)
  }

  /// Notes that the relay said a session to be over. One whose receipt is still to come stays in the journal: the next run
  /// asks for it.
  /// - Returns: whether the receipt is still to come.
  func settle(_ report: SessionReport) -> Bool {
    let id = report.session
    let isOwed = receipts.takeFollows(id) && !receipts.has(id)
    let active = report.activeMilliseconds
    // What is settled already is not written down twice.
    if journal.book.ids.contains(id) {
      journal.note(isOwed ? .owed(activeMilliseconds: active) : .closed(activeMilliseconds: active), of: id)
    }
    if isOwed, let session = sessions[id], let consent = book[id] {
      owed[id] = OwedReceipt(session: session, consent: consent)
    } else if !isOwed {
      owed[id] = nil
    }
    return isOwed
  }

  /// A receipt that was still to come is on the disk: nothing is open between the two any more.
  private func settleOwed(_ id: SessionID) {
    owed[id] = nil
    guard let active = journal.book.owedMilliseconds(of: id) else { return }
    journal.note(.closed(activeMilliseconds: active), of: id)
  }

  // MARK: - Without the relay

  /// The session is ended here, and the relay did not say what comes of it or has no receipt of it yet.
  func handOutProvisional(
    _ session: AgentSession, _ entry: ConsentBook.Entry, because why: ProvisionalText.Why
  ) {
    let id = session.id
    guard !receipts.has(id), keeping[id] == nil else { return }
    let measured = session.measure.measuredMilliseconds(at: BootClock.now())
    let statement = entry.statement
    let signed = journal.book.expectation(of: id, relay: statement.relaySigningKey)?.signedMilliseconds ?? 0
    let now = SystemClock.now()
    let technician = Wording.field(session.technician)
    let shopName = Wording.field(shop)
    let receipt = ProvisionalReceipt(
      id: id, issuedAt: now, shop: shopName, technician: technician, purpose: Wording.field(session.purpose),
      measuredMilliseconds: measured, signedMilliseconds: signed,
      consent: Receipt.Consent(wordsHash: statement.wordsHash, at: session.agreedAt),
      relayKey: statement.relaySigningKey, agentKey: parts.signingKey.publicKey.rawBytes,
      language: wording.language.tag,
      shownText: wording.provisional(
        id,
        ProvisionalText(
          moment: now, shop: shopName, technician: technician, measuredMilliseconds: measured,
          signedMilliseconds: signed, why: why, isKept: isJournalKept)))
    guard let signature = try? parts.signingKey.sign(ReceiptStatements.provisional(receipt.text)) else {
      reporter.tell("\n" + receipt.shownText)
      return
    }
    keep(ReceiptFile(receipt, agentSignature: signature), remark: nil) { _ in }
  }

  /// Tells the relay of what was handed out without it in earlier runs.
  func postProvisionals() {
    guard let tunnel, let relayKey else { return }
    for held in journal.book.held(relay: relayKey.fingerprint) where sessions[held.session] == nil {
      folder.provisional(of: held.session, on: loop).assumeIsolated().whenSuccess { file in
        guard let file, let signature = file.agentSignature else { return }
        tunnel.post(
          .receiptProvisional(session: held.session, bytes: Array(file.receiptText.utf8), signature: signature))
      }
    }
  }
}
