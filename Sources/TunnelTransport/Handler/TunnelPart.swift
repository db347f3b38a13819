import TLSChannel
import TunnelProtocol

/// Which side of the introduction a handler takes, and what it needs for that.
enum TunnelPart {
  /// Waits for HELLO and answers it with what the closure makes of it and the connection's exporter value.
  case relay(welcome: @Sendable (Hello, TLSPeer, [UInt8]) throws -> Welcome)
  /// Sends HELLO and asks the closure whether WELCOME is genuine, given the connection's exporter value.
  case agent(hello: Hello, verify: @Sendable (Welcome, [UInt8]) -> Bool)

  var role: TunnelRole {
    switch self {
    case .relay: .relay
    case .agent: .agent
    }
  }
}
