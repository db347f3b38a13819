import Glibc
import NIOCore
import NIOPosix
import TLSChannel
import TunnelProtocol
import TunnelTransport

/// What a failed dial or a closed tunnel means, and one line about it.
enum DialFailure {
  static func classify(_ closure: TunnelClosure, relay: RelayAddress) -> LinkFailure {
    switch closure {
    case .goAway(let reason): goAway(reason)
    case .tls(let error): tls(error, relay: relay)
    case .closed: .temporary("the relay closed the connection")
    case .truncated: .temporary("the connection broke off")
    case .deadPeer: .temporary("the connection stands still")
    case .welcomeRefused: .refused("\(relay) could not prove which relay it is: do not trust it")
    case .handshakeTimedOut: .temporary("\(relay) does not answer in time")
    case .fault, .io, .resumeRefused: .temporary("the connection was lost: \(closure)")
    }
  }

  static func classify(_ error: any Error, relay: RelayAddress) -> LinkFailure {
    switch error {
    case let error as TLSError: return tls(error, relay: relay)
    case let error as TunnelClosure: return classify(error, relay: relay)
    case let error as NIOConnectionError: return connection(error, relay: relay)
    case let error as IOError: return .temporary(system(error, relay: relay))
    case let error as ChannelError:
      if case .connectTimeout = error {
        return .temporary("\(relay) does not answer: check the address and the network")
      }
      return .temporary("\(relay) cannot be reached: \(error)")
    default: return .temporary("\(relay) cannot be reached: \(error)")
    }
  }

  private static func goAway(_ reason: GoAway) -> LinkFailure {
    let text = Wording.field(reason.text)
    let tail = text.isEmpty ? "" : ": \(text)"
    switch reason.code {
    case .replaced: return .replaced("another agent with this computer's key has taken over; this one ends")
    case .version: return .refused("the relay speaks no version of the protocol that this agent knows\(tail)")
    case .refused: return .refused("the relay does not permit this agent\(tail)")
    case .unspecified, .shutdown, .fault, .customer, .cannotResume: return .temporary("the relay is going away\(tail)")
    case .busy: return .temporary("the relay is busy\(tail)")
    }
  }

  private static func tls(_ error: TLSError, relay: RelayAddress) -> LinkFailure {
    let line = "\(relay) is not trusted: \(error)"
    switch error {
    case .wrongPin, .wrongName, .expired, .untrusted, .noCertificate, .unsuitableCertificate, .notTLS, .notTLS13,
      .wrongProtocol, .noTrustStore, .invalidName, .keyFile, .certificateFile:
      return .untrusted(line)
    case .peerRefusedCertificate, .alert, .malformed, .handshakeTimedOut, .handshakeTooLarge, .closedDuringHandshake,
      .truncated, .notConnected, .library:
      return .temporary("the connection to \(relay) failed: \(error)")
    }
  }

  private static func connection(_ error: NIOConnectionError, relay: RelayAddress) -> LinkFailure {
    guard let first = error.connectionErrors.first?.error else {
      return .temporary("the name \(relay.host) was not found: check it, and the network")
    }
    if let first = first as? IOError { return .temporary(system(first, relay: relay)) }
    return classify(first, relay: relay)
  }

  private static func system(_ error: IOError, relay: RelayAddress) -> String {
    switch error.errnoCode {
    case ECONNREFUSED: "nobody answers at \(relay): check address and port, or ask whether the relay runs"
    case ENETUNREACH, EHOSTUNREACH, ENETDOWN: "there is no network to \(relay): check this computer's connection"
    case ETIMEDOUT: "\(relay) does not answer: check the address and the network"
    case ECONNRESET, EPIPE: "the connection to \(relay) broke off"
    default: "\(relay) cannot be reached: \(error)"
    }
  }
}
