import Dispatch
import Synchronization
import Testing

@testable import Agent

struct FileWorkersTests {
  private static let limit = FileWorkers.threadsPerTransfer

  @Test func `work waits for a thread when all of a transfer's are held, and is done when one is free again`() {
    let gone = DispatchSemaphore(value: 0)
    let threads = TransferThreads(limit: Self.limit) { gone.signal() }
    let begun = DispatchSemaphore(value: 0)
    let hold = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    let count = Atomic(0)
    for _ in 0..<Self.limit {
      threads.submit {
        begun.signal()
        hold.wait()
        done.signal()
      }
    }
    for _ in 0..<Self.limit { begun.wait() }
    for _ in 0..<100 {
      threads.submit {
        count.add(1, ordering: .relaxed)
        done.signal()
      }
    }
    #expect(count.load(ordering: .relaxed) == 0, "all threads are held")
    hold.signal()
    for _ in 0..<101 { done.wait() }
    #expect(count.load(ordering: .relaxed) == 100)
    threads.end { done.signal() }
    done.wait()
    for _ in 1..<Self.limit { hold.signal() }
    gone.wait()
  }

  @Test func `a transfer counts until the last thread that a disk holds is free, and nobody waits for it`() {
    let workers = FileWorkers()
    let hold = DispatchSemaphore(value: 0)
    let begun = DispatchSemaphore(value: 0)
    var all: [TransferThreads] = []
    for _ in 0..<FileWorkers.maximumTransfers {
      #expect(workers.hasRoom)
      all.append(workers.makeThreads())
    }
    #expect(!workers.hasRoom)
    all[0].submit {
      begun.signal()
      hold.wait()
    }
    begun.wait()
    all[0].end(nil)
    #expect(!workers.hasRoom, "it still holds a thread")
    // One that never started a thread is gone at once.
    all[1].end(nil)
    #expect(workers.hasRoom)
    hold.signal()
    for threads in all[2...] { threads.end(nil) }
  }
}
