import Metering
import SessionModel
import TestSupport
import Testing

/// One session over relays that are killed and start again, each with what the disk had, in steps of ``step``. The truth is
/// what every relay's own meter had when it died.
private struct Lives {
  static let step: Int64 = 50
  /// The relay's tick, at which it states and commits, in milliseconds.
  static let tick: Int64 = 250
  static let limits = SessionLimits(idleLimitMilliseconds: 20_000)

  let roundTrip: Int64
  /// Whether the agent's newest statement is taken over when it comes back.
  let takesOver: Bool
  var now: Int64 = 0
  var machine = SessionMachine(limits: limits)
  var book: CheckpointBook
  var disk: ConfirmedCheckpoint?
  var unwritten: ConfirmedCheckpoint?
  var onTheWay: [(signed: SignedStatement, answered: Int64)] = []
  var agentsNewest: SignedStatement?
  var isLinkUp = true
  var needsTakeOver = false
  var quietUntil: Int64 = 0

  /// Active time by this relay's meter that is carried over from others.
  var carried: Int64 = 0
  /// Active time by the meters of relays that died.
  var earlier: Int64 = 0
  /// What all crashes may have cost.
  var allowance: Int64 = 0
  var made: [CheckpointStatement: Int64] = [:]
  /// When the statement on the disk was made, the longest quiet since, and the cuts since.
  var durableSince: Int64 = 0
  var quiets: [(at: Int64, milliseconds: Int64)] = []
  var cuts: [Int64] = []

  init(roundTrip: Int64, takesOver: Bool) throws {
    self.roundTrip = roundTrip
    self.takesOver = takesOver
    book = CheckpointBook(try Self.schedule(epoch: 1, at: 0), at: at(0))
    _ = try machine.handle(.channelOpened(1), at: at(0))
    _ = try machine.handle(.askConsent(), at: at(0))
    _ = try machine.handle(.accepted, at: at(0))
  }

  static func schedule(epoch: UInt32, at now: Int64) throws -> CheckpointSchedule {
    CheckpointSchedule(
      session: try session(), epoch: epoch, intervalMilliseconds: CheckpointSchedule.intervalMilliseconds - tick,
      at: at(now), digest: digest)
  }

  /// Active time so far, as one relay that never died would have it.
  var truth: Int64 { earlier + machine.activeMilliseconds - carried }

  mutating func apply(_ event: SessionEvent) {
    let actions = (try? machine.handle(event, at: at(now))) ?? []
    if actions.contains(where: { if case .suspend = $0 { true } else { false } }) {
      send(book.settle(at: at(now), machine.time, sign: { _ in [1] }))
    }
  }

  mutating func send(_ signed: SignedStatement?) {
    guard let signed else { return }
    made[signed.statement] = now
    agentsNewest = signed
    onTheWay.append((signed, now + roundTrip))
  }

  mutating func cut() {
    isLinkUp = false
    cuts.append(now)
    book.linkLost()
    apply(.linkLost(lastHeard: at(now)))
  }

  /// The link is back: by a resume, or with a new tunnel in which nothing of the old one is answered.
  mutating func restore(resumes: Bool) {
    isLinkUp = true
    if needsTakeOver { takeOver() }
    if resumes { onTheWay = onTheWay.map { ($0.signed, now + roundTrip) } } else { onTheWay = [] }
    if !resumes { book.answersLost() }
    book.linkRestored(at: at(now))
    apply(.linkRestored)
    send(book.next(at: at(now), machine.time, sign: { _ in [1] }))
  }

  private mutating func takeOver() {
    needsTakeOver = false
    guard takesOver, let newest = agentsNewest else { return }
    let statement = newest.statement
    guard (disk?.statement).map({ ($0.epoch, $0.sequence) < (statement.epoch, statement.sequence) }) ?? true else {
      return
    }
    carried += machine.carry(toMilliseconds: statement.activeMilliseconds)
    let checkpoint = ConfirmedCheckpoint(
      statement: statement, relaySignature: [1], agentSignature: [2], time: machine.time,
      confirmedAt: WallTime(milliseconds: now))
    if book.takeOver(checkpoint) { write(checkpoint) }
  }

  private mutating func write(_ checkpoint: ConfirmedCheckpoint) {
    disk = checkpoint
    durableSince = made[checkpoint.statement] ?? durableSince
    quiets.removeAll { $0.at < durableSince }
    cuts.removeAll { $0 < durableSince }
  }

