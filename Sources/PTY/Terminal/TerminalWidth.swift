internal import Glibc

/// How wide the terminal is that standard output goes to.
public enum TerminalWidth {
  /// In columns, now; nil when it is no terminal, or one that does not say.
  public static var ofStandardOutput: Int? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
