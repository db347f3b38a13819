import Foundation

/// What a child wrote, with the moment each piece arrived.
struct Transcript: Sendable {
  /// Bytes kept: clients write lines here, payloads go elsewhere.
  static let keptBytes = 1 << 20

  private(set) var text = ""
  private var arrivals: [(end: Int, at: ContinuousClock.Instant)] = []

  /// Adds a piece.
  mutating func append(_ bytes: Data, at instant: ContinuousClock.Instant) {
    guard text.utf8.count < Self.keptBytes else { return }
    text += String(decoding: bytes, as: UTF8.self)
    arrivals.append((text.utf8.count, instant))
  }

  /// When the first `marker` was complete; nil when it never came.
  func arrival(of marker: String) -> ContinuousClock.Instant? {
    guard let range = text.range(of: marker) else { return nil }
    let end = text.utf8.distance(from: text.utf8.startIndex, to: range.upperBound)
    return arrivals.first { $0.end >= end }?.at
  }

  /// Reads `handle` to its end on a thread of its own, since reading blocks.
  static func record(_ handle: FileHandle) -> Task<Transcript, Never> {
    let (pieces, feed) = AsyncStream<(Data, ContinuousClock.Instant)>.makeStream()
    Thread.detachNewThread {
      while case let bytes = handle.availableData, !bytes.isEmpty { feed.yield((bytes, ContinuousClock.now)) }
      feed.finish()
    }
    return Task.detached {
      var transcript = Transcript()
      for await (bytes, instant) in pieces { transcript.append(bytes, at: instant) }
      return transcript
    }
  }
}
