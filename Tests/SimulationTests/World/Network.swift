import NIOCore
import SessionModel

/// The two ends of a connection.
enum Side: Int {
  case agent
  case relay

  var other: Side { self == .agent ? .relay : .agent }
}

/// Who is told what happens to one end of a connection.
protocol ConnectionOwner: AnyObject {
  func connectionOpened(_ connection: Connection)
  func connection(_ connection: Connection, received bytes: ByteBuffer)
  func connectionTakesMore(_ connection: Connection)
  func connectionClosed(_ connection: Connection)
}

/// What a line is like.
struct Line {
  var latencyNanoseconds: Int64
  var jitterNanoseconds: Int64
  var bytesPerSecond: Int64
  /// What two sockets hold ahead of the line, in bytes.
  var bufferBytes = 96 * 1024
  /// Longest piece that arrives at once, in bytes.
  var pieceBytes: Int
}

/// One TLS connection between an agent and the relay: bytes arrive in order or not at all, in pieces of any length.
///
/// ```
///  dialling ──latency──▶ open ──close──▶ closing (what is under way arrives, then the end) ──▶ over
///                          ├──severed: what is under way is gone; an end notices, later, or never
///                          └──half open: swallowed for ever, nobody notices
/// ```
final class Connection {
  private struct Direction {
    var free: Int64 = 0
    var lastArrival: Int64 = 0
    var underWay = 0
    var sent = 0
    /// Bytes after which the connection breaks.
    var cutAfter: Int?
    /// Nothing arrives before.
    var stalledUntil: Int64 = 0
    var isClosed = false
    /// What is sent from now on never arrives.
    var isBroken = false
  }

  let number: Int
  /// The key that the agent's end proved to have.
  let agentKey: Fingerprint
  let line: Line
  private let network: Network
  private var directions = [Direction(), Direction()]
  private weak var agent: (any ConnectionOwner)?
  private weak var relay: (any ConnectionOwner)?
  private var hasEnded = [false, false]
  private var isSevered = false

  fileprivate init(number: Int, agentKey: Fingerprint, line: Line, network: Network, agent: any ConnectionOwner) {
    self.number = number
    self.agentKey = agentKey
    self.line = line
    self.network = network
    self.agent = agent
  }

  func owner(_ side: Side) -> (any ConnectionOwner)? { side == .agent ? agent : relay }

  func own(_ owner: any ConnectionOwner, as side: Side) {
    if side == .agent { agent = owner } else { relay = owner }
  }

  /// How much an end may write now, in bytes.
  func room(for side: Side) -> Int {
    hasEnded[side.rawValue] || directions[side.rawValue].isClosed
      ? 0 : max(0, line.bufferBytes - directions[side.rawValue].underWay)
  }

  /// Whether an end neither closed it nor was told of its end.
  func isOpen(for side: Side) -> Bool { !hasEnded[side.rawValue] }

  // MARK: What its ends do

  func send(_ bytes: ByteBuffer, from side: Side) {
    guard isOpen(for: side), !directions[side.rawValue].isClosed else { return }
    var bytes = bytes
    directions[side.rawValue].sent += bytes.readableBytes
    directions[side.rawValue].underWay += bytes.readableBytes
    if isSevered || directions[side.rawValue].isBroken { return }
    if let limit = directions[side.rawValue].cutAfter, directions[side.rawValue].sent >= limit {
      let kept = bytes.readableBytes - (directions[side.rawValue].sent - limit)
      let part = bytes.readSlice(length: max(0, kept)) ?? ByteBuffer()
      deliver(part, from: side)
      directions[side.rawValue].isBroken = true
      network.breakLater(self)
      return
    }
    deliver(bytes, from: side)
  }

  private func deliver(_ bytes: ByteBuffer, from side: Side) {
    var rest = bytes
    while rest.readableBytes > 0 {
      let length = min(rest.readableBytes, network.pieceLength(line))
      guard let piece = rest.readSlice(length: length) else { return }
      network.timeline.at(arrival(of: length, from: side)) { [weak self] in
        guard let self, !isSevered else { return }
        directions[side.rawValue].underWay -= length
        if !hasEnded[side.other.rawValue] { owner(side.other)?.connection(self, received: piece) }
        if !hasEnded[side.rawValue] { owner(side)?.connectionTakesMore(self) }
      }
    }
  }

  private func arrival(of bytes: Int, from side: Side) -> Int64 {
    var direction = directions[side.rawValue]
    let departs = max(direction.free, network.timeline.now) + Int64(bytes) * 1_000_000_000 / line.bytesPerSecond
    direction.free = departs
    let arrives = max(
      departs + line.latencyNanoseconds + network.jitter(line), direction.lastArrival, direction.stalledUntil)
    direction.lastArrival = arrives
    directions[side.rawValue] = direction
    return arrives
  }

