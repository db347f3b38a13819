import Glibc

/// Why a name has no addresses.
enum LookupFailure: Error, Hashable, Sendable {
  /// Nobody knows the name, or it has no address.
  case noSuchHost
  /// The name servers could not say; later they may.
  case unanswered
  /// It took longer than ``ForwardLimits/lookupMilliseconds``.
  case timedOut(milliseconds: Int64)
  /// More look-ups wait than ``ForwardLimits/waitingLookups``.
  case busy
  /// The computer could not look.
  case unable

  /// EAI_NODATA and EAI_ADDRFAMILY of <netdb.h>, which shows them to GNU sources only.
  private static let noData: Int32 = -5
  private static let noSuchFamily: Int32 = -9

  /// What getaddrinfo returned, an `EAI_` number.
  init(code: Int32) {
    switch code {
    case EAI_NONAME, Self.noData, Self.noSuchFamily: self = .noSuchHost
    case EAI_AGAIN, EAI_FAIL: self = .unanswered
    default: self = .unable
    }
  }

  /// One line about looking up `host`.
  func line(_ host: String) -> String {
    switch self {
    case .noSuchHost: "\(host): no such host"
    case .unanswered: "\(host): the name servers of this computer do not know at the moment; try again later"
    case .timedOut(let milliseconds): "\(host): no answer from the name servers within \(milliseconds / 1000) s"
    case .busy: "\(host): too many names are being looked up at once; try again"
    case .unable: "\(host): this computer cannot look names up at the moment"
    }
  }
}
