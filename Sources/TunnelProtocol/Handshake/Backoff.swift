/// How long an agent waits before it dials again: exponential with full jitter, so that a thousand agents that lost one
/// relay do not come back in step.
public struct Backoff: Hashable, Sendable {
  /// The longest first wait, in milliseconds.
  public static let baseMilliseconds: Int64 = 500
  /// The longest wait of all, in milliseconds.
  public static let capMilliseconds: Int64 = 30_000

  private let base: Int64
  private let cap: Int64
  private var bound: Int64

  /// A back-off at its start. A base under 1 ms counts as 1 ms; a cap under the base counts as the base.
  public init(
    baseMilliseconds: Int64 = Backoff.baseMilliseconds, capMilliseconds: Int64 = Backoff.capMilliseconds
  ) {
    base = max(1, baseMilliseconds)
    cap = max(base, capMilliseconds)
    bound = base
  }

  /// The next wait: anything from nothing to the bound, which then doubles up to the cap.
  public mutating func nextDelayMilliseconds(using generator: inout some RandomNumberGenerator) -> Int64 {
    let delay = Int64.random(in: 0...bound, using: &generator)
    bound = bound > cap / 2 ? cap : bound * 2
    return delay
  }

  /// Back to the start, after a connection that worked.
  public mutating func reset() { bound = base }
}
