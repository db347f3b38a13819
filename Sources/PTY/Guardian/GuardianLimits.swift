internal import CGuardian

/// The named bounds of guardian and keepers; the C header is their one source.
public enum GuardianLimits {
  /// Sessions open at once.
  public static let maximumSessions = Int(FIXLINE_SESSIONS_MAX)
  /// Spawned processes of one session whose exit was not reported yet.
  public static let maximumProcesses = Int(FIXLINE_PROCESSES_MAX)
  /// Arguments and environment entries of one spawn, together.
  public static let maximumStrings = Int(FIXLINE_STRINGS_MAX)
  /// Bytes of one argument or environment entry (the kernel's own limit).
  public static let maximumStringBytes = Int(FIXLINE_STRING_BYTES_MAX)
  /// Bytes of all strings of one spawn, with one byte each for their ends.
  public static let maximumBlockBytes = Int(FIXLINE_BLOCK_BYTES_MAX)
  /// Processes named when a session ends; the rest is counted.
  public static let maximumEndedNames = Int(FIXLINE_ENDED_NAMES_MAX)
  /// How long a call waits for guardian or keeper, in milliseconds.
  public static let replyLimitMilliseconds = Int64(FIXLINE_REPLY_LIMIT_MS)
  /// From SIGHUP to SIGTERM when a session ends, in milliseconds.
  public static let hangUpGraceMilliseconds = Int64(FIXLINE_HANGUP_GRACE_MS)
  /// From SIGTERM to SIGKILL, in milliseconds.
  public static let terminateGraceMilliseconds = Int64(FIXLINE_TERMINATE_GRACE_MS)
  /// When something cannot be ended (another user's process), the session's end is reported after this long in the
  /// kill phase, in milliseconds.
  public static let survivorsReportMilliseconds = Int64(FIXLINE_SURVIVORS_REPORT_MS)
  /// The longest ``SessionKeeper/endEverything()`` can take to be reported, in milliseconds, with time to spare.
  public static let longestEndMilliseconds =
    hangUpGraceMilliseconds + terminateGraceMilliseconds + survivorsReportMilliseconds + 2_000
}
