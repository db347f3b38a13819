import Foundation

/// A program that stays, and what it has printed so far.
struct Daemon: Sendable {
  /// How long it may take to be ready.
  static let readyLimit = Duration.seconds(30)

  let name: String
  let child: Child
  let outputPath: String
  let errorPath: String

  var output: String { Self.text(outputPath) }
  var error: String { Self.text(errorPath) }

  /// The first line of `stream` that `read` makes something of.
  func firstLine<Value: Sendable>(
    _ stream: KeyPath<Daemon, String>, _ what: String, _ read: (Substring) -> Value?
  ) async throws -> Value {
    let deadline = ContinuousClock.now.advanced(by: Self.readyLimit)
    while true {
      try Task.checkCancellation()
      let alive = child.groupExists
      // sshd ends its lines with CR LF, which is one character; what is behind the last end is not complete.
      let complete = self[keyPath: stream].split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .dropLast()
      if let found = complete.lazy.compactMap(read).first { return found }
      guard alive else { throw BenchFailure("\(name) ended before \(what): \(Complaint.line(error))") }
      guard ContinuousClock.now < deadline else {
        throw BenchFailure("\(name) gave no \(what) within \(Self.readyLimit): \(Complaint.line(error))")
      }
      await Pause.short()
    }
  }

  private static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
