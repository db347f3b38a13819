/// The line of `ls -l` that stands with each name of a listing, byte for byte as sftp-server makes it (sftp-common.c,
/// ls_file; strmode(3); C locale).
public struct LongName: Hashable, Sendable {
  /// The longest line, in bytes; the rest is cut off.
  public static let maximumBytes = 1023
  /// Times from now to so far back are shown with hour and minute, others with the year, in seconds: half of 365 days.
  public static let recentSeconds: Int64 = 365 * 24 * 60 * 60 / 2

  /// A local time, as a clock on the machine's wall shows it.
  public struct WallClock: Hashable, Sendable {
    /// Any, negative ones included.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int

    /// A time.
    public init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
      self.year = year
      self.month = month
      self.day = day
      self.hour = hour
      self.minute = minute
    }
  }

  private static let months = Array("JanFebMarAprMayJunJulAugSepOctNovDec".utf8)

  /// Kind and permissions, as stat(2) has them.
  public var mode: UInt32
  /// How many names it has.
  public var linkCount: UInt64
  /// The user's name, or nil: the number is shown.
  public var userName: [UInt8]?
  /// The user's number.
  public var userID: UInt32
  /// The group's name, or nil.
  public var groupName: [UInt8]?
  /// The group's number.
  public var groupID: UInt32
  /// The size.
  public var sizeBytes: UInt64
  /// When it was last written, since 1970.
  public var modifiedSeconds: Int64
  /// The same on the wall; nil when it cannot be said, and nothing is shown.
  public var modified: WallClock?

  /// A line's parts.
  public init(
    mode: UInt32, linkCount: UInt64, userName: [UInt8]?, userID: UInt32, groupName: [UInt8]?, groupID: UInt32,
    sizeBytes: UInt64, modifiedSeconds: Int64, modified: WallClock?
  ) {
    self.mode = mode
    self.linkCount = linkCount
    self.userName = userName
    self.userID = userID
    self.groupName = groupName
    self.groupID = groupID
    self.sizeBytes = sizeBytes
    self.modifiedSeconds = modifiedSeconds
    self.modified = modified
  }

  /// The line for `name`, seen at `nowSeconds` since 1970.
  public func line(name: [UInt8], nowSeconds: Int64) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(64 + name.count)
    Self.append(mode: mode, to: &line)
    line.append(space)
    // st_nlink is printed by `%u`.
    Self.append(decimal: UInt64(UInt32(truncatingIfNeeded: linkCount)), width: 3, to: &line)
    line.append(space)
    Self.append(account: userName, number: userID, to: &line)
    line.append(space)
    Self.append(account: groupName, number: groupID, to: &line)
    line.append(space)
    Self.append(decimal: sizeBytes, width: 8, to: &line)
    line.append(space)
    appendTime(nowSeconds: nowSeconds, to: &line)
    line.append(space)
    line.append(contentsOf: name)
    if line.count > Self.maximumBytes { line.removeLast(line.count - Self.maximumBytes) }
    return line
  }

  private var space: UInt8 { UInt8(ascii: " ") }

  /// `drwxr-xr-x`, and the place where other systems mark access lists.
  private static func append(mode: UInt32, to line: inout [UInt8]) {
    let kind: Unicode.Scalar =
      switch mode & 0o170000 {
      case 0o040000: "d"
      case 0o020000: "c"
      case 0o060000: "b"
      case 0o100000: "-"
      case 0o120000: "l"
      case 0o140000: "s"
      case 0o010000: "p"
      default: "?"
      }
    line.append(UInt8(ascii: kind))
    for (shift, special, mark) in [
      (6, 0o4000, "s" as Unicode.Scalar), (3, 0o2000, "s"), (0, 0o1000, "t"),
    ] {
      let bits = mode >> UInt32(shift)
      line.append(UInt8(ascii: bits & 4 != 0 ? "r" : "-"))
      line.append(UInt8(ascii: bits & 2 != 0 ? "w" : "-"))
      let isSpecial = mode & UInt32(special) != 0
      // The letter is a capital where the permission to execute is missing.
      switch (bits & 1 != 0, isSpecial) {
      case (false, false): line.append(UInt8(ascii: "-"))
      case (true, false): line.append(UInt8(ascii: "x"))
      case (false, true): line.append(UInt8(ascii: mark) - 32)
      case (true, true): line.append(UInt8(ascii: mark))
      }
    }
    line.append(UInt8(ascii: " "))
  }

  /// Right-justified.
  private static func append(decimal value: UInt64, width: Int, to line: inout [UInt8], padding: Unicode.Scalar = " ") {
    let start = line.count
    var rest = value
    repeat {
      line.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    while line.count - start < width { line.append(UInt8(ascii: padding)) }
    line[start...].reverse()
  }

  /// Left-justified in eight columns or more.
  private static func append(account name: [UInt8]?, number: UInt32, to line: inout [UInt8]) {
    let start = line.count
    if let name {
      line.append(contentsOf: name)
    } else {
      append(decimal: UInt64(number), width: 1, to: &line)
    }
    while line.count - start < 8 { line.append(UInt8(ascii: " ")) }
  }

  private func appendTime(nowSeconds: Int64, to line: inout [UInt8]) {
    guard let modified, (1...12).contains(modified.month) else { return }
    let start = line.count
    line.append(contentsOf: Self.months[(modified.month - 1) * 3..<modified.month * 3])
    line.append(space)
    Self.append(decimal: UInt64(clamping: modified.day), width: 2, to: &line)
    line.append(space)
    let (oldest, overflow) = nowSeconds.subtractingReportingOverflow(Self.recentSeconds)
    if overflow || oldest < modifiedSeconds, nowSeconds >= modifiedSeconds {
      Self.append(decimal: UInt64(clamping: modified.hour), width: 2, to: &line, padding: "0")
      line.append(UInt8(ascii: ":"))
      Self.append(decimal: UInt64(clamping: modified.minute), width: 2, to: &line, padding: "0")
    } else {
      line.append(space)
      if modified.year < 0 { line.append(UInt8(ascii: "-")) }
      Self.append(decimal: UInt64(modified.year.magnitude), width: 1, to: &line)
    }
    // sftp-server has room for twelve, and shows nothing where a year of five digits does not fit.
    if line.count - start > 12 { line.removeLast(line.count - start) }
  }
}
