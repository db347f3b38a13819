/// Counts connections against the limits: those open now, and those that ended without a login within a stretch of
/// ``SSHLimits/failedLoginSeconds``. A value; the server holds it under its lock.
struct Admission {
  /// Why a connection is not taken.
  enum Refusal: Hashable, CustomStringConvertible {
    case full
    case address
    case unauthenticated
    case failures

    var description: String {
      switch self {
      case .full: "too many connections to this relay; try again later"
      case .address: "too many connections from your address; close some and try again"
      case .unauthenticated: "too many logins at this moment; try again in a moment"
      case .failures: "too many failed logins lately; try again in ten minutes"
      }
    }
  }

  private let limits: SSHLimits
  private var total = 0
  private var unauthenticated = 0
  private var byAddress: [[UInt8]: Int] = [:]
  private var failures = 0
  private var failuresByAddress: [[UInt8]: Int] = [:]
  private var countedSince: ContinuousClock.Instant?

  init(limits: SSHLimits) { self.limits = limits }

  /// Takes one more connection, or says why not.
  mutating func admit(_ address: [UInt8], at now: ContinuousClock.Instant = .now) -> Refusal? {
    forgetFailures(before: now)
    if failures >= limits.failedLogins || failuresByAddress[address, default: 0] >= limits.failedLoginsPerAddress {
      return .failures
    }
    if total >= limits.maximumConnections { return .full }
    if byAddress[address, default: 0] >= limits.perAddress { return .address }
    if unauthenticated >= limits.unauthenticated { return .unauthenticated }
    total += 1
    unauthenticated += 1
    byAddress[address, default: 0] += 1
    return nil
  }

  /// One of the unauthenticated has logged in.
  mutating func authenticated() { unauthenticated -= 1 }

  /// A connection is over.
  mutating func leave(_ address: [UInt8], wasAuthenticated: Bool, at now: ContinuousClock.Instant = .now) {
    total -= 1
    if !wasAuthenticated {
      unauthenticated -= 1
      forgetFailures(before: now)
      countedSince = countedSince ?? now
      failures += 1
      failuresByAddress[address, default: 0] += 1
    }
    let rest = byAddress[address, default: 0] - 1
    byAddress[address] = rest > 0 ? rest : nil
  }

  private mutating func forgetFailures(before now: ContinuousClock.Instant) {
    guard let since = countedSince, since.duration(to: now) >= .seconds(SSHLimits.failedLoginSeconds) else { return }
    countedSince = nil
    failures = 0
    failuresByAddress = [:]
  }
}
