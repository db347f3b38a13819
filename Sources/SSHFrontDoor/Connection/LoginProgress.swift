/// What is known about a client that has not logged in.
struct LoginProgress {
  /// Messages the greeting goes out with.
  var isGreeted = false
  /// Keys and signatures that failed.
  var failures = 0
  /// Packets that had come when the last message did.
  var packetsAtLastMessage: UInt64
  /// Since when there have been packets without a message: most likely a signature libssh could not verify.
  var silentSince: ContinuousClock.Instant?

  init(packets: UInt64) { packetsAtLastMessage = packets }

  /// A message came: libssh speaks for the client again.
  mutating func heard(packets: UInt64) {
    packetsAtLastMessage = packets
    silentSince = nil
  }

  /// The socket was read.
  mutating func looked(packets: UInt64, at now: ContinuousClock.Instant) {
    if packets > packetsAtLastMessage && silentSince == nil { silentSince = now }
  }
}
