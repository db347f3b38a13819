import NIOCore
import SessionModel

/// What all connections of an agent share: how many there are, and who looks names up for them. On the event loop.
final class Forwards {
  let limits: ForwardLimits
  let resolver: NameResolver
  private var connections: [ObjectIdentifier: (session: SessionID, connection: ForwardConnection)] = [:]

  /// - Parameter lookup: how names are looked up; see ``NameResolver``.
  init(limits: ForwardLimits = .standard, loop: any EventLoop, lookup: @escaping NameResolver.Lookup) {
    self.limits = limits
    resolver = NameResolver(limits: limits, loop: loop, lookup: lookup)
  }

  /// Connections at the moment, those being made included.
  var count: Int { connections.count }

  /// Takes a place for a connection. Returns why there is none.
  func admit(_ connection: ForwardConnection, session: SessionID) -> String? {
    if connections.count >= limits.maximumConnections {
      return "this computer holds \(limits.maximumConnections) connections already: close some"
    }
    if connections.values.count(where: { $0.session == session }) >= limits.maximumPerSession {
      return "this session holds \(limits.maximumPerSession) connections already: close some"
    }
    if connections.values.reduce(0, { $0 + $1.connection.heldBytes }) >= limits.heldBytes {
      return "too much waits to be sent on this session's connections: read it, or close some"
    }
    connections[ObjectIdentifier(connection)] = (session, connection)
    return nil
  }

  /// Its place is free.
  func leave(_ connection: ForwardConnection) { connections[ObjectIdentifier(connection)] = nil }
}
