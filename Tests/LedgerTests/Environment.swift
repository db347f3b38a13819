import Foundation

/// What the tests take from their surroundings.
enum Environment {
  /// FIXLINE_SEED, so that a failing random test can be run again.
  static let seed = ProcessInfo.processInfo.environment["FIXLINE_SEED"].flatMap { UInt64($0) }
}
