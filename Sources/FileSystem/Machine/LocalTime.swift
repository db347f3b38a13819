import CFileSystem

/// Time as the machine's people see it: TZ, else /etc/localtime.
public enum LocalTime {
  /// A civil time.
  public struct Parts: Hashable, Sendable {
    /// The year, such as 2026.
    public var year: Int
    /// From 1 to 12.
    public var month: Int
    /// From 1 to 31.
    public var day: Int
    /// From 0 to 23.
    public var hour: Int
    /// From 0 to 59.
    public var minute: Int
    /// From 0 to 60.
    public var second: Int
  }

  /// localtime_r(3). Nil when the year does not fit; OpenSSH's sftp-server shows an empty time then.
  public static func parts(ofUnixSeconds seconds: Int64) -> Parts? {
    var civil = fixline_fs_civil()
    guard unsafe fixline_fs_local_time(seconds, &civil) == 0 else { return nil }
    return Parts(
      year: Int(civil.year), month: Int(civil.month), day: Int(civil.day), hour: Int(civil.hour),
      minute: Int(civil.minute), second: Int(civil.second))
  }

  /// The system clock, in Unix seconds: what a long name's "half a year ago" is measured from.
  public static var nowUnixSeconds: Int64 { fixline_fs_now() }
}
