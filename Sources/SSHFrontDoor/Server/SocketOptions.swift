import Glibc

/// What is asked of the kernel for a technician's socket.
enum SocketOptions {
  /// How long a connection is silent before the kernel asks whether the peer is there, in seconds.
  private static let keepAliveIdleSeconds: CInt = 30
  /// How long between such questions, in seconds.
  private static let keepAliveIntervalSeconds: CInt = 10
  /// How many may go unanswered.
  private static let keepAliveCount: CInt = 6

  /// Keystrokes at once, and a machine that vanished noticed within 90 s. Best effort: the connection works without.
  static func prepare(_ descriptor: CInt) {
    set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPIDLE, keepAliveIdleSeconds)
    set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPINTVL, keepAliveIntervalSeconds)
    set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPCNT, keepAliveCount)
  }

  private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
    var value = value
    _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  /// How long the peer has left sent bytes unacknowledged, in milliseconds; 0 when nothing is outstanding. A peer that does not
  /// read but lives acknowledges the kernel's probes. TCP_USER_TIMEOUT cannot tell the two apart.
  static func silentMilliseconds(_ descriptor: CInt) -> Int64 {
    var information = tcp_info()
    var length = socklen_t(MemoryLayout<tcp_info>.size)
    guard unsafe getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0 else { return 0 }
    let outstanding = information.tcpi_unacked > 0 || information.tcpi_probes > 0
    return outstanding ? Int64(information.tcpi_last_ack_recv) : 0
  }
}
