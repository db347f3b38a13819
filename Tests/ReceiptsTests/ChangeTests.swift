import Receipts
import SessionModel
import TestSupport
import Testing

/// Whatever byte is changed, wherever, somebody sees it.
@Suite("Changed receipts")
struct ChangeTests {
  private static let changes = 2000
  private let fixture: Fixture
  private let note: Comment = "FIXLINE_SEED=\(Seed.current)"

  init() throws { fixture = try Fixture() }

  private func isFound(_ bytes: [UInt8], trusting trusted: Set<Fingerprint>?) -> Bool {
    if case .notGenuine = Fixture.check.verdict(ofFile: bytes, trusting: trusted) { true } else { false }
  }

  /// One byte of `bytes` replaced by another value.
  private func changed(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    let place = Int.random(in: 0..<bytes.count, using: &random)
    bytes[place] ^= UInt8.random(in: 1...255, using: &random)
    return bytes
  }

  @Test func `two thousand random single byte changes of a file are all found, with a trusted key and without`() throws
  {
    var random = SeededGenerator()
    let files = [try fixture.file(), try fixture.file(countersigned: false), try fixture.provisionalFile()]
    for file in files {
      let bytes = Array(file.text.utf8)
      #expect(!isFound(bytes, trusting: fixture.trusted) && !isFound(bytes, trusting: nil))
      for _ in 0..<Self.changes {
        let other = changed(bytes, using: &random)
        #expect(isFound(other, trusting: fixture.trusted) && isFound(other, trusting: nil), note)
      }
    }
  }

  /// A forger who knows the file's form: he changes what is inside and writes the rest around it anew.
  @Test func `two thousand changes of the inner text, written anew into a sound file, are all found`() throws {
    var random = SeededGenerator()
    let file = try fixture.file()
    let inner = Array(file.receiptText.utf8)
    let relay = try #require(file.relaySignature)
    var readable = 0
    for _ in 0..<Self.changes {
      let other = changed(inner, using: &random)
      let text = String(decoding: other, as: UTF8.self)
      let json: JSONValue = [
        "receipt": .string(text), "relay_key": .string(Hex.encode(fixture.receipt.relayKey)),
        "relay_signature": .string(Hex.encode(relay)), "agent_key": .string(Hex.encode(fixture.receipt.agentKey)),
        "agent_signature": .string(Hex.encode(file.agentSignature ?? [])),
      ]
      let bytes = Array((json.prettyText + "\n").utf8)
      if (try? ReceiptFile(bytes: bytes)) != nil { readable += 1 }
      #expect(isFound(bytes, trusting: fixture.trusted) && isFound(bytes, trusting: nil), note)
    }
    // Some of them are whole receipts that say something else: there the signature alone is in the way.
    #expect(readable > 100, note)
  }

  @Test func `a file cut short, lengthened, or with two bytes exchanged is found`() throws {
    var random = SeededGenerator()
    let bytes = Array(try fixture.file().text.utf8)
    for _ in 0..<300 {
      #expect(isFound(Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))), trusting: nil), note)
      var longer = bytes
      longer.insert(
        UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
      #expect(isFound(longer, trusting: nil), note)
      var swapped = bytes
      let (one, two) = (
        Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<bytes.count, using: &random)
      )
      swapped.swapAt(one, two)
      #expect(swapped == bytes || isFound(swapped, trusting: nil), note)
    }
  }

  @Test func `bytes nobody meant never trap`() {
    var random = SeededGenerator()
    let words = ["{", "}", "[", "]", "\"", ":", ",", "receipt", "relay_key", "null", "0", "\\u0000", "\\", "é", "\n"]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
      #expect(isFound(Array(text.joined().utf8), trusting: nil), note)
    }
  }
}
