import Foundation
import Glibc
import Synchronization

/// Runs `body` on a thread of its own: what blocks in the kernel must not take a thread of the tests' pool.
func detach(_ body: @escaping @Sendable () -> Void) {
  Thread.detachNewThread(body)
}

/// How a child ended.
enum Exit: Equatable, Sendable, CustomStringConvertible {
  case status(Int)
  case signal(Int)

  var description: String {
    switch self {
    case .status(let status): "exit status \(status)"
    case .signal(let number): "signal \(number)"
    }
  }
}

/// A program the tests started: a process group or, with a terminal, a session of its own.
final class Child: Sendable {
  /// Where its standard input comes from.
  enum Input: Sendable {
    /// At its end from the start.
    case nothing
    /// Written with `write`, ended with `endInput`.
    case pipe
    /// A file's content.
    case file(String)
    /// A controlling terminal, which is its output and error too.
    case terminal(columns: Int, rows: Int)
  }

  let label: String
  let pid: pid_t
  let output: Capture
  let error: Capture
  private let exitState = Mutex<Exit?>(nil)
  private let inputEnd: Mutex<CInt>
  private static let starting = Mutex(())

  /// How it ended, once it has.
  var exit: Exit? { exitState.withLock { $0 } }

  private init(label: String, pid: pid_t, output: Capture, error: Capture, inputEnd: CInt) {
    self.label = label
    self.pid = pid
    self.output = output
    self.error = error
    self.inputEnd = Mutex(inputEnd)
  }

  /// Starts `arguments[0]`, looked up on the PATH, with exactly the `environment`.
  static func start(
    _ arguments: [String], environment: [String: String], directory: String, input: Input = .nothing
  ) throws -> Child {
    // One at a time: a pipe is closed on exec only a moment after it was made.
    let (plan, pid) = try starting.withLock { _ in
      let plan = try SpawnPlan(input: input)
      return (plan, try plan.spawn(arguments, environment: environment, directory: directory))
    }
    let output = Capture()
    let error = Capture()
    output.read(from: plan.outputEnd)
    if plan.errorEnd >= 0 { error.read(from: plan.errorEnd) } else { error.end() }
    let child = Child(
      label: arguments.joined(separator: " "), pid: pid, output: output, error: error, inputEnd: plan.inputEnd)
    detach {
      var status: CInt = 0
      while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = Int(status & 0x7f)
      child.exitState.withLock { $0 = signal == 0 ? .status(Int(status >> 8) & 0xff) : .signal(signal) }
      Bell.ring()
    }
    return child
  }

  /// Sends all of `bytes` to its input, waiting where it does not read.
  func write(_ bytes: [UInt8]) throws {
    let descriptor = inputEnd.withLock { $0 }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure("\(label) takes no input: errno \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends text to its input.
  func type(_ text: String) throws { try write(Array(text.utf8)) }

  /// Ends its input.
  func endInput() {
    inputEnd.withLock {
      if $0 >= 0 { close($0) }
      $0 = -1
    }
  }

  /// Changes its terminal's size; the kernel tells it.
  func resize(columns: Int, rows: Int) {
    inputEnd.withLock { setTerminalSize($0, columns: columns, rows: rows) }
  }

  /// Sends a signal to the process alone.
  func signal(_ number: CInt) { Glibc.kill(pid, number) }

  /// Waits for its end and for all it printed.
  @discardableResult
  func wait(within limit: Duration = .seconds(20)) throws -> Exit {
    try waitUntil("the end of \(label)", within: limit, seen: { self.seen }) {
      self.exit != nil && self.output.ended && self.error.ended
    }
    return try unwrap(exit)
  }

  /// Waits until `output` contains `text`.
  func expect(_ text: String, within limit: Duration = .seconds(20)) throws {
    try waitUntil("\"\(text)\" from \(label)", within: limit, seen: { self.seen }) {
      // Asked first: what it prints last comes together with its end.
      let isOver = self.exit != nil && self.output.ended
      if self.output.text.contains(text) { return true }
      if isOver { throw Failure("\(label) ended before \"\(text)\". Seen: \(self.seen)") }
      return false
    }
  }

  /// What it printed and how it ended, for messages.
  var seen: String {
    """
    \(exit.map(\.description) ?? "still running, pid \(pid)")
    stdout: \(output.text.suffix(2000))
    stderr: \(error.text.suffix(2000))
    """
  }

  /// Ends it and its group, hard, and waits for that.
  func kill() {
    endInput()
    guard exit == nil else { return }
    Glibc.kill(-pid, SIGKILL)
    Glibc.kill(pid, SIGKILL)
    try? waitUntil("the end of \(label)", within: .seconds(5)) { self.exit != nil }
  }
}

/// The value, or an error that says where nil was.
func unwrap<Value>(_ value: Value?, _ what: String = "a value", line: Int = #line) throws -> Value {
  guard let value else { throw Failure("\(what) is missing (line \(line))") }
  return value
}
