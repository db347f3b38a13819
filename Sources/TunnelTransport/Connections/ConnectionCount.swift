import Synchronization

/// Counts a listener's connections, in all and by address. Shared by all event loops.
final class ConnectionCount: Sendable {
  private struct Count {
    var all = 0
    var byNetwork: [String: Int] = [:]
  }

  private let limits: ListenerLimits
  private let count = Mutex(Count())

  init(_ limits: ListenerLimits) { self.limits = limits }

  /// Counts a connection in.
  /// - Returns: false, and counts nothing, when a limit is reached.
  func admit(_ address: PeerAddress) -> Bool {
    count.withLock { count in
      let here = count.byNetwork[address.network, default: 0]
      guard count.all < limits.maximumConnections, here < limits.perAddress else { return false }
      count.all += 1
      count.byNetwork[address.network] = here + 1
      return true
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
}
