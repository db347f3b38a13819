import SessionModel
import Signing
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

@Suite("The journal as text")
struct JournalTextTests {
  private let key: Ed25519PrivateKey
  private let session: SessionID
  private let records: [JournalRecord]
  private let bytes: [UInt8]

  init() throws {
    key = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: 7, count: 32))
    session = try JournalSamples.session(1)
    records = JournalSamples.everyKind(session)
    bytes = try JournalSamples.text(records, key)
  }

  private func reading(_ bytes: [UInt8]) -> JournalReading { JournalReading(bytes, key: key.publicKey) }

  @Test("every kind reads back as it was written")
  func roundTrip() {
    for record in records { #expect(JournalRecord(text: record.text) == record, "\(record.text)") }
    #expect(reading(bytes).records == records)
    #expect(reading(bytes).damage == nil)
  }

  @Test("a line is what a person can read")
  func golden() throws {
    let record = JournalSamples.record(
      session, .refused(epoch: 1, sequence: 2, relayMilliseconds: 3_600_000, measuredMilliseconds: 9_000))
    #expect(
      record.text
        == "2025-11-21T20:28:50.120Z 7k2m9001 refused epoch=1 sequence=2 relay_ms=3600000 measured_ms=9000")
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == records.count + 1)
    #expect(lines[0].hasPrefix("fixline-agent journal 1 \(key.publicKey.fingerprint) "))
    let halves = lines[0].split(separator: "\t")
    let mark = try key.sign(Array("fixline journal 1".utf8) + [0] + Array(halves[0].utf8))
    #expect(halves[1] == Hex.encode(mark))
    #expect(try JournalSamples.text(records, key) != bytes, "every journal begins differently")
  }

  @Test(
    "a line that is not exactly one of ours does not read",
    arguments: [
      "", " ", "2025-11-21T20:28:50Z", "2025-11-21T20:28:50Z 7k2m9001", "2025-11-21T20:28:50Z 7k2m9001 later x=1",
      "2025-11-21T20:28:50Z 7K2M9001 damaged", "2025-11-21T20:28:50Z 7k2m9001 damaged ",
      "2025-11-21T20:28:50Z 7k2m9001  damaged", "2025-11-21 7k2m9001 damaged",
      "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=-1", "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=+1",
      "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=01", "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=",
      "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=9223372036854775808",
      "2025-11-21T20:28:50Z 7k2m9001 cut measured=1", "2025-11-21T20:28:50Z 7k2m9001 cut measured_ms=1 x",
      "2025-11-21T20:28:50Z 7k2m9001 refused epoch=4294967296 sequence=1 relay_ms=1 measured_ms=1",
      "2025-11-21T20:28:50Z 7k2m9001 signed epoch=1 sequence=1 active_ms=1 chain=sha256:00",
    ])
  func unfit(line: String) {
    #expect(JournalRecord(text: line) == nil)
  }

  @Test("no byte of a journal can be changed, added or taken out without its being noticed")
  func everyByte() throws {
    let bytes = try JournalSamples.text([records[1], records[3]], key)
    // All but the last line end: without it the last line counts as never written.
    for index in bytes.indices.dropLast() {
      let old = bytes[index]
      var edits = [bytes, bytes]
      edits[0].remove(at: index)
      edits[1].insert(old, at: index)
      // What an editor makes of it: another letter, the other case, a blank, a line end or tab, nothing that is text.
      for new in [old ^ 1, old ^ 0x20, 0x20, index % 2 == 0 ? 0x0A : 0x09, 0xFF] where new != old {
        edits.append(bytes)
        edits[edits.count - 1][index] = new
      }
      guard let missed = edits.firstIndex(where: { reading($0).damage == nil }) else { continue }
      Issue.record("byte \(index), 0x\(Hex.encode([old])), edit \(missed)")
      return
    }
  }

  @Test("lines cannot be taken out, doubled, exchanged, or taken from another journal")
  func lines() throws {
    let lines = bytes.split(separator: 0x0A).map { Array($0) + [0x0A] }
    let stranger = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: 8, count: 32))
    let other = try JournalSamples.text([JournalSamples.record(session, .damaged)], key)
      .split(separator: 0x0A).map { Array($0) + [0x0A] }
    for index in 1..<lines.count {
      var edited = lines
      if index < lines.count - 1 {
        edited.remove(at: index)
        #expect(reading(edited.flatMap(\.self)).damage == "is altered in line \(index + 1)")
      }
      edited = lines
      edited.insert(lines[index], at: index)
      #expect(reading(edited.flatMap(\.self)).damage == "is altered in line \(index + 2)")
      edited = lines
      edited.swapAt(index, max(1, index - 1))
      #expect(reading(edited.flatMap(\.self)).damage == (index > 1 ? "is altered in line \(index)" : nil))
      edited = lines
      edited[index] = other[1]
      #expect(reading(edited.flatMap(\.self)).damage == "is altered in line \(index + 1)")
    }
    // Marked anew with another key: whole, and not ours.
    let foreign = reading(try JournalSamples.text(records, stranger))
    #expect(foreign.records.isEmpty)
    #expect(foreign.damage == "is altered in line 1, or was written by another agent")
    // One bit of it is not told from another agent's.
    var flipped = bytes
    flipped[60] ^= 1
    #expect(reading(flipped).damage == foreign.damage)
    // Marked with our key under another beginning.
    let header = Array("fixline-agent journal 2 \(key.publicKey.fingerprint) 00".utf8)
    let mark = try key.sign(JournalText.markedBytes(header, behind: []))
    let later = reading(header + Array("\t\(Hex.encode(mark))\n".utf8))
    #expect(later.damage == "was written by a later version of this program" && later.records.isEmpty)
    // Marked by another key under our header.
    var forged = JournalText(key: stranger)
    var text = lines[0]
    _ = try forged.begin([])
    text += try forged.next(records[0])
    #expect(reading(text).damage == "is altered in line 2")
  }

  @Test("cut off anywhere: whole lines before it stand, a torn one is left out")
  func truncated() {
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }
    for length in bytes.indices {
      let reading = reading(Array(bytes.prefix(length)))
      let whole = ends.count { $0 < length }
      if whole == 0 {
        #expect(reading.damage == "has no beginning" && reading.records.isEmpty)
      } else if reading.damage != nil || reading.records != Array(records.prefix(whole - 1)) {
        Issue.record("cut to \(length) bytes")
        return
      }
    }
  }

  @Test("a torn end may be anything: a part of a line, zeroes, noise")
  func torn() {
    for end: [UInt8] in [Array("2025-11".utf8), [UInt8](repeating: 0, count: 4096), [0xFF, 0xFE], [0x09]] {
      let reading = reading(bytes + end)
      #expect(reading.damage == nil && reading.records == records)
    }
  }

  @Test("what reads behind an altered line is known, though nothing vouches for it")
  func salvage() throws {
    let text = String(decoding: bytes, as: UTF8.self)
    let edited = text.replacing("active_ms=5000 ", with: "active_ms=4000 ", maxReplacements: 1)
    let found = reading(Array(edited.utf8))
    #expect(found.damage == "is altered in line 3")
    #expect(found.records.count == records.count)
    #expect(found.records.filter { records.contains($0) }.count == records.count - 1)
  }

  @Test("a kind from a later version is passed over when its mark is genuine")
  func laterKind() throws {
    var text = JournalText(key: key)
    var bytes = try text.begin([records[0]])
    let line = "2025-11-21T20:28:50Z 7k2m9001 receipt number=1"
    let mark = try #require(bytes.split(separator: 0x0A).last?.split(separator: 0x09).last)
    let last = try #require(Hex.decode(String(decoding: mark, as: UTF8.self)))
    let signature = try key.sign(JournalText.markedBytes(Array(line.utf8), behind: last))
    bytes += Array("\(line)\t\(Hex.encode(signature))\n".utf8)
    #expect(reading(bytes).damage == nil)
    #expect(reading(bytes).records == [records[0]])
  }

  @Test("noise is no journal, and reading it ends", arguments: 0..<20)
  func noise(round: Int) {
    var generator = SeededGenerator(seed: Seed.current &+ UInt64(round))
    var noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    #expect(reading(noise).damage != nil, "seed \(Seed.current)")
    #expect(reading(noise).records.isEmpty)
    // Behind a genuine beginning.
    noise = bytes + noise + [0x0A]
    let found = reading(noise)
    #expect(found.damage != nil && found.records == records, "seed \(Seed.current)")
  }
}
