import SessionModel
import TestSupport
import Testing

struct IdentifierTests {
  @Test func namesFollowTheRule() {
    for good in ["a", "anna", "a-1", "z" + String(repeating: "0", count: 31)] { #expect(Name(good)?.rawValue == good) }
    let bad = [
      "", "desk", "Anna", "1a", "-a", "a_b", "a.b", "ä", "a\u{301}", "a b", "a\n",
      "a" + String(repeating: "b", count: 32),
    ]
    for text in bad { #expect(Name(text) == nil) }
  }

  @Test func sessionIDsAreEightCharactersWithoutConfusableOnes() {
    var generator = SeededGenerator()
    var seen: Set<SessionID> = []
    for _ in 0..<1000 {
      let id = SessionID(using: &generator)
      #expect(SessionID(id.rawValue) == id, "seed \(Seed.current)")
      seen.insert(id)
    }
    #expect(seen.count == 1000)
    for text in ["", "abcdefg", "abcdefghj", "abcdefgi", "abcdefgl", "abcdefgo", "abcdefgu", "ABCDEFGH"] {
      #expect(SessionID(text) == nil)
    }
  }

  @Test func caseIDsAreSixCharactersOfTheSameAlphabet() {
    var generator = SeededGenerator()
    for _ in 0..<1000 {
      let id = CaseID(using: &generator)
      #expect(CaseID(id.rawValue) == id && SessionID(id.rawValue) == nil, "seed \(Seed.current)")
    }
    for text in ["", "k3x9q", "k3x9q7a", "k3x9qi", "K3X9Q7", "k3x9ä"] { #expect(CaseID(text) == nil) }
  }

  @Test func joinCodesAreReadAsPeopleWriteThem() {
    for text in ["482177305", "482 177 305", "482-177-305", " 482.177.305 "] {
      #expect(JoinCode(text)?.rawValue == "482177305")
    }
    for text in ["", "48217730", "4821773050", "48217730a", "٤٨٢١٧٧٣٠٥", "482177305\n"] {
      #expect(JoinCode(text) == nil)
    }
    #expect(JoinCode("482177305")?.spoken == "482 177 305")
    var generator = SeededGenerator()
    for _ in 0..<1000 {
      let code = JoinCode(using: &generator)
      #expect(JoinCode(code.spoken) == code && code.rawValue.first != "0", "seed \(Seed.current)")
    }
  }

  @Test func fingerprintsAndHexGoBothWays() {
    let bytes = (0..<32).map { UInt8($0 * 7) }
    let fingerprint = Fingerprint(bytes)
    #expect(fingerprint.flatMap { Fingerprint($0.description) } == fingerprint)
    #expect(fingerprint.flatMap { Fingerprint("sha256:" + $0.description.dropFirst(7).uppercased()) } == fingerprint)
    for text in ["", "sha256:", "sha256:00", "SHA256:" + String(repeating: "0", count: 64)] {
      #expect(Fingerprint(text) == nil)
    }
    #expect(Hex.decode("0") == nil && Hex.decode("0g") == nil && Hex.decode("") == [])
    #expect(Hex.encode([0, 255, 16]) == "00ff10")
  }

  @Test func suspendReasonsSortInTheOrderPeopleAreTold() {
    #expect(
      SuspendReason.allCases.reversed().sorted().map(\.rawValue) == [
        "link", "no-channel", "paused", "limit", "idle", "storage",
      ])
  }
}

struct StatementTests {
  private let session = SessionID("0123abcd")
  private let zeros = Fingerprint([UInt8](repeating: 0, count: 32))
  private let ones = Fingerprint([UInt8](repeating: 1, count: 32))

  @Test func aConsentIsSignedInTheseBytes() throws {
    let statement = ConsentStatement(
      relaySigningKey: try #require(zeros), session: try #require(session), technicianKey: try #require(ones),
      wordsHash: try #require(zeros), allowances: [.shell, .forward])
    let expected =
      Hex.encode("fixline consent 1".utf8) + "00" + String(repeating: "00", count: 32) + Hex.encode("0123abcd".utf8)
      + String(repeating: "01", count: 32) + String(repeating: "00", count: 32) + "0009"
    #expect(Hex.encode(statement.signedBytes) == expected)
  }

  @Test func aCheckpointIsSignedInTheseBytes() throws {
    let statement = CheckpointStatement(
      session: try #require(session), epoch: 0x0102_0304, sequence: 0x0506, activeMilliseconds: 720_000,
      chainHash: try #require(ones))
    let expected =
      Hex.encode("fixline checkpoint 1".utf8) + "00" + Hex.encode("0123abcd".utf8) + "01020304" + "0000000000000506"
      + "00000000000afc80" + String(repeating: "01", count: 32)
    #expect(Hex.encode(statement.signedBytes) == expected)
  }

  @Test func anAnswerIsSignedInTheseBytes() throws {
    let statement = AnswerStatement(
      relaySigningKey: try #require(ones), session: try #require(session), number: 0x0102_0304,
      wordsHash: try #require(zeros), choice: 3)
    let expected =
      Hex.encode("fixline answer 1".utf8) + "00" + String(repeating: "01", count: 32) + Hex.encode("0123abcd".utf8)
      + "01020304" + String(repeating: "00", count: 32) + "03"
    #expect(Hex.encode(statement.signedBytes) == expected)
  }
}
