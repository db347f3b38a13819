import Foundation
import Glibc

/// A program that was started, leader of a process group of its own.
final class Child: Sendable {
  /// Where its standard input comes from.
  enum Input: Sendable {
    case nothing
    case file(String)
    case pipe
  }

  /// Where its output goes.
  enum Output: Sendable {
    case nothing
    case file(String)
    /// Kept, with the times at which it came.
    case transcript
    case pipe
  }

  /// How and when it ended. A signal counts 128 more, as in a shell.
  struct Exit: Sendable {
    let status: Int
    let at: ContinuousClock.Instant
  }

  let label: String
  /// Its process group; the first process in it is a shell that waits for the program.
  let group: pid_t
  let started: ContinuousClock.Instant
  let exit: Task<Exit, Never>
  let output: Task<Transcript, Never>
  let error: Task<Transcript, Never>
  /// The other end of an input that is a pipe.
  let inputEnd: FileHandle?
  /// The other end of an output that is a pipe.
  let outputEnd: FileHandle?

  /// One starts at a time: what is being opened for one child would be inherited by another, which then keeps it open.
  private static let starting = NSLock()

  /// Starts `arguments`, the first being looked up on the PATH.
  init(
    _ arguments: [String], directory: String, input: Input = .nothing, output: Output = .nothing,
    error: Output = .transcript
  ) throws {
    Self.starting.lock()
    defer { Self.starting.unlock() }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    // Foundation learns of an end by a socket that the child inherits, and an OpenSSH program closes every descriptor it
    // did not open. The shell around it keeps the socket open, and stays to the program's end when both are signalled.
    process.arguments = ["-c", "trap : HUP INT TERM; \"$@\"; exit $?", "sh"] + arguments
    process.currentDirectoryURL = URL(filePath: directory)
    var ends: [FileHandle] = []
    var inputEnd: FileHandle?
    switch input {
    case .nothing: process.standardInput = FileHandle.nullDevice
    case .file(let path):
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      ends.append(handle)
      process.standardInput = handle
    case .pipe:
      let pipe = Pipe()
      ends.append(pipe.fileHandleForReading)
      inputEnd = pipe.fileHandleForWriting
      process.standardInput = pipe
    }
    let (outputTarget, outputEnd) = try Self.target(output, closing: &ends)
    let (errorTarget, errorEnd) = try Self.target(error, closing: &ends)
    process.standardOutput = outputTarget
    process.standardError = errorTarget
    let (exits, ended) = AsyncStream<Exit>.makeStream()
    process.terminationHandler = { process in
      let status = Int(process.terminationStatus)
      ended.yield(Exit(status: process.terminationReason == .exit ? status : 128 + status, at: ContinuousClock.now))
      ended.finish()
    }
    started = ContinuousClock.now
    try process.run()
    for handle in ends { try? handle.close() }
    label = arguments.first ?? "nothing"
    group = process.processIdentifier
    exit = Task.detached {
      for await exit in exits { return exit }
      return Exit(status: -1, at: ContinuousClock.now)
    }
    self.output = Self.recorder(output, outputEnd)
    self.error = Self.recorder(error, errorEnd)
    self.inputEnd = inputEnd
    if case .pipe = output { self.outputEnd = outputEnd } else { self.outputEnd = nil }
  }

  private static func target(
    _ output: Output, closing ends: inout [FileHandle]
  ) throws -> (target: FileHandle, end: FileHandle?) {
    switch output {
    case .nothing: return (FileHandle.nullDevice, nil)
    case .file(let path):
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw BenchFailure("cannot write \(path)")
      }
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      ends.append(handle)
      return (handle, nil)
    case .transcript, .pipe:
      let pipe = Pipe()
      ends.append(pipe.fileHandleForWriting)
      return (pipe.fileHandleForWriting, pipe.fileHandleForReading)
    }
  }

  private static func recorder(_ output: Output, _ end: FileHandle?) -> Task<Transcript, Never> {
    if case .transcript = output, let end { Transcript.record(end) } else { Task { Transcript() } }
  }

  /// Sends a signal to all of its group.
  func signal(_ number: CInt) { Glibc.kill(-group, number) }

  /// Whether a process of its group is left.
  var groupExists: Bool { Glibc.kill(-group, 0) == 0 }

  /// The program itself, which the shell waits for.
  var program: pid_t? { ProcessProbe.children(of: group).first }
}
