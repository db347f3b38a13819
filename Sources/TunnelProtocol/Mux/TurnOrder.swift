/// Whose turn it is to send a frame.
///
/// ```
///            has something to send                    its turn
///   idle ──────────────────────────▶ fresh ────────────────────────┐
///    ▲                                                             ▼
///    │ its turn, and nothing can be sent                         ready ──┐ its turn: one frame,
///    ├──────────────────────────────────────────────────────────── ▲ ◀──┘ then to the back
///    │                                                  acknowledged │
///    └── (the stream is gone)                         waiting ──────┘  DATA while the retained buffer is full
/// ```
///
/// A stream that was idle goes before those that have a backlog, for one frame; then it queues with them. So somebody who
/// types never waits behind a download, and nobody starves: who comes back from idle has been through the queue.
struct TurnOrder: Sendable {
  enum Place: Hashable, Sendable {
    case idle
    case fresh
    case ready
    case waiting
  }

  private var fresh = Ring<StreamID>()
  private var ready = Ring<StreamID>()
  private var waiting = Ring<StreamID>()

  /// How many numbers stand in the queues, those of streams that are over included.
  var count: Int { fresh.count + ready.count + waiting.count }

  /// Who is next. The caller puts the stream somewhere again.
  mutating func next() -> StreamID? { fresh.popFirst() ?? ready.popFirst() }

  /// Puts a stream that is in no queue into one.
  mutating func place(_ stream: StreamID, _ place: Place) {
    switch place {
    case .idle: break
    case .fresh: fresh.append(stream)
    case .ready: ready.append(stream)
    case .waiting: waiting.append(stream)
    }
  }

  /// Takes out whoever `isWanted` does not want.
  mutating func keep(where isWanted: (StreamID) -> Bool) {
    fresh.keep(where: isWanted)
    ready.keep(where: isWanted)
    waiting.keep(where: isWanted)
  }

  /// Takes one of those who wait for room among the retained frames.
  mutating func nextWaiting() -> StreamID? { waiting.popFirst() }
}
