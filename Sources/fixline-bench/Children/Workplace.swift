import Foundation
import Glibc

/// A directory of its own and every program that is running: both are gone at the end, whatever the end is.
actor Workplace {
  /// How long a program may take to end before it is killed.
  static let patience = Duration.seconds(10)

  nonisolated let path: String
  private var daemons: [Child] = []
  /// Cleans up when this program is killed: it waits for the end of its input, which then comes.
  nonisolated let janitor: Child
  private var files = 0

  /// Makes the directory in /dev/shm when there is room for `bytes`, else where temporary files go.
  init(bytes: Int) throws {
    let candidates = ["/dev/shm", FileManager.default.temporaryDirectory.path]
    let roomy = candidates.first { place in
      let free = try? FileManager.default.attributesOfFileSystem(forPath: place)[.systemFreeSize] as? NSNumber
      return (free?.intValue ?? 0) > bytes && FileManager.default.isWritableFile(atPath: place)
    }
    guard let roomy else {
      throw BenchFailure(
        "\(bytes >> 20) MiB are needed in \(candidates.joined(separator: " or ")): make room or take fewer --mebibytes")
    }
    path = "\(roomy)/fixline-bench-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    do {
      janitor = try Child(["sh", "-c", Self.janitor, "sh", path], directory: "/", input: .pipe, error: .nothing)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
  }

  /// Learns which groups to end, and ends them when this program is gone, however it went.
  private static let janitor = """
    trap '' INT TERM HUP
    groups=' '
    while read -r verb group; do
      case $verb in
        add) groups="$groups$group " ;;
        drop) groups="${groups%% $group *} ${groups#* $group }" ;;
      esac
    done
    for group in $groups; do kill -s TERM -- -$group; done
    [ "$groups" = ' ' ] || sleep 2
    for group in $groups; do kill -s KILL -- -$group; done
    [ ! -d "$1" ] || { for mount in "$1"/*/mount; do fusermount3 -u -z "$mount"; done; rm -rf --one-file-system "$1"; }
    """

  /// Starts a program that stays; it is ended with the rest. Its output and error are files with these names.
  func start(_ name: String, _ arguments: [String], directory: String) throws -> Daemon {
    files += 1
    let output = "\(directory)/\(name)-\(files).out"
    let error = "\(directory)/\(name)-\(files).err"
    let child = try Child(arguments, directory: directory, output: .file(output), error: .file(error))
    daemons.append(child)
    tell("add \(child.group)")
    return Daemon(name: name, child: child, outputPath: output, errorPath: error)
  }

  /// Starts a program whose input and output are in the caller's hands; see ``stop(_:)``.
  func converse(_ arguments: [String], input: Child.Input, output: Child.Output) throws -> Child {
    let child = try Child(arguments, directory: path, input: input, output: output)
    daemons.append(child)
    tell("add \(child.group)")
    return child
  }

  /// Ends a program, also a stopped one: asked first, then killed. With SIGKILL it is not asked.
  func stop(_ child: Child, with number: CInt = SIGTERM) async {
    try? child.inputEnd?.close()
    child.signal(number)
    child.signal(SIGCONT)
    let deadline = ContinuousClock.now.advanced(by: number == SIGKILL ? .zero : Self.patience)
    while child.groupExists, ContinuousClock.now < deadline { await Pause.short() }
    child.signal(SIGKILL)
    _ = await child.exit.value
    tell("drop \(child.group)")
    daemons.removeAll { $0 === child }
  }

  /// Ends all that stays. All are asked before the first is waited for.
  func endDaemons() async {
    for child in daemons { child.signal(SIGTERM) }
    for child in daemons.reversed() { await stop(child) }
  }

  /// Ends all that is left and removes the directory.
  func end() async {
    await endDaemons()
    try? FileManager.default.removeItem(atPath: path)
    try? janitor.inputEnd?.close()
    _ = await janitor.exit.value
  }

  private func tell(_ line: String) { try? janitor.inputEnd?.write(contentsOf: Data("\(line)\n".utf8)) }

  /// Runs a program to its end; anything but success is an error with what it complained about.
  nonisolated func run(
    _ arguments: [String], input: Child.Input = .nothing, output: Child.Output = .nothing,
    within limit: Duration = .seconds(60)
  ) async throws -> Finished {
    try Task.checkCancellation()
    let child = try Child(arguments, directory: path, input: input, output: output)
    let watchdog = Task.detached {
      try await Task.sleep(for: limit)
      child.signal(SIGKILL)
      return true
    }
    let exit = await withTaskCancellationHandler {
      await child.exit.value
    } onCancel: {
      child.signal(SIGKILL)
    }
    watchdog.cancel()
    try Task.checkCancellation()
    let finished = Finished(
      started: child.started, ended: exit.at, output: await child.output.value, error: await child.error.value)
    if exit.status == 0 { return finished }
    if (try? await watchdog.value) == true { throw BenchFailure("\(child.label) took longer than \(limit)") }
    throw BenchFailure(Complaint.line(child.label, status: exit.status, finished.error.text))
  }
}

/// A program that ran to its end.
struct Finished: Sendable {
  let started: ContinuousClock.Instant
  let ended: ContinuousClock.Instant
  let output: Transcript
  let error: Transcript

  /// From start to end.
  var seconds: Double { (ended - started).inSeconds }
}

extension Duration {
  /// As a fraction.
  var inSeconds: Double { self / .seconds(1) }
}

/// Waiting for something that announces itself nowhere.
enum Pause {
  /// One look to the next.
  static func short() async { try? await Task.sleep(for: .milliseconds(5)) }
}
