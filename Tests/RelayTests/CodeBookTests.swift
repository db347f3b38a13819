import SessionModel
import Testing

@testable import Relay

@Suite("Join codes")
struct CodeBookTests {
  private let anna = Fingerprint([UInt8](repeating: 1, count: 32))
  private let boris = Fingerprint([UInt8](repeating: 2, count: 32))
  private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

  private func book() throws -> (CodeBook<String>, JoinCode, Fingerprint, Fingerprint) {
    var book = CodeBook<String>(lifetimeSeconds: 900)
    var random = SystemRandomNumberGenerator()
    let issued = try #require(book.issue(for: "till", at: start, using: &random))
    return (book, issued.code, try #require(anna), try #require(boris))
  }

  @Test("the first claim binds the code to its key; the same key may come again")
  func binding() throws {
    var (book, code, anna, boris) = try book()
    #expect(book.claim(code, key: anna, address: "a", at: start) == .granted("till"))
    #expect(book.claim(code, key: boris, address: "b", at: start) == .unknown)
    #expect(book.claim(code, key: anna, address: "c", at: start) == .granted("till"))
  }

  @Test("who had claimed a code that is gone is told so, and has guessed nothing; to others it is unknown")
  func spent() throws {
    var (book, code, anna, boris) = try book()
    #expect(book.claim(code, key: anna, address: "a", at: start) == .granted("till"))
    book.release(code, used: true)
    for _ in 0..<CodeBook<String>.wrongInAll + 1 {
      #expect(book.claim(code, key: anna, address: "a", at: start) == .spent)
    }
    #expect(book.claim(code, key: boris, address: "a", at: start) == .unknown)
    var random = SystemRandomNumberGenerator()
    let next = try #require(book.issue(for: "till", at: start, using: &random))
    #expect(book.claim(next.code, key: anna, address: "a", at: start) == .granted("till"))
    book.withdraw("till")
    #expect(book.claim(next.code, key: anna, address: "a", at: start) == .spent)
    // One that nobody had claimed was nobody's.
    let unused = try #require(book.issue(for: "desk", at: start, using: &random))
    book.withdraw("desk")
    #expect(book.claim(unused.code, key: anna, address: "a", at: start) == .unknown)
  }

  @Test("of codes that are gone so many are remembered, the newest")
  func spentLimit() throws {
    var (book, code, anna, _) = try book()
    #expect(book.claim(code, key: anna, address: "a", at: start) == .granted("till"))
    book.release(code, used: true)
    var random = SystemRandomNumberGenerator()
    var last = code
    for _ in 0..<CodeBook<String>.maximumSpent {
      last = try #require(book.issue(for: "till", at: start, using: &random)).code
      _ = book.claim(last, key: anna, address: "a", at: start)
      book.release(last, used: true)
    }
    #expect(book.claim(last, key: anna, address: "a", at: start) == .spent)
    #expect(book.claim(code, key: anna, address: "a", at: start) == .unknown)
  }

  @Test("unknown, malformed, expired and another's code get one answer")
  func oneAnswer() throws {
    var (book, code, anna, boris) = try book()
    #expect(book.claim(JoinCode("111111111"), key: anna, address: "a", at: start) == .unknown)
    #expect(book.claim(nil, key: anna, address: "a", at: start) == .unknown)
    let late = start.advanced(byMilliseconds: 900_000)
    var expired = book
    #expect(expired.claim(code, key: anna, address: "a", at: late) == .unknown)
    #expect(book.claim(code, key: anna, address: "a", at: start) == .granted("till"))
    #expect(book.claim(code, key: boris, address: "a", at: start) == .unknown)
    book.release(code, used: true)
    #expect(book.claim(code, key: boris, address: "a", at: start) == .unknown)
  }

  @Test("a code in use does not expire; one given back does")
  func expiry() throws {
    var (book, code, anna, _) = try book()
    #expect(book.claim(code, key: anna, address: "a", at: start) == .granted("till"))
    let late = start.advanced(byMilliseconds: 901_000)
    #expect(book.expire(at: late).isEmpty)
    book.release(code, used: false)
    #expect(book.expire(at: late) == ["till"])
    #expect(book.count == 0)
  }

  @Test("wrong codes are limited per technician, and the right one then gets the same answer")
  func limitPerTechnician() throws {
    var (book, code, anna, boris) = try book()
    for number in 0..<CodeBook<String>.wrongPerTechnician {
      #expect(book.claim(nil, key: anna, address: "host\(number)", at: start) == .unknown)
    }
    #expect(book.claim(code, key: anna, address: "other", at: start) == .tooMany)
    #expect(book.claim(code, key: boris, address: "b", at: start) == .granted("till"))
    let later = start.advanced(byMilliseconds: CodeBook<String>.windowMilliseconds + 1)
    book.release(code, used: false)
    #expect(book.claim(nil, key: anna, address: "other", at: later) == .unknown)
  }

  @Test("wrong codes are limited per address and in all")
  func otherLimits() throws {
    var (book, code, _, _) = try book()
    func key(_ number: Int) throws -> Fingerprint {
      try #require(Fingerprint([UInt8](repeating: UInt8(number % 250), count: 31) + [UInt8(number / 250)]))
    }
    for number in 0..<CodeBook<String>.wrongPerAddress {
      #expect(book.claim(nil, key: try key(number), address: "one", at: start) == .unknown)
    }
    #expect(book.claim(nil, key: try key(249), address: "one", at: start) == .tooMany)
    for number in CodeBook<String>.wrongPerAddress..<CodeBook<String>.wrongInAll {
      #expect(book.claim(nil, key: try key(number), address: "host\(number)", at: start) == .unknown)
    }
    #expect(book.claim(code, key: try key(700), address: "fresh", at: start) == .tooMany)
  }

  @Test("whoever is at work is not locked out by a colleague's typing errors")
  func atWork() throws {
    var (book, code, anna, boris) = try book()
    #expect(book.claim(code, key: anna, address: "office", at: start) == .granted("till"))
    for _ in 0..<CodeBook<String>.wrongPerTechnician { _ = book.claim(nil, key: boris, address: "office", at: start) }
    for _ in 0..<CodeBook<String>.wrongPerTechnician { _ = book.claim(nil, key: anna, address: "office", at: start) }
    #expect(book.claim(code, key: boris, address: "office", at: start) == .tooMany)
    #expect(book.claim(code, key: anna, address: "office", at: start) == .granted("till"))
  }

  @Test("an expired code opens nothing, and its machine is told whoever asked in between")
  func expiryIsNeverSwallowed() throws {
    var (book, code, anna, _) = try book()
    var random = SystemRandomNumberGenerator()
    let late = start.advanced(byMilliseconds: 900_000)
    #expect(book.claim(code, key: anna, address: "a", at: late) == .unknown)
    _ = book.issue(for: "other", at: late, using: &random)
    #expect(book.expire(at: late) == ["till"])
  }

  @Test("a machine's codes can be taken back")
  func withdrawal() throws {
    var (book, code, anna, _) = try book()
    book.withdraw("till")
    #expect(book.claim(code, key: anna, address: "a", at: start) == .unknown)
    #expect(book.nextExpiry == nil)
  }

  @Test("a code restored after a restart opens its machine to the key it was bound to, and to nobody else")
  func restoring() throws {
    var (book, code, anna, boris) = try book()
    let other = try #require(JoinCode("123456789"))
    #expect(book.restore(other, of: "desk", boundTo: anna, at: start) == true)
    #expect(book.restore(other, of: "desk", boundTo: anna, at: start) == true)
    #expect(book.restore(other, of: "desk", boundTo: boris, at: start) == false)
    #expect(book.restore(other, of: "till", boundTo: anna, at: start) == false)
    #expect(book.restore(code, of: "till", boundTo: anna, at: start) == false)
    #expect(book.claim(other, key: boris, address: "b", at: start) == .unknown)
    // It is at work: it does not expire, and no typing errors lock its holder out.
    let late = start.advanced(byMilliseconds: 90_000_000)
    for _ in 0..<30 { _ = book.claim(nil, key: anna, address: "a", at: late) }
    _ = book.expire(at: late)
    #expect(book.claim(other, key: anna, address: "a", at: late) == .granted("desk"))
    book.release(other, used: true)
    #expect(book.claim(other, key: anna, address: "c", at: late.advanced(byMilliseconds: 900_000)) == .spent)
  }
}