  mutating func crash(at later: Int64) throws {
    let pending = machine.pendingMilliseconds(at: at(now))
    let lost = machine.activeMilliseconds + pending - (disk?.statement.activeMilliseconds ?? 0)
    let quiet = max(pending, quiets.map(\.milliseconds).max() ?? 0)
    let bound =
      CheckpointSchedule.intervalMilliseconds + roundTrip * Int64(1 + cuts.count) + Self.tick + quiet + Self.step
    #expect(lost <= bound, "\(lost) ms lost, \(bound) allowed; seed \(Seed.current)")
    earlier = truth
    allowance += lost
    now = later
    let time = disk?.time ?? .none
    machine = SessionMachine(restoring: time, origin: at(0), at: at(now), limits: Self.limits)
    carried = time.activeMilliseconds
    book = CheckpointBook(
      restoring: disk, try Self.schedule(epoch: book.epoch + 1, at: now), at: at(now))
    unwritten = nil
    onTheWay = []
    isLinkUp = false
    needsTakeOver = true
    durableSince = now
    quiets = []
    cuts = []
  }

  mutating func advance(using generator: inout SeededGenerator) {
    now += Self.step
    quiets.append((now, machine.pendingMilliseconds(at: at(now))))
    if isLinkUp {
      while let first = onTheWay.first, first.answered <= now {
        onTheWay.removeFirst()
        let statement = first.signed.statement
        let answer = book.signed(
          epoch: statement.epoch, sequence: statement.sequence, signature: [2], at: WallTime(milliseconds: now)
        ) { $0 == statement }
        if case .confirmed(let checkpoint) = answer { unwritten = checkpoint }
        send(book.next(at: at(now), machine.time, sign: { _ in [1] }))
      }
    }
    if quietUntil < now, isLinkUp, Int.random(in: 0..<3, using: &generator) == 0 { apply(.bytes) }
    guard now % Self.tick == 0 else { return }
    apply(.tick)
    send(book.next(at: at(now), machine.time, sign: { _ in [1] }))
    if let checkpoint = unwritten {
      write(checkpoint)
      unwritten = nil
    }
  }
}

struct BoundTests {
  /// Nothing is ever billed that no relay measured; each crash costs at most an interval, a round trip (and one more for
  /// each cut in that time), the commit's delay and the quiet that was pending.
  @Test(arguments: [false, true])
  func aCrashCostsLittleAndNeverTheCustomer(takesOver: Bool) throws {
    var generator = SeededGenerator()
    var crashes = 0
    for _ in 0..<80 {
      var lives = try Lives(roundTrip: .random(in: 1...600, using: &generator), takesOver: takesOver)
      var downUntil: Int64 = 0
      for _ in 0..<2000 {
        lives.advance(using: &generator)
        switch Int.random(in: 0..<6000, using: &generator) {
        case 0...15:
          crashes += 1
          try lives.crash(at: lives.now + .random(in: 0...60, using: &generator) * 1000)
          downUntil = lives.now + .random(in: 0...20_000, using: &generator)
        case 16...30 where lives.isLinkUp:
          lives.cut()
          downUntil = lives.now + .random(in: 0...20_000, using: &generator)
        case 31...50: lives.quietUntil = lives.now + .random(in: 0...40_000, using: &generator)
        case 51...55: lives.apply(.channelClosed(1))
        case 56...60: lives.apply(.paused)
        case 61...200: lives.apply(.unpaused)
        case 201...500: lives.apply(.channelOpened(1))
        case 501...900 where !lives.isLinkUp && lives.now >= downUntil:
          lives.restore(resumes: lives.needsTakeOver ? false : Bool.random(using: &generator))
        default: break
        }
        #expect(lives.book.billable(of: lives.machine.time).activeMilliseconds <= lives.truth, "seed \(Seed.current)")
      }
      try finish(&lives)
    }
    #expect(crashes > 50, "seed \(Seed.current)")
  }

  private func finish(_ lives: inout Lives) throws {
    if !lives.isLinkUp { lives.restore(resumes: false) }
    lives.onTheWay = []
    _ = try lives.machine.handle(.close(outcome: .fixed, note: "", by: .relay), at: at(lives.now))
    lives.send(lives.book.close(at: at(lives.now), lives.machine.time, sign: { _ in [1] }))
    for signed in lives.book.unanswered {
      let statement = signed.statement
      _ = lives.book.signed(
        epoch: statement.epoch, sequence: statement.sequence, signature: [2], at: WallTime(milliseconds: 0)
      ) { _ in true }
    }
    let billed = lives.book.billable(of: lives.machine.time)
    #expect(billed == lives.machine.time, "what is left at an orderly close is billed: seed \(Seed.current)")
    #expect(billed.activeMilliseconds <= lives.truth, "seed \(Seed.current)")
    #expect(lives.truth - billed.activeMilliseconds <= lives.allowance, "seed \(Seed.current)")
    let ends = zip(billed.intervals, billed.intervals.dropFirst())
    #expect(ends.allSatisfy { $0.toMilliseconds < $1.fromMilliseconds }, "seed \(Seed.current)")
    #expect((billed.intervals.last?.toMilliseconds ?? 0) <= lives.now, "seed \(Seed.current)")
  }
}
