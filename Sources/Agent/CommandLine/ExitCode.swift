/// What the agent exits with; scripts rely on the numbers (where one fits, they are those of sysexits.h).
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// The customer ended it (Ctrl+C, SIGTERM, the terminal closed), or the relay said goodbye for good.
  case success = 0
  /// `verify`: the receipt is not genuine.
  case notGenuine = 1
  /// `verify`: the receipt is consistent, but nobody said whose key to trust, or it is a provisional one.
  case signerNotVerified = 2
  /// Wrong usage.
  case usage = 64
  /// `verify`: the file, or the state directory, cannot be read.
  case noInput = 66
  /// A subcommand this build does not carry out.
  case unavailable = 69
  /// The machine lacks something the agent needs: /proc, a process, a descriptor.
  case machine = 71
  /// The state directory cannot be created, read or written.
  case stateDirectory = 73
  /// The relay is not the one expected, or speaks something else: wrong pin or name, an untrusted certificate, TLS too
  /// old, another signing key than the remembered one, no common version. Redialling would not help.
  case relayRefused = 76
  /// Another agent with the same key has taken this one's place.
  case replaced = 79
}
