import NIOCore
import Synchronization

/// Counts a listener's connections, in all and by address. Shared by all event loops.
final class ConnectionCount: Sendable {
  /// Which limit a connection met.
  enum Refusal: Hashable, CustomStringConvertible {
    case full(limit: Int)
    case address(limit: Int)

    var description: String {
      switch self {
      case .full(let limit): "there are \(limit) connections, as many as this port takes"
      case .address(let limit): "\(limit) connections from its address are open, as many as one may have"
      }
    }
  }

  private struct Count {
    var all = 0
    var byNetwork: [String: Int] = [:]
    var lastNews: NIODeadline?
  }

  private let limits: ListenerLimits
  private let count = Mutex(Count())

  init(_ limits: ListenerLimits) { self.limits = limits }

  /// Counts a connection in.
  /// - Returns: the limit that is reached; then nothing is counted.
  func admit(_ address: PeerAddress) -> Refusal? {
    count.withLock { count in
      let here = count.byNetwork[address.network, default: 0]
      if count.all >= limits.maximumConnections { return .full(limit: limits.maximumConnections) }
      if here >= limits.perAddress { return .address(limit: limits.perAddress) }
      count.all += 1
      count.byNetwork[address.network] = here + 1
      return nil
    }
  }

  /// Counts an admitted connection out.
  func release(_ address: PeerAddress) {
    count.withLock { count in
      count.all -= 1
      let here = count.byNetwork[address.network, default: 1] - 1
      count.byNetwork[address.network] = here > 0 ? here : nil
    }
  }

  /// Whether a refusal is worth a line: one in ``TransportLimits/refusalNewsSeconds`` is, however many there are.
  func isNews(at now: NIODeadline) -> Bool {
    count.withLock { count in
      if let last = count.lastNews, now - last < .seconds(TransportLimits.refusalNewsSeconds) { return false }
      count.lastNews = now
      return true
    }
  }
}
