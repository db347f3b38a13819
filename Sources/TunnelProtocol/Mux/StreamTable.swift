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
  /// Whether an exit status or exit signal went by, in whichever direction they go.
  var hasExited = false
  /// Sent since the owner was last told.
  var freedBytes = 0
}

/// The open streams, side by side and in order of their numbers. There are few, and new ones come last: a search by halves
/// over the numbers alone costs less than hashing one.
struct StreamTable: Sendable {
  private var numbers: [UInt32] = []
  private var entries: [StreamEntry] = []

  var count: Int { numbers.count }

  func contains(_ stream: StreamID) -> Bool { place(of: stream) != nil }

  mutating func insert(_ entry: StreamEntry) {
    let place = firstPlace(from: entry.id.rawValue)
    numbers.insert(entry.id.rawValue, at: place)
    entries.insert(entry, at: place)
  }

  mutating func remove(_ stream: StreamID) -> StreamEntry? {
    guard let place = place(of: stream) else { return nil }
    numbers.remove(at: place)
    return entries.remove(at: place)
  }

  /// Looks at a stream's entry where it lies: a copy would make the next change copy its queue.
  func read<Result>(_ stream: StreamID, _ body: (StreamEntry) -> Result) -> Result? {
    guard let place = place(of: stream) else { return nil }
    return body(entries[place])
  }

  /// Works on a stream's entry where it lies. Nil when there is no such stream.
  @discardableResult
  mutating func with<Result>(_ stream: StreamID, _ body: (inout StreamEntry) -> Result) -> Result? {
    guard let place = place(of: stream) else { return nil }
    return body(&entries[place])
  }

  private func place(of stream: StreamID) -> Int? {
    let place = firstPlace(from: stream.rawValue)
    return place < numbers.count && numbers[place] == stream.rawValue ? place : nil
  }

  /// The place of the first number that is not less than `number`.
  private func firstPlace(from number: UInt32) -> Int {
    var low = 0
    var high = numbers.count
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
