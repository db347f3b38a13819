/// Durations as plans write them: a whole number and one unit of `s`, `m`, `h`, `d`.
public enum PlanDuration {
  private static let units: [(letter: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  /// Seconds of `15m`; nil when the text is no duration or too large.
  public static func seconds(_ text: String) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.letter) }) else { return nil }
    let digits = text.utf8.dropLast()
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
      let count = Int64(String(text.dropLast()))
    else { return nil }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
    return overflow ? nil : seconds
  }

  /// The shortest way to write `seconds` exactly: `15m`, `90s`, `1d`. Zero and less is `0s`.
  public static func text(seconds: Int64) -> String {
    guard seconds > 0, let unit = units.first(where: { seconds % $0.seconds == 0 }) else { return "0s" }
    return "\(seconds / unit.seconds)\(unit.letter)"
  }
}
