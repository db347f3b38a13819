import Foundation

/// A closed session's record, held against itself: what is wrong in every case throws.
struct Bill: CustomStringConvertible {
  let record: JSON
  /// What is billed, in seconds.
  let active: Double
  /// The stretches that are billed.
  let intervals: [(from: Date, to: Date)]

  init(_ record: JSON) throws {
    self.record = record
    guard record["state"]?.string == "closed" else { throw Failure("not closed: \(record)") }
    active = Double(try unwrap(record["active_ms"]?.int)) / 1000
    intervals = try (record["intervals"]?.array ?? []).map {
      (try Self.time($0["from"]?.string), try Self.time($0["to"]?.string))
    }
    let sum = intervals.reduce(0) { $0 + $1.to.timeIntervalSince($1.from) }
    // Each end is rounded to the millisecond.
    guard abs(sum - active) <= 0.002 * Double(intervals.count + 1) else {
      throw Failure("the intervals sum up to \(sum) s, billed are \(active) s: \(record)")
    }
    guard gaps.allSatisfy({ $0 >= -0.001 }) else { throw Failure("intervals overlap: \(record)") }
    for kind in ["session-requested", "session-activated", "session-closed"] where record.details(kind).count != 1 {
      throw Failure("\(record.details(kind).count) times \(kind): \(record)")
    }
    let ends = record.details("checkpoint-epoch-end").map { $0["epoch"]?.int ?? -1 }
    guard Set(ends).count == ends.count else { throw Failure("an epoch ended twice: \(ends)") }
  }

  /// The time between the stretches, in seconds.
  var gaps: [Double] { zip(intervals, intervals.dropFirst()).map { $1.from.timeIntervalSince($0.to) } }

  var description: String { "\(active) s billed, intervals \(intervals), gaps \(gaps)" }

  private static func time(_ text: String?) throws -> Date {
    let text = try unwrap(text, "a time")
    let whole = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    return try whole.parse(text)
  }
}

/// Seconds since some instant.
struct Stopwatch {
  private let start = ContinuousClock.now
  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
}

extension Shop {
  /// Ends the only open session as its technician, and reads its record; the chain has to verify.
  func close(by technician: Technician) throws -> Bill {
    let id = try openSession()
    let closed = try technician.ssh("desk", ["close", id, "--outcome", "fixed"])
    guard closed.succeeded else { throw Failure("not closed. \(closed)") }
    return try bill(of: id)
  }

  /// A session's bill, once it is closed.
  func bill(of id: String, within limit: Duration = .seconds(20)) throws -> Bill {
    try session("closed", within: limit) { $0["id"]?.string == id && $0["state"]?.string == "closed" }
    let verified = try command("ledger", "verify")
    guard verified.succeeded else { throw Failure("the ledger does not verify. \(verified)") }
    return try Bill(command("session", "show", id, "--json").json())
  }

  /// Ends the relay hard and starts it again where it was.
  func killRelay(config: String? = nil) throws {
    relay.child.signal(SIGKILL)
    try relay.child.wait()
    try restartRelay(config: config)
  }
}

/// A shop whose machine reaches the relay through a proxy.
func withFaults(
  config: String? = nil, agent flags: [String] = [], _ body: (Place, FaultProxy) throws -> Void
) throws {
  try withShop(config: config) { shop in
    let proxy = try FaultProxy(to: shop.relay.tlsPort)
    defer { proxy.close() }
    let place = try Place(shop, agent: flags, port: proxy.port)
    do { try body(place, proxy) } catch { throw Failure("\(error)\n--- proxy: \(proxy.counts)") }
  }
}

extension Place {
  /// Whether two files have the same SHA-256, by their paths from the shop's folder.
  func expectSame(_ first: String, _ second: String) throws {
    let hashes = try prepare("sha256sum <\(first); sha256sum <\(second); stat -c %s \(first) \(second)")
      .split(separator: "\n")
    guard hashes.count == 4, hashes[0] == hashes[1] else { throw Failure("\(first) and \(second) differ: \(hashes)") }
  }

  /// Waits until the only open session is in this state, for these reasons.
  func expectSession(_ state: String, _ reasons: [String] = [], within limit: Duration = .seconds(20)) throws {
    try shop.session("\(state) \(reasons)", within: limit) {
      $0["state"]?.string == state && $0["suspended_reasons"] == .list(reasons.map { .text($0) })
    }
  }
}
