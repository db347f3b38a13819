import SessionModel

/// The one virtual clock of a world and what is to happen on it, in order of time; what is due at one instant happens in the
/// order in which it was planned. Nothing sleeps: time is where the next event is.
final class Timeline {
  /// Something planned. Cancelling it is all that can be done with it.
  final class Plan {
    fileprivate let nanoseconds: Int64
    fileprivate let order: UInt64
    fileprivate var body: (() -> Void)?

    fileprivate init(nanoseconds: Int64, order: UInt64, body: @escaping () -> Void) {
      self.nanoseconds = nanoseconds
      self.order = order
      self.body = body
    }

    func cancel() { body = nil }

    fileprivate func isBefore(_ other: Plan) -> Bool {
      nanoseconds != other.nanoseconds ? nanoseconds < other.nanoseconds : order < other.order
    }
  }

  /// Nanoseconds since the world began.
  private(set) var now: Int64 = 0
  private var heap: [Plan] = []
  private var planned: UInt64 = 0

  /// Plans `body` for `nanoseconds` after the world's beginning, or for now when that has passed.
  @discardableResult
  func at(_ nanoseconds: Int64, _ body: @escaping () -> Void) -> Plan {
    planned += 1
    let plan = Plan(nanoseconds: max(nanoseconds, now), order: planned, body: body)
    heap.append(plan)
    siftUp(heap.count - 1)
    return plan
  }

  /// Plans `body` for `milliseconds` from now.
  @discardableResult
  func after(milliseconds: Int64, _ body: @escaping () -> Void) -> Plan { at(now + milliseconds * 1_000_000, body) }

  /// Lets the next thing happen, unless it lies behind `end`. False when nothing was left before it.
  func step(until end: Int64) -> Bool {
    while let first = heap.first, first.nanoseconds <= end {
      removeFirst()
      guard let body = first.body else { continue }
      first.body = nil
      now = first.nanoseconds
      body()
      return true
    }
    now = max(now, end)
    return false
  }

  // MARK: The heap

  private func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

/// A computer of the world: its own reading of the clocks, and whether it is asleep.
final class Host {
  let name: String
  let timeline: Timeline
  /// How much its steady clock runs fast, in millionths.
  let driftPartsPerMillion: Int64
  /// What its steady clock read when the world began, in nanoseconds. Another one after each boot.
  private(set) var origin: Int64
  /// The same while the computer runs on; what tells boots apart.
  private(set) var boot: UInt64 = 1
  /// What its calendar says, in milliseconds since 1970, when the world began. Jumps.
  var wallOrigin: Int64 = 1_800_000_000_000
  /// Asleep until then, in nanoseconds of the world.
  private var asleepUntil: Int64 = 0
  /// What came while it was asleep.
  private var deferred: [() -> Void] = []

  init(name: String, timeline: Timeline, driftPartsPerMillion: Int64, origin: Int64) {
    self.name = name
    self.timeline = timeline
    self.driftPartsPerMillion = driftPartsPerMillion
    self.origin = origin
  }

  /// The steady clock, which counts through sleep.
  var now: MonotonicInstant { instant(at: timeline.now) }

  /// The calendar.
  var wall: WallTime { WallTime(milliseconds: wallOrigin + timeline.now / 1_000_000) }

  /// The steady clock's reading at an instant of the world.
  func instant(at world: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: origin + world + world / 1_000_000 * driftPartsPerMillion)
  }

  /// Plans `body` for when the steady clock reads `deadline`, a few microseconds late at most; later when asleep.
  @discardableResult
  func at(_ deadline: MonotonicInstant, _ body: @escaping () -> Void) -> Timeline.Plan {
    let span = deadline.nanoseconds - origin
    let world = span - span / 1_000_000 * driftPartsPerMillion
    return timeline.at(world + 50_000, awake(body))
  }

  @discardableResult
  func after(milliseconds: Int64, _ body: @escaping () -> Void) -> Timeline.Plan {
    timeline.at(timeline.now + milliseconds * 1_000_000, awake(body))
  }

  /// Something that is done when it is called, or, in its order, after waking up.
  func awake(_ body: @escaping () -> Void) -> () -> Void {
    { [self] in
      if timeline.now >= asleepUntil, deferred.isEmpty { body() } else { deferred.append(body) }
    }
  }

  var isAsleep: Bool { timeline.now < asleepUntil }

  func sleep(milliseconds: Int64, thenFirst woken: @escaping () -> Void = {}) {
    asleepUntil = max(asleepUntil, timeline.now + milliseconds * 1_000_000)
    timeline.at(asleepUntil) { [self] in wake(woken) }
  }

  private func wake(_ woken: () -> Void) {
    guard timeline.now >= asleepUntil else { return }
    woken()
    let bodies = deferred
    deferred = []
    for body in bodies { body() }
  }

  /// Starts anew: the steady clock begins somewhere else.
  func reboot(origin: Int64) {
    boot += 1
    self.origin = origin - timeline.now
  }
}
