import Ledger
import SessionModel
import TestSupport
import Testing

@Suite struct LedgerChainTests {
  /// A ledger of random entries, with an unknown kind among them.
  private func ledger(_ count: Int, _ random: inout SeededGenerator) throws -> MemoryLedger {
    var ledger = MemoryLedger(id: try #require(LedgerID(random.bytes(16))))
    for number in 0..<count {
      let session = number % 3 == 0 ? nil : SessionID(using: &random)
      let kind: EntryKind = number % 5 == 4 ? .unknown(700) : .note
      let payload = LedgerNote(text: "note \(random.next())", by: "relay").json
      ledger.append(EntryDraft(kind: kind, session: session, payload: payload), salt: random.bytes(16))
    }
    return ledger
  }

  @Test func aLedgerAsWrittenIsSound() throws {
    var random = SeededGenerator()
    for count in [0, 1, 2, 50] {
      let ledger = try ledger(count, &random)
      let chain = ledger.verify()
      #expect(chain.broken == nil, "seed \(random.seed)")
      #expect(chain.head == ledger.head)
    }
  }

  @Test func anyFlippedByteNamesItsEntry() throws {
    var random = SeededGenerator()
    let ledger = try ledger(6, &random)
    for index in ledger.rows.indices {
      for mutated in mutations(of: ledger.rows[index], &random) {
        var copy = ledger
        copy.rows[index] = mutated
        #expect(copy.verify().broken?.sequence == UInt64(index + 1), "seed \(random.seed) \(mutated)")
      }
    }
  }

  /// The row once for every byte in it, that byte changed by one bit.
  private func mutations(of row: StoredEntry, _ random: inout SeededGenerator) -> [StoredEntry] {
    var rows: [StoredEntry] = []
    func change(_ body: (inout StoredEntry) -> Void) {
      var copy = row
      body(&copy)
      if copy != row { rows.append(copy) }
    }
    for index in row.header.indices {
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      change { $0.header[index] ^= bit }
    }
    for index in row.hash.indices { change { $0.hash[index] ^= 1 } }
    for bit in 0..<16 { change { $0.kind ^= 1 << bit } }
    for bit in 0..<64 { change { $0.milliseconds ^= 1 << bit } }
    change { $0.session = $0.session == nil ? "00000000" : nil }
    change { $0.uniqueKey = "closed/x" }
    change { $0.payload = .missing }
    change { $0.payload = .erased(recorded: false) }
    guard case .present(let payload) = row.payload else { return rows }
    for index in payload.salt.indices {
      var salt = payload.salt
      salt[index] ^= 0x80
      change { $0.payload = .present(StoredPayload(salt: salt, text: payload.text)) }
    }
    for index in payload.text.indices {
      var text = payload.text
      text[index] ^= 4
      change { $0.payload = .present(StoredPayload(salt: payload.salt, text: text)) }
    }
    // Moved across the border: the same bytes in a row, but not the same salt.
    change {
      $0.payload = .present(
        StoredPayload(salt: payload.salt + payload.text.prefix(1), text: Array(payload.text.dropFirst())))
    }
    return rows.filter { mutated in
      if row.kind == 700, mutated.uniqueKey != row.uniqueKey { return false }
      return true
    }
  }

  @Test func aMissingEntryIsNamedWhereverItWas() throws {
    var random = SeededGenerator()
    let ledger = try ledger(5, &random)
    for index in 0..<5 {
      var copy = ledger
      copy.rows.remove(at: index)
      #expect(copy.verify().broken == BrokenEntry(sequence: UInt64(index + 1), reason: .missing))
    }
  }

  @Test func entriesThatChangedPlacesAreNamed() throws {
    var random = SeededGenerator()
    var ledger = try ledger(4, &random)
    ledger.rows.swapAt(1, 2)
    #expect(ledger.verify().broken?.sequence == 2)
  }

  @Test func anEntryOfAnotherLedgerDoesNotFit() throws {
    var random = SeededGenerator()
    var ledger = try ledger(3, &random)
    ledger.rows[0] = try self.ledger(3, &random).rows[0]
    #expect(ledger.verify().broken == BrokenEntry(sequence: 1, reason: .chainBroken))
  }

  @Test func anErasedPayloadKeepsTheChainSound() throws {
    var random = SeededGenerator()
    var ledger = try ledger(4, &random)
    ledger.rows[1].payload = .erased(recorded: true)
    let chain = ledger.verify()
    #expect(chain.broken == nil)
    #expect(chain.erasedPayloads == 1)
  }

  @Test func theHeadTellsOfATailCutOffOrAdded() throws {
    var random = SeededGenerator()
    let ledger = try ledger(4, &random)
    let further = LedgerHead(sequence: 6, hash: ledger.head.hash)
    #expect(ledger.verify(head: further).broken == BrokenEntry(sequence: 5, reason: .missing))
    let before = LedgerHead(sequence: 3, hash: ledger.entries[2].hash)
    #expect(ledger.verify(head: before).broken == BrokenEntry(sequence: 4, reason: .beyondHead))
    let other = LedgerHead(sequence: 4, hash: ledger.entries[2].hash)
    #expect(ledger.verify(head: other).broken == BrokenEntry(sequence: 4, reason: .head))
  }

  @Test func aLedgerRewrittenWholeIsCaughtByAnAnchor() throws {
    var random = SeededGenerator()
    let ledger = try ledger(5, &random)
    let anchor = LedgerAnchor(sequence: 3, hash: ledger.entries[2].hash)
    #expect(ledger.verify(anchors: [anchor]).broken == nil)

    var rewritten = MemoryLedger(id: ledger.id)
    for entry in ledger.entries {
      let payload = entry.sequence == 2 ? "{}" : (entry.details ?? .null)
      rewritten.append(
        EntryDraft(kind: entry.kind, session: entry.session, payload: payload), salt: random.bytes(16))
    }
    #expect(rewritten.verify().broken == nil)
    #expect(rewritten.verify(anchors: [anchor]).broken == BrokenEntry(sequence: 3, reason: .anchor))

    var short = ledger
    short.rows.removeLast(3)
    short.entries.removeLast(3)
    #expect(short.verify().broken == nil)
    #expect(short.verify(anchors: [anchor]).broken == BrokenEntry(sequence: 3, reason: .missing))
  }

  @Test func whatIsBrokenStaysBroken() throws {
    var random = SeededGenerator()
    let ledger = try ledger(3, &random)
    var chain = LedgerChain(id: ledger.id, digest: sha256)
    #expect(chain.step(ledger.rows[1]) == nil)
    #expect(chain.step(ledger.rows[0]) == nil)
    chain.finish(head: nil)
    #expect(chain.broken == BrokenEntry(sequence: 1, reason: .missing))
  }

  @Test func aReportSaysWhatIsWrongInOneLine() {
    let report = LedgerReport(
      entries: 11, erasedPayloads: 0, checkpoints: 0, head: LedgerHead(sequence: 11, hash: Sample.fingerprint(1)),
      broken: BrokenEntry(sequence: 12, reason: .payloadChanged))
    #expect(
      report.summary == "The ledger is broken at entry 12: the payload is not the one that was hashed. "
        + "11 entries before it are sound.")
    #expect(report.json["sound"] == false)
    let one = LedgerReport(
      entries: 1, erasedPayloads: 0, checkpoints: 1, head: LedgerHead(sequence: 1, hash: Sample.fingerprint(1)),
      broken: nil)
    #expect(one.summary.hasPrefix("The ledger is sound: 1 entry, 1 checkpoint, head "), "\(one.summary)")
    var broken = one
    broken.broken = BrokenEntry(sequence: 2, reason: .payloadChanged)
    #expect(broken.summary.hasSuffix("1 entry before it is sound."), "\(broken.summary)")
    #expect(report.json["broken_entry"] == 12)
    // What speaks against an entry that was sound by itself: it is none of those before it.
    broken.broken = BrokenEntry(sequence: 1, reason: .head)
    #expect(
      broken.summary == "The ledger is broken at entry 1: the ledger's head does not match it. "
        + "0 entries before it are sound.")
    // What is at no entry.
    broken.entries = 18
    for (reason, words) in [
      (BreakReason.headUnreadable("x"), "its head cannot be read (x)"),
      (.store("mika was never added"), "mika was never added"),
    ] {
      broken.broken = BrokenEntry(sequence: nil, reason: reason)
      #expect(broken.summary == "The ledger is broken: \(words). Its 18 entries are sound.")
    }
  }
}
