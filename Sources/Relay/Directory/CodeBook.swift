import SessionModel

/// The join codes that wait for their technician, as a value: who may claim which, for how long, and how often one may guess.
///
/// ```
///            issue                claim(key)                     release(used)
///  (none) ───────────▶ waiting ───────────────▶ claimed(by key) ───────────────▶ (gone)
///                         │ 15 min                    │ release(keep): the same key may ask again
///                         ▼                           ▼
///                      (gone)                      claimed(by key), until the code expires
/// ```
/// A code that is gone is remembered for who had claimed it: he is told so, and has guessed nothing. A browser that goes on
/// asking through a forward that outlived its session would otherwise lock its technician, and his whole shop, out.
///
/// A relay that starts anew restores the codes of sessions that go on as claimed.
///
/// Unknown, expired, used and another's code get one answer; which of them it was is nobody's business.
struct CodeBook<Machine: Hashable & Sendable>: Sendable {
  /// Wrong codes one technician may try within the window.
  static var wrongPerTechnician: Int { 10 }
  /// Wrong codes that may come from one address within the window.
  static var wrongPerAddress: Int { 20 }
  /// Wrong codes in all within the window: at nine digits and 1,000 codes out, 200 guesses find one with p < 0.0003.
  static var wrongInAll: Int { 200 }
  /// How long a wrong code is held against its sender, in milliseconds.
  static var windowMilliseconds: Int64 { 10 * 60 * 1000 }
  /// Codes that are remembered when they are gone; of more the oldest are forgotten.
  static var maximumSpent: Int { 10_000 }
  /// Codes out at once.
  static var maximumCodes: Int { 10_000 }

  /// What a claim comes to.
  enum Claim: Equatable, Sendable {
    /// The code is this machine's, and now bound to the claimer.
    case granted(Machine)
    /// It was the claimer's own, and is gone.
    case spent
    /// Unknown, expired, used or somebody else's.
    case unknown
    /// Too many wrong codes lately; the right one would get the same answer.
    case tooMany

    /// What the claimer is told when there is no machine for him.
    var line: String {
      switch self {
      case .granted: ""
      case .spent: "This code is used up. Ask the customer for the one on his screen now."
      case .unknown: "No machine waits under this code. Ask the customer to read it out again."
      case .tooMany: "Too many wrong codes. Wait ten minutes, then try again with the right one."
      }
    }
  }

  private struct Entry: Sendable {
    let machine: Machine
    let expires: MonotonicInstant
    var boundTo: Fingerprint?
    var inUse = false
  }

  private struct Miss: Sendable {
    let at: MonotonicInstant
    let technician: Fingerprint
    let address: String
  }

  private let lifetimeMilliseconds: Int64
  private var entries: [JoinCode: Entry] = [:]
  private var misses: [Miss] = []
  /// Codes that are gone and were claimed: by whom, and the how manieth it was.
  private var spent: [JoinCode: (key: Fingerprint, number: UInt64)] = [:]
  private var lastSpent: UInt64 = 0

  init(lifetimeSeconds: Int64) { lifetimeMilliseconds = lifetimeSeconds * 1000 }

  /// Codes out at this moment.
  var count: Int { entries.count }

  /// A new code for `machine`; nil when too many are out.
  mutating func issue(
    for machine: Machine, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
  ) -> (code: JoinCode, expires: MonotonicInstant)? {
    guard entries.count < Self.maximumCodes else { return nil }
    var code = JoinCode(using: &generator)
    while entries[code] != nil || spent[code] != nil { code = JoinCode(using: &generator) }
    let expires = now.advanced(byMilliseconds: lifetimeMilliseconds)
    entries[code] = Entry(machine: machine, expires: expires)
    return (code, expires)
  }

  /// A code under which the technician with `key` is at work already, as an earlier relay knew it; false when somebody
  /// else has it or too many are out.
  mutating func restore(_ code: JoinCode, of machine: Machine, boundTo key: Fingerprint, at now: MonotonicInstant)
    -> Bool
  {
    if let entry = entries[code] { return entry.machine == machine && entry.boundTo == key }
    guard entries.count < Self.maximumCodes else { return false }
    entries[code] = Entry(
      machine: machine, expires: now.advanced(byMilliseconds: lifetimeMilliseconds), boundTo: key, inUse: true)
    return true
  }

  /// Claims `code` for the technician with `key`, who comes from `address`. `code` is nil when it is not even nine digits.
  mutating func claim(
    _ code: JoinCode?, key: Fingerprint, address: String, at now: MonotonicInstant
  ) -> Claim {
    forgetOldMisses(at: now)
    // Whoever is at work under a code is not locked out by a colleague's typing errors.
    if let code, let entry = entries[code], entry.inUse, entry.boundTo == key { return .granted(entry.machine) }
    if let code, spent[code]?.key == key { return .spent }
    guard !tooManyMisses(key: key, address: address) else { return .tooMany }
    if let code, var entry = entries[code], entry.expires > now, entry.boundTo == nil || entry.boundTo == key {
      entry.boundTo = key
      entry.inUse = true
      entries[code] = entry
      return .granted(entry.machine)
    }
    misses.append(Miss(at: now, technician: key, address: address))
    return .unknown
  }

  /// The session claimed by `code` is over. `used`: it ran or was declined, and the code is gone; otherwise the same
  /// technician may ask again until the code expires.
  mutating func release(_ code: JoinCode, used: Bool) {
    if used { drop(code) } else { entries[code]?.inUse = false }
  }

  /// When a code that is still out expires.
  func expiry(of code: JoinCode) -> MonotonicInstant? { entries[code]?.expires }

  /// Takes back every code of `machine`.
  mutating func withdraw(_ machine: Machine) {
    for (code, entry) in entries where entry.machine == machine { drop(code) }
  }

  /// When the next unused code expires.
  var nextExpiry: MonotonicInstant? { entries.values.filter { !$0.inUse }.map(\.expires).min() }

  /// Drops what has expired and returns the machines whose code it was. Nothing else drops a code, so none goes unnoticed.
  mutating func expire(at now: MonotonicInstant) -> [Machine] {
    let expired = entries.filter { !$0.value.inUse && $0.value.expires <= now }
    for code in expired.keys { drop(code) }
    return expired.values.map(\.machine)
  }

  private mutating func drop(_ code: JoinCode) {
    guard let key = entries.removeValue(forKey: code)?.boundTo else { return }
    lastSpent += 1
    spent[code] = (key, lastSpent)
    guard spent.count > Self.maximumSpent else { return }
    if let oldest = spent.min(by: { $0.value.number < $1.value.number }) { spent[oldest.key] = nil }
  }

  private mutating func forgetOldMisses(at now: MonotonicInstant) {
    let windowStart = now.advanced(byMilliseconds: -Self.windowMilliseconds)
    misses.removeAll { $0.at < windowStart }
  }

  private func tooManyMisses(key: Fingerprint, address: String) -> Bool {
    misses.count >= Self.wrongInAll
      || misses.count { $0.technician == key } >= Self.wrongPerTechnician
      || misses.count { $0.address == address } >= Self.wrongPerAddress
  }
}
