import NIOCore
import NIOPosix
import SessionModel
import Testing

@testable import Agent

@Suite struct OutputQueueTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.any()

  @Test("it is idle once the writer asks for more and there is nothing")
  func idle() async throws {
    let queue = OutputQueue(loop: loop)
    queue.say("one")
    let idle = queue.whenIdle()
    #expect(!queue.isIdle)
    #expect(try await queue.next().get().lines == ["one"])
    #expect(!queue.isIdle)
    let next = queue.next()
    try await idle.get()
    #expect(queue.isIdle)
    try await queue.whenIdle().get()
    queue.say("two")
    #expect(!queue.isIdle)
    #expect(try await next.get().lines == ["two"])
  }

  @Test("whoever waits for it is let go at the end")
  func ending() async throws {
    let queue = OutputQueue(loop: loop)
    queue.say("one")
    let idle = queue.whenIdle()
    queue.finish(OutputQueue.Ending(code: .success, line: nil))
    #expect(try await queue.next().get().ending?.code == .success)
    try await idle.get()
  }

  @Test("a person is told once that the line is down, whatever the reasons are in another language")
  func disconnections() async throws {
    for (language, lines) in [
      (Language.english, ["Connected.", "Gone. Trying again now.", "Nobody there. Trying again in 2 seconds."]),
      (.finnish, ["Yhteys on muodostettu.", "Yhteyttä ei ole. Yritetään heti uudelleen."]),
    ] {
      let queue = OutputQueue(loop: loop)
      var reporter = Reporter(style: .text, queue: queue, wording: Wording(language), showsStatus: false)
      reporter.connected(to: "")
      reporter.disconnected("gone", retryMilliseconds: 100)
      reporter.disconnected("gone", retryMilliseconds: 1_100)
      reporter.disconnected("nobody there", retryMilliseconds: 1_100)
      #expect(try await queue.next().get().lines == lines)
    }
  }
}
