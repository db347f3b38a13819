/// Whether the agent looks for a terminal's answer to a keystroke before it goes to sleep. The kernel's echo, and that of a
/// line editor, comes within some ten microseconds; to fall asleep and be woken takes longer than that.
///
/// A look costs the event loop at most ``longest``, so it is made for keystrokes only, and where it finds nothing (a password, a
/// program that is busy) it is made more and more seldom: after the n-th miss in a row 2^n - 1 keystrokes go by without one, and
/// at most ``mostSkipped``.
struct EchoLook {
  /// The most a terminal gets at once for which its answer is looked for, in bytes: a key, or a short burst of them.
  static let inputBytes = 64
  /// How long a look takes at most.
  static let longest: Duration = .microseconds(100)
  /// Keystrokes between two looks, at most.
  static let mostSkipped = 63

  private var skipped = 0
  private var toSkip = 0

  /// A terminal has been given so many bytes: whether to look for what it answers.
  mutating func begins(inputBytes: Int) -> Bool {
    guard inputBytes <= Self.inputBytes else { return false }
    guard skipped >= toSkip else {
      skipped += 1
      return false
    }
    skipped = 0
    return true
  }

  /// A look is over.
  mutating func ended(found: Bool) { toSkip = found ? 0 : min(2 * toSkip + 1, Self.mostSkipped) }
}
