import Foundation
import SessionModel

/// The system's clock, which may jump: it dates entries and intervals, it never measures.
enum WallClock {
  static func now() -> WallTime {
    WallTime(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
  }
}
