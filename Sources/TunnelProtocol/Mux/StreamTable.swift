import SessionModel

/// Everything this side knows of one stream.
struct StreamEntry: Sendable {
  let id: StreamID
  var life: StreamLife
  var window: ReceiveWindow
  var credit = SendCredit()
  var outgoing = Outgoing()
  var place = TurnOrder.Place.idle
  /// Whether it stands in the queue of streams to be given credit.
  var awaitsCreditFrame = false
  /// Sent since the owner was last told.
  var freedBytes = 0
}

/// The open streams: entries in an array, found by number through a dictionary; places are used again.
struct StreamTable: Sendable {
  private var slots: [StreamEntry] = []
  private var vacant: [Int] = []
  private var places: [StreamID: Int] = [:]

  var count: Int { places.count }

  func contains(_ stream: StreamID) -> Bool { places[stream] != nil }

  mutating func insert(_ entry: StreamEntry) {
    if let slot = vacant.popLast() {
      slots[slot] = entry
      places[entry.id] = slot
    } else {
      places[entry.id] = slots.count
      slots.append(entry)
    }
  }

  mutating func remove(_ stream: StreamID) -> StreamEntry? {
    guard let slot = places.removeValue(forKey: stream) else { return nil }
    let entry = slots[slot]
    slots[slot] = .nobody
    vacant.append(slot)
    return entry
  }

  /// Looks at a stream's entry where it lies: a copy would make the next change copy its queue.
  func read<Result>(_ stream: StreamID, _ body: (StreamEntry) -> Result) -> Result? {
    guard let slot = places[stream] else { return nil }
    return body(slots[slot])
  }

  /// Works on a stream's entry where it lies. Nil when there is no such stream.
  mutating func with<Result>(_ stream: StreamID, _ body: (inout StreamEntry) -> Result) -> Result? {
    guard let slot = places[stream] else { return nil }
    return body(&slots[slot])
  }
}

extension StreamEntry {
  /// Fills a vacant place, so that it keeps no bytes alive.
  fileprivate static let nobody = StreamEntry(
    id: .tunnel, life: .closing, window: ReceiveWindow(size: 0, now: MonotonicInstant(nanoseconds: 0)))
}
