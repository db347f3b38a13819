import Ledger
import Logging
import Receipts
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Receipts: made when a session's closing is on record, put on record themselves, handed to the machine, countersigned.
///
/// ```
///  closing durable ──▶ written and signed ──▶ receipt-issued durable ──▶ sent ──▶ receipt-countersigned
///                                                                        ▲  │ the machine is gone
///                                                                        └──┘ it comes back and speaks of the session
/// ```
/// A receipt is sent only once it is on record, and always with the same bytes. What could not be written is made when
/// the disk is back, or when the machine next speaks of the session.
extension RelayCore {
  /// Hands a closed session's receipt over; before the machine is told of the closing, so that it still has at hand what
  /// it signed.
  /// - Returns: false when it is still to come, because the disk does not take it now.
  @discardableResult
  func handOverReceipt(of id: SessionID, to machine: Machine?) -> Bool {
    // Made and put on record also when nobody is there to take it.
    guard let issued = receipt(of: id), let text = issued.receipt else { return !journal.isFailing }
    let bytes = Array(text.utf8)
    guard let machine, let port = machine.port, machines[machine.spki]?.receiptTalk.offer(id, bytes.count) == true
    else { return true }
    port.post(.control(.receipt(session: id, bytes: bytes, signature: issued.relaySignature)))
    return true
  }

  /// The disk is back: sessions that were closed meanwhile are on record now.
  func handOverLateReceipts() {
    for id in unrecorded.keys.sorted() {
      let key = (try? SessionReceipts(id, in: services.ledger))?.record.consent?.agentKey
      let isSettled = handOverReceipt(of: id, to: machines.all.values.first { $0.publicKey.rawBytes == key })
      if isSettled { unrecorded[id] = nil }
    }
  }

  /// The receipt as it is on record, made now if it was not; nil when there is none to be had.
  private func receipt(of id: SessionID) -> ReceiptIssued? {
    do {
      guard let session = try SessionReceipts(id, in: services.ledger), session.closing != nil else { return nil }
      // On record, or its details were erased: there is never a second.
      if session.issuedSequence != nil { return session.issued }
      // What waits for the disk may be a receipt of this session already.
      return journal.isFailing ? nil : try issueReceipt(session)
    } catch {
      services.log.error("Session \(id): its receipt could not be made: \(error)")
      return nil
    }
  }

  private func issueReceipt(_ session: SessionReceipts) throws -> ReceiptIssued? {
    guard session.record.activatedAt != nil else { return nil }
    let id = session.record.id
    let writer = ReceiptWriter(
      terms: receiptTerms(of: session.record), relayKey: services.signingKey.publicKey.rawBytes)
    let now = WallClock.now()
    guard let receipt = writer.receipt(of: session, issuedAt: now) else {
      services.log.warning("Session \(id) has no receipt: its record lacks what one says.")
      return nil
    }
    let text = receipt.text
    let issued = ReceiptIssued(
      receipt: text, receiptHash: SHA256.hash(Array(text.utf8)), relayKey: receipt.relayKey,
      relaySignature: try services.signingKey.sign(ReceiptStatements.issued(text)))
    // Waits for the disk like everything else; what is not durable is not handed over.
    guard journal.append([issued.draft(session: id)], at: now) else { return nil }
    return issued
  }

  private func receiptTerms(of record: SessionRecord) -> ReceiptTerms {
    let configuration = services.configuration
    let shop = Receipt.Shop(
      name: configuration.shopName, address: configuration.shopAddress, phone: configuration.shopPhone,
      vatID: configuration.shopVATID)
    let machine = machines.all.values.first { $0.publicKey.rawBytes == record.consent?.agentKey }
    readRegister()
    return ReceiptTerms(record, shop: shop, language: machine?.language, register: register)
  }

  /// The machine signed its receipt.
  func receiptCountersigned(_ id: SessionID, by machine: Machine, signature: [UInt8]) {
    guard machines[machine.spki]?.receiptTalk.take(id) == true,
      let session = try? SessionReceipts(id, in: services.ledger), session.countersigned == nil,
      let issued = session.issued, let text = issued.receipt,
      session.record.consent?.agentKey == machine.publicKey.rawBytes
    else { return }
    let signed = ReceiptStatements.countersigned(text, relaySignature: issued.relaySignature)
    guard machine.publicKey.isValid(signature: signature, for: signed) else {
      services.log.warning("Session \(id): the receipt came back with a signature that is not the machine's.")
      return
    }
    record(
      ReceiptCountersigned(
        receiptHash: issued.receiptHash, agentKey: machine.publicKey.rawBytes, agentSignature: signature), id)
  }

  /// The machine handed out a receipt while this relay was out of reach: it goes on record, the first of a session.
  func receiptProvisional(_ id: SessionID, by machine: Machine, bytes: [UInt8], signature: [UInt8]) {
    guard machines[machine.spki]?.receiptTalk.hearProvisional() == true,
      let session = try? SessionReceipts(id, in: services.ledger), !session.hasProvisional,
      session.record.consent?.agentKey == machine.publicKey.rawBytes
    else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let receipt = try? ProvisionalReceipt(text: text), receipt.id == id,
      receipt.agentKey == machine.publicKey.rawBytes,
      machine.publicKey.isValid(signature: signature, for: ReceiptStatements.provisional(text))
    else {
      services.log.warning("Session \(id): what its machine says it handed out is no provisional receipt of its own.")
      return
    }
    record(
      ReceiptProvisional(
        receipt: text, receiptHash: SHA256.hash(Array(text.utf8)), agentKey: machine.publicKey.rawBytes,
        agentSignature: signature), id)
  }
}
