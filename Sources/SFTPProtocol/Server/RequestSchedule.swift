/// The order in which one stream's work is done. The rule: what only looks is done side by side; what changes something is
/// done alone, after everything before it and before everything behind it. So every result is what it would be if the
/// work were done one after the other, in the order it came.
///
/// ```
///             start(sharable)                 start(sharable)
///   resting ──────────────────▶ sideBySide(1) ◀──────────────▶ sideBySide(n)
///      │  ▲                          │           finish
///      │  └──────────────────────────┘ the last finishes
///      │  ▲
///      ▼  │ finish
///     alone
/// ```
public struct RequestSchedule<Element> {
  private enum State {
    case resting
    case sideBySide(Int)
    case alone
  }

  private var state = State.resting
  private var waiting: [(element: Element?, isSharable: Bool)] = []
  /// Those before it have started, and are not kept alive.
  private var first = 0

  /// Nothing to do.
  public init() {}

  /// How many wait to be started.
  public var waitingCount: Int { waiting.count - first }

  /// Behind everything that waits.
  public mutating func add(_ element: Element, isSharable: Bool) { waiting.append((element, isSharable)) }

  /// Whether ``start()`` gives something.
  public var canStart: Bool {
    guard first < waiting.count else { return false }
    return switch state {
    case .resting: true
    case .sideBySide: waiting[first].isSharable
    case .alone: false
    }
  }

  /// What may be started now, once for each; nil when nothing may.
  public mutating func start() -> Element? {
    guard canStart else { return nil }
    let (element, isSharable) = waiting[first]
    waiting[first].element = nil
    first += 1
    if first == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 64 {
      waiting.removeFirst(first)
      first = 0
    }
    switch state {
    case .resting: state = isSharable ? .sideBySide(1) : .alone
    case .sideBySide(let count): state = .sideBySide(count + 1)
    case .alone: break
    }
    return element
  }

  /// One that was started is done.
  public mutating func finish() {
    switch state {
    case .resting: break
    case .alone: state = .resting
    case .sideBySide(let count): state = count > 1 ? .sideBySide(count - 1) : .resting
    }
  }

  /// Takes out everything that was not started.
  public mutating func removeWaiting() -> [Element] {
    let rest = waiting[first...].compactMap(\.element)
    waiting.removeAll()
    first = 0
    return rest
  }
}
