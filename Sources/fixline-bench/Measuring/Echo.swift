import Foundation
import Glibc

/// Keystrokes, one at a time: how long until the terminal at the other end has echoed it.
struct Echo: Sendable {
  /// Keystrokes before the first that counts.
  static let warmUp = 10
  /// Longest time for all of them.
  static let limit = Duration.seconds(120)

  let bench: Bench

  /// Types `count` letters; each sample in milliseconds.
  func samples(_ setUp: SetUpName, count: Int) async throws -> [Double] {
    // The terminal's own echo: cat only takes the line away, and never says a word.
    let child = try await bench.workplace.converse(
      bench.world.client("ssh", ["-tt", setUp.rawValue, "echo ready; exec cat > /dev/null"]), input: .pipe,
      output: .pipe)
    guard let input = child.inputEnd, let output = child.outputEnd else { throw BenchFailure("echo: no pipes") }
    let watchdog = Task.detached {
      try await Task.sleep(for: Self.limit)
      child.signal(SIGKILL)
    }
    let samples = await withTaskCancellationHandler {
      await withCheckedContinuation { (done: CheckedContinuation<[Double]?, Never>) in
        Thread.detachNewThread { done.resume(returning: Self.type(count, into: input, from: output)) }
      }
    } onCancel: {
      child.signal(SIGKILL)
    }
    watchdog.cancel()
    await bench.workplace.stop(child)
    try Task.checkCancellation()
    guard let samples else {
      let said = await child.error.value.text
      throw BenchFailure(Complaint.line("ssh -tt", status: await child.exit.value.status, said))
    }
    return samples
  }

  /// Nil when the other side ends or answers something else.
  private static func type(_ count: Int, into input: FileHandle, from output: FileHandle) -> [Double]? {
    let newline = UInt8(ascii: "\n")
    while let byte = read(output) { if byte == newline { break } }
    var samples: [Double] = []
    for index in 0..<(warmUp + count) {
      let letter = UInt8(ascii: "a") + UInt8(index % 26)
      let start = ContinuousClock.now
      guard (try? input.write(contentsOf: Data([letter]))) != nil, read(output) == letter else { return nil }
      if index >= warmUp { samples.append((ContinuousClock.now - start).inSeconds * 1000) }
    }
    return samples
  }

  private static func read(_ handle: FileHandle) -> UInt8? { (try? handle.read(upToCount: 1))?.first }
}
