import Testing

@testable import SFTPProtocol

/// READs of one handle are answered as they were asked, in whatever order they are done.
struct AnswerOrderTests {
  @Test func `answers wait for the ones asked before them`() {
    var order = AnswerOrder<String>()
    for job in 1...4 { order.expect(UInt64(job)) }
    #expect(order.finish(3, "c") == [])
    #expect(order.finish(2, "b") == [])
    #expect(order.finish(1, "a") == ["a", "b", "c"])
    #expect(!order.isEmpty)
    #expect(order.finish(4, "d") == ["d"])
    #expect(order.isEmpty)
  }

  @Test func `every order of finishing gives the order of asking`() {
    for first in 0..<5 {
      for step in 1..<5 {
        var order = AnswerOrder<Int>()
        for job in 0..<5 { order.expect(UInt64(job)) }
        // Five is prime: each step visits all of them.
        let answered = (0..<5).flatMap { round -> [Int] in
          let job = (first + round * step) % 5
          return order.finish(UInt64(job), job)
        }
        #expect(answered == [0, 1, 2, 3, 4], "from \(first) by \(step)")
      }
    }
  }
}
