import NIOCore

/// Something on an event loop whose changes a test can wait for.
class Watched {
  let loop: any EventLoop
  private var waiting: [(condition: () -> Bool, promise: EventLoopPromise<Void>)] = []

  init(loop: any EventLoop) { self.loop = loop }

  /// To be called behind every change.
  func changed() {
    waiting.removeAll { waiter in
      guard waiter.condition() else { return false }
      waiter.promise.succeed()
      return true
    }
  }

  func when(_ condition: @escaping () -> Bool) -> EventLoopFuture<Void> {
    let promise = loop.makePromise(of: Void.self)
    waiting.append((condition, promise))
    changed()
    return promise.futureResult
  }
}

/// A test's hold on something of an event loop.
struct Held<Value: Watched>: Sendable {
  let loop: any EventLoop
  private let bound: NIOLoopBound<Value>

  init(on loop: any EventLoop, _ make: @escaping @Sendable () throws -> Value) async throws {
    self.loop = loop
    bound = try await loop.submit { NIOLoopBound(try make(), eventLoop: loop) }.get()
  }

  /// On its event loop only.
  var value: Value { bound.value }

  func on<Answer: Sendable>(_ body: @escaping @Sendable (Value) throws -> Answer) async throws -> Answer {
    try await loop.submit { try body(bound.value) }.get()
  }

  func until(_ condition: @escaping @Sendable (Value) -> Bool) async throws {
    try await loop.flatSubmit {
      let value = bound.value
      return value.when { condition(value) }
    }.get()
  }
}
