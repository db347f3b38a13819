/// Durations as people read them.
public enum DurationText {
  /// Cut down to what matters at a glance: `45 s`, `12 min`, `1 h 05 min`. Negative reads as `0 s`.
  public static func short(seconds: Int64) -> String {
    let seconds = max(0, seconds)
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min" }
    return "\(seconds / 3600) h \(padded(seconds / 60 % 60)) min"
  }

  /// To the second, leaving out what is zero at the end: `45 s`, `12 min`, `15 min 01 s`, `1 h`, `1 h 05 min`, `1 h 00 min 07 s`.
  public static func exact(seconds: Int64) -> String {
    let seconds = max(0, seconds)
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    var parts: [String] = []
    if hours > 0 { parts.append("\(hours) h") }
    if minutes > 0 || (hours > 0 && rest > 0) { parts.append("\(hours > 0 ? padded(minutes) : "\(minutes)") min") }
    if rest > 0 || parts.isEmpty { parts.append("\(parts.isEmpty ? "\(rest)" : padded(rest)) s") }
    return parts.joined(separator: " ")
  }

  private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
