import Glibc
import NIOCore

/// Why an address could not be connected to. In rising order of what it says about the target: the last is told when
/// several addresses failed in different ways.
enum ConnectFailure: Hashable, Sendable, Comparable {
  /// This computer could not even try, for the reason with this number of errno.
  case system(Int32)
  case networkUnreachable
  case noRoute
  case notPermitted
  case noAnswer(milliseconds: Int64)
  case reset
  case refused

  init(number: Int32, addressMilliseconds: Int64) {
    switch number {
    case ECONNREFUSED: self = .refused
    case ECONNRESET, ECONNABORTED, EPIPE: self = .reset
    case ETIMEDOUT: self = .noAnswer(milliseconds: addressMilliseconds)
    case EHOSTUNREACH, EHOSTDOWN: self = .noRoute
    case ENETUNREACH, ENETDOWN: self = .networkUnreachable
    case EACCES, EPERM: self = .notPermitted
    default: self = .system(number)
    }
  }

  /// What NIO reported about an attempt.
  init(_ error: any Error, addressMilliseconds: Int64) {
    switch error {
    case let error as IOError: self.init(number: error.errnoCode, addressMilliseconds: addressMilliseconds)
    case ChannelError.connectTimeout: self = .noAnswer(milliseconds: addressMilliseconds)
    default: self = .system(ECONNABORTED)
    }
  }

  /// Behind a colon.
  var text: String {
    switch self {
    case .refused: "connection refused"
    case .reset: "connection reset by the target"
    case .noAnswer(let milliseconds): "no answer within \(milliseconds / 1000) s"
    case .noRoute: "no route to host"
    case .networkUnreachable: "network unreachable"
    case .notPermitted: "this computer does not permit the connection"
    case .system(EMFILE), .system(ENFILE), .system(ENOBUFS), .system(ENOMEM):
      "this computer has no room for another connection; close some"
    case .system(EINVAL), .system(EADDRNOTAVAIL), .system(EAFNOSUPPORT): "not an address to connect to"
    case .system(let number): "the connection failed (error \(number))"
    }
  }
}
