import CFileSystem
import Synchronization

/// A descriptor that several threads use and one closes.
///
/// A call counts itself in before it takes the number. Closing while calls are under way is left to the last of them, so the
/// number cannot have been given anew to another file when the kernel sees it.
///
/// ```
///            use begins/ends
///             ┌───┐
///             ▼   │          close, nobody in                         (last reference gone)
///            OPEN(n) ──────────────────────────▶ RELEASED ◀──────────── OPEN(0)
///             │                                     ▲
///             └─ close, n in ─▶ CLOSING(n) ─ last ends ┘     use, close in CLOSING or RELEASED: EBADF
/// ```
final class SharedDescriptor: Sendable {
  private let number: CInt
  /// Bit 0: closed. Bit 1: the number has been given back. Above: calls under way, each counting 4.
  private let state = Atomic<UInt64>(0)

  private static let closed: UInt64 = 1
  private static let released: UInt64 = 2
  private static let oneCall: UInt64 = 4

  /// Takes over what an opening call returned.
  init(adopting opened: CInt) throws(FileError) {
    guard opened >= 0 else { throw FileError(number: -opened) }
    number = opened
  }

  deinit {
    if state.load(ordering: .acquiring) & Self.released == 0 { _ = fixline_fs_close(number) }
  }

  /// Makes a call that returns the negative errno when it fails.
  func call(_ body: (CInt) -> Int64) throws(FileError) -> Int {
    try begin()
    let outcome = body(number)
    end()
    return try FileError.check(outcome)
  }

  /// Lets `body` have the number.
  func use<Result>(_ body: (CInt) throws(FileError) -> Result) throws(FileError) -> Result {
    try begin()
    defer { end() }
    return try body(number)
  }

  /// - Throws: EBADF when it is closed already; close(2)'s own error when this call gave the number back.
  func close() throws(FileError) {
    guard state.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing).oldValue & Self.closed == 0 else {
      throw .badDescriptor
    }
    try FileError.confirm(releaseIfIdle())
  }

  private func begin() throws(FileError) {
    let before = state.add(Self.oneCall, ordering: .acquiringAndReleasing).oldValue
    guard before & Self.closed == 0 else {
      end()
      throw .badDescriptor
    }
  }

  private func end() {
    let after = state.subtract(Self.oneCall, ordering: .acquiringAndReleasing).newValue
    if after == Self.closed { _ = releaseIfIdle() }
  }

  /// Gives the number back when it is closed, nobody is in, and nobody has done so.
  private func releaseIfIdle() -> CInt {
    let (mine, _) = state.compareExchange(
      expected: Self.closed, desired: Self.closed | Self.released, ordering: .acquiringAndReleasing)
    return mine ? fixline_fs_close(number) : 0
  }
}
