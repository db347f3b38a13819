import Mailbox
import Synchronization
import Testing

private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

@Suite struct MailboxTests {
  @Test func `only the post into an empty mailbox asks for a wake-up`() {
    let mailbox = Mailbox<Int>()
    var taken: [Int] = []
    #expect(mailbox.post(1))
    #expect(!mailbox.post(2))
    #expect(!mailbox.post(3))
    mailbox.drain(into: &taken)
    #expect(taken == [1, 2, 3])
    #expect(mailbox.post(4))
    mailbox.drain(into: &taken)
    #expect(taken == [4])
  }

  @Test func `draining an empty mailbox gives nothing and the next post wakes`() {
    let mailbox = Mailbox<Int>()
    var taken = [7, 8]
    mailbox.drain(into: &taken)
    #expect(taken.isEmpty)
    #expect(mailbox.post(1))
  }

  @Test func `what was drained is released, not kept by the mailbox`() {
    final class Token: Sendable {}
    let mailbox = Mailbox<Token>()
    weak var watched: Token?
    var taken: [Token] = []
    do {
      let token = Token()
      watched = token
      _ = mailbox.post(token)
    }
    mailbox.drain(into: &taken)
    #expect(watched != nil)
    mailbox.drain(into: &taken)
    #expect(watched == nil)
  }

  /// Sixteen posters, one owner who sleeps until a poster says so: if one wake-up were missing, it would sleep for ever.
  @Test(.timeLimit(.minutes(1))) func `many posters lose nothing, keep their own order and wake exactly when needed`()
    async
  {
    struct Parcel {
      var poster: Int
      var number: Int
    }
    let posters = 16
    let each = 20_000
    let mailbox = Mailbox<Parcel>()
    let rings = Counter()
    let (bell, ringer) = AsyncStream.makeStream(of: Void.self)
    await withTaskGroup(of: Void.self) { group in
      for poster in 0..<posters {
        group.addTask {
          for number in 0..<each where mailbox.post(Parcel(poster: poster, number: number)) {
            rings.add()
            ringer.yield()
          }
        }
      }
      var next = Array(repeating: 0, count: posters)
      var total = 0
      var drains = 0
      var taken: [Parcel] = []
      for await _ in bell {
        mailbox.drain(into: &taken)
        // Each ring stands for one change from empty, so each finds something.
        #expect(!taken.isEmpty)
        drains += 1
        for parcel in taken {
          if parcel.number != next[parcel.poster] { Issue.record("poster \(parcel.poster) out of order") }
          next[parcel.poster] = parcel.number + 1
        }
        total += taken.count
        if total == posters * each { break }
      }
      #expect(next == Array(repeating: each, count: posters))
      await group.waitForAll()
      #expect(drains == rings.value)
    }
    var rest: [Parcel] = []
    mailbox.drain(into: &rest)
    #expect(rest.isEmpty)
  }
}
