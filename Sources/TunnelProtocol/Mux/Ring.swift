/// A queue in a circle: both ends in constant time, storage kept and reused, doubled when full.
struct Ring<Element> {
  private var slots: [Element?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  var first: Element? { count == 0 ? nil : slots[head] }

  /// The element `offset` places behind the first; nil beyond the last.
  subscript(_ offset: Int) -> Element? { (0..<count).contains(offset) ? slots[index(offset)] : nil }

  mutating func append(_ element: Element) {
    if count == slots.count { grow() }
    slots[index(count)] = element
    count += 1
  }

  mutating func prepend(_ element: Element) {
    if count == slots.count { grow() }
    head = index(slots.count - 1)
    slots[head] = element
    count += 1
  }

  mutating func popFirst() -> Element? {
    if count == 0 { return nil }
    let element = slots[head].take()
    head = index(1)
    count -= 1
    return element
  }

  mutating func popLast() -> Element? {
    if count == 0 { return nil }
    count -= 1
    return slots[index(count)].take()
  }

  /// Takes out whatever `isWanted` does not want; the rest keeps its order.
  mutating func keep(where isWanted: (Element) -> Bool) {
    for _ in 0..<count {
      if let element = popFirst(), isWanted(element) { append(element) }
    }
  }

  /// The slot `offset` behind the head; the capacity is a power of two.
  private func index(_ offset: Int) -> Int { (head &+ offset) & (slots.count &- 1) }

  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(max(4, slots.count * 2))
    for offset in 0..<count { larger.append(slots[index(offset)].take()) }
    while larger.count < max(4, slots.count * 2) { larger.append(nil) }
    slots = larger
    head = 0
  }
}

extension Ring: Sendable where Element: Sendable {}
