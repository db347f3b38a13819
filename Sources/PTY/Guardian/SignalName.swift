internal import CGuardian
internal import Glibc

/// Signals by the names RFC 4254 section 6.9 gives them, without "SIG".
enum SignalName {
  /// The number of a signal a technician may send; nil for any other name.
  static func number(of name: String) -> Int32? {
    switch name {
    case "ABRT": SIGABRT
    case "ALRM": SIGALRM
    case "FPE": SIGFPE
    case "HUP": SIGHUP
    case "ILL": SIGILL
    case "INT": SIGINT
    case "KILL": SIGKILL
    case "PIPE": SIGPIPE
    case "QUIT": SIGQUIT
    case "SEGV": SIGSEGV
    case "TERM": SIGTERM
    case "USR1": SIGUSR1
    case "USR2": SIGUSR2
    case _: nil
    }
  }

  /// The name of any signal; one the system has no name for is its number.
  static func name(of number: Int32) -> String {
    guard let text = unsafe fixline_signal_name(number) else { return String(number) }
    return unsafe String(cString: text)
  }
}
