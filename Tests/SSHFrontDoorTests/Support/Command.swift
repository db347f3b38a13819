import Foundation

/// A program run by the tests, with its streams in files.
final class Command {
  /// How it ended.
  struct Result {
    /// The exit status; 124 when it took too long; 128 and the signal's number when a signal ended it.
    var status: Int32
    var output: [UInt8]
    var errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
  }

  private let process = Process()
  private let outputPath: String
  private let errorPath: String
  private let status = Watched<Int32?>(nil)

  /// Starts it. `arguments[0]` is looked up in PATH; input is a file, /dev/null by default.
  init(_ arguments: [String], directory: String, input: String = "/dev/null", output: String? = nil) throws {
    let name = directory + "/run-" + UUID().uuidString
    outputPath = output ?? name + ".out"
    errorPath = name + ".err"
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8",
    ]
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
    process.standardOutput = try Self.create(outputPath)
    process.standardError = try Self.create(errorPath)
    process.terminationHandler = { [status] process in
      let code = process.terminationStatus
      status.change { $0 = process.terminationReason == .exit ? code : 128 + code }
    }
    try process.runWithOpenSignals()
  }

  private static func create(_ path: String) throws -> FileHandle {
    if path != "/dev/null" { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  var pid: Int32 { process.processIdentifier }

  /// Waits for its end; the programs end themselves in time, by `timeout`.
  func wait() -> Int32 {
    _ = status.wait(seconds: 600) { $0 != nil }
    return status.now ?? -1
  }

  /// Waits for its end and reads what it wrote.
  func result() -> Result {
    let status = wait()
    return Result(
      status: status, output: Array(FileManager.default.contents(atPath: outputPath) ?? Data()), errors: errorText)
  }

  /// What it has written to stderr up to now.
  var errorText: String { String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self) }

  /// What it has written to stdout up to now.
  var outputText: String { String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self) }

  func signal(_ number: Int32) { kill(pid, number) }
}

extension Process {
  /// The threads of the tests and of the front door block signals, which a child would inherit: it would not even notice a
  /// broken pipe.
  func runWithOpenSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
