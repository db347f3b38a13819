import SessionModel
import Testing
import TunnelProtocol

@testable import Agent

@Suite struct ConsentBookTests {
  private static func fingerprint(_ byte: UInt8) throws -> Fingerprint {
    try #require(Fingerprint([UInt8](repeating: byte, count: Fingerprint.length)))
  }

  private static func session(_ text: String) throws -> SessionID { try #require(SessionID(text)) }

  private static func entry(
    _ session: String, relay: UInt8, _ allowances: Allowances = .all
  ) throws -> ConsentBook.Entry {
    ConsentBook.Entry(
      statement: ConsentStatement(
        relaySigningKey: try fingerprint(relay), session: try self.session(session), technicianKey: try fingerprint(9),
        wordsHash: try fingerprint(8), allowances: allowances),
      technician: "matti", signature: [1, 2, 3])
  }

  @Test("nothing opens without a consent")
  func noConsent() throws {
    let book = ConsentBook()
    for kind in [StreamKind.shell, .exec(command: [65]), .sftp, .forward(host: "x", port: 1)] {
      let opening = StreamOpening(session: try Self.session("00000001"), kind: kind)
      let refusal = book.refusal(of: opening, signingKey: try Self.fingerprint(1))
      #expect(refusal == .noConsent)
      #expect(refusal?.end.code == .noConsent)
    }
  }

  @Test("a consent holds for its session and its relay only, and until it is removed")
  func scope() throws {
    var book = ConsentBook()
    #expect(book.accept(try Self.entry("00000001", relay: 1)) == true)
    let opening = StreamOpening(session: try Self.session("00000001"), kind: .shell)
    let other = StreamOpening(session: try Self.session("00000002"), kind: .shell)
    #expect(book.refusal(of: opening, signingKey: try Self.fingerprint(1)) == nil)
    #expect(book.refusal(of: opening, signingKey: try Self.fingerprint(2)) == .otherRelay)
    #expect(book.refusal(of: other, signingKey: try Self.fingerprint(1)) == .noConsent)
    book.remove(try Self.session("00000001"))
    #expect(book.refusal(of: opening, signingKey: try Self.fingerprint(1)) == .noConsent)
  }

  @Test(
    "what was not allowed is refused, kind by kind",
    arguments: [
      (StreamKind.shell, Allowances.shell), (.exec(command: [65]), .shell),
      (.sftp, Allowances([.readFiles, .writeFiles])),
      (.forward(host: "x", port: 1), .forward),
    ])
  func allowances(kind: StreamKind, needed: Allowances) throws {
    let opening = StreamOpening(session: try Self.session("00000001"), kind: kind)
    var with = ConsentBook()
    #expect(with.accept(try Self.entry("00000001", relay: 1, needed)) == true)
    #expect(with.refusal(of: opening, signingKey: try Self.fingerprint(1)) == nil)
    var without = ConsentBook()
    #expect(without.accept(try Self.entry("00000001", relay: 1, Allowances.all.subtracting(needed))) == true)
    #expect(without.refusal(of: opening, signingKey: try Self.fingerprint(1))?.end.code == .refused)
  }

  @Test("either half of file work opens a transfer", arguments: [Allowances.readFiles, .writeFiles])
  func halfOfFileWork(allowed: Allowances) throws {
    let opening = StreamOpening(session: try Self.session("00000001"), kind: .sftp)
    var book = ConsentBook()
    #expect(book.accept(try Self.entry("00000001", relay: 1, allowed)) == true)
    #expect(book.refusal(of: opening, signingKey: try Self.fingerprint(1)) == nil)
  }

  @Test("only the very statement agreed to is answered unasked; one word, key or allowance changed is a new question")
  func standing() throws {
    var book = ConsentBook()
    let entry = try Self.entry("00000001", relay: 1, .shell)
    #expect(book.standing(of: entry.statement) == .new)
    #expect(book.accept(entry) == true)
    #expect(book.standing(of: entry.statement) == .agreed(entry))
    let changes: [(inout ConsentStatement) throws -> Void] = [
      { $0.wordsHash = try Self.fingerprint(7) }, { $0.technicianKey = try Self.fingerprint(7) },
      { $0.relaySigningKey = try Self.fingerprint(7) }, { $0.allowances = [] }, { $0.allowances = .all },
    ]
    for change in changes {
      var other = entry.statement
      try change(&other)
      #expect(book.standing(of: other) == .changed)
    }
    var elsewhere = entry.statement
    elsewhere.session = try Self.session("00000002")
    #expect(book.standing(of: elsewhere) == .new)
    #expect(book.remove(entry.statement.session) == entry)
    #expect(book.standing(of: entry.statement) == .new)
  }

  @Test("under another signing key every consent of the first is void")
  func otherKey() throws {
    var book = ConsentBook()
    #expect(book.accept(try Self.entry("00000001", relay: 1)) == true)
    #expect(book.accept(try Self.entry("00000002", relay: 2)) == true)
    #expect(book.removeAll(notOf: try Self.fingerprint(2)) == [try Self.session("00000001")])
    #expect(book.sessions == [try Self.session("00000002")])
  }

  @Test("the book is bounded, and asking again for a session in it needs no room")
  func bounded() throws {
    var book = ConsentBook()
    var generator = SystemRandomNumberGenerator()
    var last: SessionID?
    while book.sessions.count < ConsentBook.maximumEntries {
      var entry = try Self.entry("00000001", relay: 1)
      entry.statement.session = SessionID(using: &generator)
      last = entry.statement.session
      #expect(book.accept(entry) == true)
    }
    #expect(book.accept(try Self.entry("zzzzzzzz", relay: 1)) == false)
    var again = try Self.entry("00000001", relay: 1)
    again.statement.session = try #require(last)
    #expect(book.accept(again) == true)
  }
}
