import CFileSystem

/// What this process is and may.
public enum OwnProcess {
  /// The user it acts as.
  public static var userID: UInt32 { fixline_fs_user() }

  /// How many descriptors it may have open: RLIMIT_NOFILE's soft value; nil without a limit.
  public static var openFileLimit: UInt64? {
    let limit = fixline_fs_open_limit()
    return limit == UInt64.max ? nil : limit
  }

  /// The most ``raiseOpenFileLimit()`` asks for: enough for 10,000 handles of several technicians.
  public static let maximumOpenFileLimit: UInt64 = 65536

  /// Raises ``openFileLimit`` to the hard limit, at most to ``maximumOpenFileLimit``; it is never lowered. Children inherit it.
  /// - Returns: the limit now in force; UInt64.max without one.
  @discardableResult public static func raiseOpenFileLimit() -> UInt64 {
    fixline_fs_raise_open_limit(maximumOpenFileLimit)
    return fixline_fs_open_limit()
  }
}