  /// Ends it in order: the other end hears of it behind the last byte.
  func close(from side: Side) {
    guard isOpen(for: side) else { return }
    hasEnded[side.rawValue] = true
    guard !isSevered, !directions[side.rawValue].isClosed, !directions[side.rawValue].isBroken else { return }
    directions[side.rawValue].isClosed = true
    network.timeline.at(arrival(of: 0, from: side)) { [weak self] in
      guard let self, !isSevered else { return }
      end(side.other)
    }
  }

  // MARK: What happens to it

  fileprivate func opened() {
    guard !isSevered else { return }
    relay = network.listener?.accept(self)
    guard let relay else { return end(.agent) }
    relay.connectionOpened(self)
    network.timeline.at(arrival(of: 0, from: .relay)) { [weak self] in
      guard let self, !isSevered, isOpen(for: .agent) else { return }
      agent?.connectionOpened(self)
    }
  }

  fileprivate func end(_ side: Side) {
    guard isOpen(for: side) else { return }
    hasEnded[side.rawValue] = true
    owner(side)?.connectionClosed(self)
  }

  /// Everything under way is lost, and nothing arrives any more.
  fileprivate func sever() { isSevered = true }

  func cut(afterBytes bytes: Int, from side: Side) {
    directions[side.rawValue].cutAfter = directions[side.rawValue].sent + max(1, bytes)
  }

  func stall(_ side: Side, until nanoseconds: Int64) {
    directions[side.rawValue].stalledUntil = max(directions[side.rawValue].stalledUntil, nanoseconds)
  }
}

/// Who answers the relay's port.
protocol Listener: AnyObject {
  /// Nil refuses the connection.
  func accept(_ connection: Connection) -> (any ConnectionOwner)?
}

/// The network between the agents and the relay.
final class Network {
  let timeline: Timeline
  private let trace: Trace
  private var chance: Chance
  /// What new connections are like.
  var line: Line
  /// Until then no connection can be made, in nanoseconds of the world.
  var unreachableUntil: Int64 = 0
  weak var listener: (any Listener)?
  /// So many of the next connections are slow: what their agents say first arrives when they have given up.
  var slowDials = 0
  /// Connections that may still be alive, oldest first.
  private(set) var connections: [Connection] = []
  private var count = 0

  init(timeline: Timeline, trace: Trace, line: Line, chance: Chance) {
    self.timeline = timeline
    self.trace = trace
    self.line = line
    self.chance = chance
  }

  func dial(key: Fingerprint, owner: any ConnectionOwner) -> Connection {
    count += 1
    let connection = Connection(number: count, agentKey: key, line: line, network: self, agent: owner)
    connections.removeAll { !$0.isOpen(for: .agent) && !$0.isOpen(for: .relay) }
    connections.append(connection)
    trace.note("dial", "#\(count)")
    if slowDials > 0 {
      slowDials -= 1
      connection.stall(.agent, until: timeline.now + chance.milliseconds(9000...20_000) * 1_000_000)
    }
    // TCP and TLS take two round trips.
    let delay = 4 * line.latencyNanoseconds + jitter(line)
    timeline.at(timeline.now + delay) { [weak self, weak connection] in
      guard let self, let connection else { return }
      if timeline.now < unreachableUntil { connection.end(.agent) } else { connection.opened() }
    }
    return connection
  }

  /// The connection is gone; each end notices after a while, or not at all.
  func sever(_ connection: Connection, agentNotices: Int64?, relayNotices: Int64?) {
    trace.note("sever", "#\(connection.number) agent \(agentNotices ?? -1) relay \(relayNotices ?? -1)")
    connection.sever()
    for (side, delay) in [(Side.agent, agentNotices), (.relay, relayNotices)] {
      guard let delay else { continue }
      timeline.after(milliseconds: delay) { connection.end(side) }
    }
  }

  /// Breaks at the byte that was just sent: what was sent before it arrives.
  fileprivate func breakLater(_ connection: Connection) {
    let delay = chance.milliseconds(500...3000)
    timeline.after(milliseconds: delay) { [self] in
      let whoNotices = chance.number(0...3)
      sever(
        connection, agentNotices: whoNotices & 1 == 0 ? chance.milliseconds(0...2000) : nil,
        relayNotices: whoNotices & 2 == 0 ? chance.milliseconds(0...2000) : nil)
    }
  }

  fileprivate func pieceLength(_ line: Line) -> Int {
    line.pieceBytes >= line.bufferBytes ? line.pieceBytes : chance.number(1...line.pieceBytes)
  }

  fileprivate func jitter(_ line: Line) -> Int64 {
    line.jitterNanoseconds == 0 ? 0 : Int64.random(in: 0...line.jitterNanoseconds, using: &chance)
  }
}
