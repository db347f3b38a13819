import SessionModel

/// One line kept up to date on a terminal below everything said, by carriage returns and spaces: any terminal can do that.
///
/// ```
///            set(text), paint()              erase(), set(nil) + paint()
///   nothing ────────────────────▶ standing ─────────────────────────────▶ nothing
///                                    │ hold()
///                                    ▼
///                                  held ──release()──▶ nothing, and painted again
/// ```
/// Held, the terminal belongs to a question; whoever holds it erases the line himself, in his own writing.
struct StatusLine: Hashable, Sendable {
  /// Spaces that erase what a terminal shows behind the line when Ctrl+C is typed (`^C`).
  static let echoColumns = 2

  private var wanted: String?
  private var isHeld = false
  /// Columns of what stands on the terminal.
  private var standing = 0

  /// True when there is something to paint.
  mutating func set(_ text: String?) -> Bool {
    guard text != wanted else { return false }
    wanted = text
    return !isHeld
  }

  /// Takes the line away until ``release()``; returns what erases it.
  mutating func hold() -> String {
    let erasure = erase()
    isHeld = true
    return erasure
  }

  /// True when there is something to paint.
  mutating func release() -> Bool {
    guard isHeld else { return false }
    isHeld = false
    return wanted != nil
  }

  /// What takes the line away; empty when none stands there.
  mutating func erase() -> String {
    guard standing > 0 else { return "" }
    defer { standing = 0 }
    // No more than a terminal of 60 columns has: the next column is on the next line there, and scrolls the screen.
    let columns = min(standing + Self.echoColumns, StatusText.maximumColumns)
    return "\r\(String(repeating: " ", count: columns))\r"
  }

  /// What makes the line be what was set last.
  mutating func paint() -> String {
    guard !isHeld else { return "" }
    let erasure = erase()
    guard let wanted else { return erasure }
    standing = TextWidth.columns(of: wanted)
    return erasure + wanted
  }
}

/// What the status line says, and how often it changes.
struct StatusText: Sendable {
  /// Never wider than this, in columns.
  static let maximumColumns = 60
  /// Two updates are at least this far apart, in milliseconds. What comes between is left out: the next report is at
  /// most five seconds away.
  static let shortestMilliseconds: Int64 = 1_000

  private let wording: Wording
  private var shown: SessionID?
  private var shownAt: MonotonicInstant?

  init(_ wording: Wording) { self.wording = wording }

  /// The line for a session's report; nil to leave what stands there. Several sessions take turns.
  mutating func show(
    _ report: SessionReport, technician: String, isAlone: Bool, at now: MonotonicInstant
  ) -> String? {
    if let shownAt, now.milliseconds(since: shownAt) < Self.shortestMilliseconds { return nil }
    if !isAlone, shown == report.session { return nil }
    shown = report.session
    shownAt = now
    return line(report, technician: technician)
  }

  /// True when it was this session's line that stood there.
  mutating func clear(_ session: SessionID) -> Bool {
    guard shown == session else { return false }
    shown = nil
    return true
  }

  /// `anna is working · 12 min · 4.50 EUR so far · Ctrl+C stops it`, shortened to ``maximumColumns``.
  func line(_ report: SessionReport, technician: String) -> String {
    let (language, words) = (wording.language, wording.words)
    let time = language.shortDuration(seconds: report.activeMilliseconds / 1_000)
    let decimals = Self.decimalText(report.amountMinor, exponent: report.exponent)
    let currency = TextWidth.cut(TextSafety.escaped(report.currency), toColumns: 8)
    let price = language.money(decimalText: decimals, code: currency)
    let figures = " · \(time) · \(words.soFar(price))"
    let name = TextSafety.escaped(technician)
    let stop = " · \(words.stops)"
    let whole = "\(words.isWorking(name))\(figures)\(stop)"
    if TextWidth.columns(of: whole) <= Self.maximumColumns { return whole }
    // The figures and how to stop it matter most; then the name.
    let room = Self.maximumColumns - TextWidth.columns(of: figures + stop)
    return TextWidth.cut(TextWidth.cut(name, toColumns: max(1, room)) + figures + stop, toColumns: Self.maximumColumns)
  }

  /// Decimal text of an amount in a currency whose decimals the relay states; the table of currencies is the relay's.
  private static func decimalText(_ minor: Int64, exponent: UInt8) -> String {
    let digits = String(minor.magnitude)
    let sign = minor < 0 ? "-" : ""
    // No currency has more than four (ISO 4217); a relay that says so is not believed.
    let decimals = min(Int(exponent), 4)
    guard decimals > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
    return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }
}
