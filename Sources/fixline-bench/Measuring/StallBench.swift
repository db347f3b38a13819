import Foundation
import Glibc

/// Brings a transfer through Fixline to a standstill and looks at what relay and agent hold meanwhile.
struct StallBench: Sendable {
  /// What must have passed before the standstill.
  static let flowingBytes = 16 << 20
  /// How long it stands while memory is watched.
  static let standing = Duration.seconds(3)
  /// How long flowing, and coming to rest, may take.
  static let patience = Duration.seconds(30)
  /// Sent at most; a sparse file, so it takes no room.
  static let sourceBytes: UInt64 = 8 << 30

  let bench: Bench

  private var world: World { bench.world }
  private var workplace: Workplace { bench.workplace }

  /// One standstill; a failure is part of the result, for the others to go on.
  func stall(_ kind: Stall.Kind) async throws -> Stall {
    let sampler = MemorySampler([world.fixline.relay, world.fixline.agent])
    do {
      let attachSeconds =
        switch kind {
        case .technician: try await technician()
        case .machine: try await machine()
        case .disk: try await disk()
        }
      let peaks = await sampler.stop().map { Double($0) / Double(1 << 20) }
      return Stall(
        kind: kind,
        result: .success(.init(relayGrowthMiB: peaks[0], agentGrowthMiB: peaks[1], attachSeconds: attachSeconds)))
    } catch let failure as BenchFailure {
      _ = await sampler.stop()
      return Stall(kind: kind, result: .failure(failure))
    } catch {
      _ = await sampler.stop()
      throw error
    }
  }

  /// The client is stopped in the middle of a long output.
  private func technician() async throws -> Double {
    let child = try await workplace.converse(
      world.client("ssh", ["fixline", "exec head -c \(Self.sourceBytes) /dev/zero"]), input: .nothing, output: .nothing)
    return try await ending(child) {
      try await flowing(child) { child.program.flatMap(ProcessProbe.bytesMoved) }
      child.signal(SIGSTOP)
      return try await attachBeside()
    }
  }

  /// The command takes nothing of an endless input.
  private func machine() async throws -> Double {
    let child = try await workplace.converse(
      world.client("ssh", ["fixline", "exec sleep 120"]), input: .file("/dev/zero"), output: .nothing)
    return try await ending(child) {
      // No more than the windows on the way will ever pass: that something did is enough.
      try await flowing(child, bytes: 1 << 16) { child.program.flatMap(ProcessProbe.bytesMoved) }
      return try await attachBeside()
    }
  }

  /// A file is put onto a file system whose server stops answering: an sshfs mount, its process stopped.
  private func disk() async throws -> Double {
    let mount = "\(world.directory)/mount"
    let behind = "\(world.directory)/behind"
    let source = "\(world.directory)/sparse"
    let batch = "\(world.directory)/stall-batch"
    for path in [mount, behind] where !FileManager.default.fileExists(atPath: path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    _ = try await workplace.run(["truncate", "-s", "\(Self.sourceBytes)", source])
    try "put \"\(source)\" \"\(mount)/copy\"\n".write(toFile: batch, atomically: false, encoding: .utf8)
    let server = try await workplace.converse(
      ["sshfs", "-f", "-F", world.configuration, "sshd:\(behind)", mount], input: .nothing, output: .nothing)
    let result: Result<Double, any Error>
    do {
      try await mounted(mount, server)
      let child = try await workplace.converse(
        world.client("sftp", ["-b", batch, "fixline"]), input: .nothing, output: .nothing)
      result = .success(
        try await ending(child) {
          try await flowing(child) { size("\(behind)/copy") }
          server.signal(SIGSTOP)
          return try await attachBeside()
        })
    } catch {
      result = .failure(error)
    }
    // Ending the server breaks the mount: whoever waits for it gets an error and goes on.
    await workplace.stop(server, with: SIGKILL)
    _ = try? await workplace.run(["fusermount3", "-u", "-z", mount])
    return try result.get()
  }

  /// Runs `body`, then ends the client, whatever came of it.
  private func ending(
    _ child: Child, _ body: () async throws -> Double
  ) async throws -> Double {
    do {
      let found = try await body()
      await workplace.stop(child, with: SIGKILL)
      return found
    } catch {
      await workplace.stop(child, with: SIGKILL)
      throw error
    }
  }

  private func flowing(_ child: Child, bytes: Int = flowingBytes, _ moved: () -> Int?) async throws {
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while (moved() ?? 0) < bytes {
      try Task.checkCancellation()
      if !child.groupExists {
        let status = await child.exit.value.status
        throw BenchFailure(Complaint.line(child.label, status: status, await child.error.value.text))
      }
      guard ContinuousClock.now < deadline else { throw BenchFailure("nothing began to flow within \(Self.patience)") }
      await Pause.short()
    }
  }

  private func mounted(_ mount: String, _ server: Child) async throws {
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while try device(mount) == device(world.directory) {
      try Task.checkCancellation()
      guard server.groupExists, ContinuousClock.now < deadline else {
        await workplace.stop(server, with: SIGKILL)
        throw BenchFailure("sshfs does not mount here: " + (await server.error.value.text.prefix(200)))
      }
      await Pause.short()
    }
  }

  private func device(_ path: String) throws -> Int? {
    (try FileManager.default.attributesOfItem(atPath: path)[.systemNumber] as? NSNumber)?.intValue
  }

  private func size(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue
  }

  /// Waits until nothing moves, then for ``standing``. Another channel has to work all the while: how long one takes to open.
  private func attachBeside() async throws -> Double {
    let pair = world.fixline
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while true {
      let before = (pair.relay.cpuSeconds ?? 0) + (pair.agent.cpuSeconds ?? 0)
      try await Task.sleep(for: .milliseconds(500))
      // Pings and checkpoints go on: less than a twentieth of one core is rest.
      if (pair.relay.cpuSeconds ?? 0) + (pair.agent.cpuSeconds ?? 0) - before < 0.025 { break }
      guard ContinuousClock.now < deadline else { throw BenchFailure("it did not come to rest in \(Self.patience)") }
    }
    try await Task.sleep(for: Self.standing)
    guard pair.relay.cpuSeconds != nil, pair.agent.cpuSeconds != nil else {
      throw BenchFailure("relay or agent ended in the standstill")
    }
    return try await bench.attach(.fixline)
  }
}
