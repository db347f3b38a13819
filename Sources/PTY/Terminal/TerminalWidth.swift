internal import CGuardian
internal import Glibc

/// How wide the terminal is that standard output goes to.
public enum TerminalWidth {
  /// In columns, now; nil when it is no terminal, or one that does not say.
  public static var ofStandardOutput: Int? {
    let told = Int(fixline_terminal_columns(STDOUT_FILENO))
    return told > 0 ? told : nil
  }
}
