import Foundation

/// Runs the stock clients against one world.
struct Bench: Sendable {
  /// Slowest rate that is waited for, beside a fixed part.
  static let slowestMiBPerSecond = 1.0

  let world: World
  let workplace: Workplace
  let plan: BenchPlan
  let payload: Payload

  private var bytes: Int { plan.payloadBytes(world.condition) }
  private var mebibytes: Double { Double(bytes) / Double(1 << 20) }
  private var file: String { payload.file(world.condition) }
  private var limit: Duration { .seconds(60) + .seconds(mebibytes / Self.slowestMiBPerSecond) }
  private var shell: String { "ssh -F '\(world.configuration)'" }

  /// One round of one measurement: its samples in the unit of its row.
  func samples(_ measurement: Metric, _ setUp: SetUpName) async throws -> [Double] {
    switch measurement {
    case .attach:
      var samples: [Double] = []
      for _ in 0..<plan.attachesPerRound { samples.append(try await attach(setUp)) }
      return samples
    case .echo: return try await Echo(bench: self).samples(setUp, count: plan.echoSamples(world.condition))
    case .bulkOut: return [try await bulkOut(setUp.rawValue, bytes: bytes)]
    case .bulkIn: return [try await bulkIn(setUp.rawValue, file, bytes: bytes)]
    case .sftpGet: return [try await sftp(setUp, "get", from: file)]
    case .sftpPut: return [try await sftp(setUp, "put", from: file)]
    case .scp: return [try await scp(setUp)]
    case .rsync: return [try await rsync(setUp)]
    case .stalls, .resume, .retained, .sessions: return []
    }
  }

  /// `ssh HOST true`, in seconds.
  func attach(_ setUp: SetUpName) async throws -> Double {
    try await workplace.run(world.client("ssh", [setUp.rawValue, "true"])).seconds
  }

  /// Whether bytes arrive as they left, both ways. It also opens the session, which the first attach would otherwise pay.
  func verify(_ host: String) async throws {
    let there = try await workplace.run(
      world.client("ssh", [host, "sha256sum"]), input: .file(payload.check), output: .transcript,
      within: limit)
    guard there.output.text.hasPrefix(payload.checkHash) else {
      throw BenchFailure("\(host): bytes on their way to the machine were changed")
    }
    let copy = "\(world.directory)/check-back"
    _ = try await workplace.run(
      world.client("ssh", [host, "cat '\(payload.check)'"]), output: .file(copy), within: limit)
    try await compare(copy, host)
  }

  /// The same for sftp, before its first round.
  func verifyFiles(_ setUp: SetUpName) async throws {
    for verb in ["get", "put"] { _ = try await sftp(setUp, verb, from: payload.check, compare: true) }
  }

  private func compare(_ copy: String, _ host: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: copy) }
    guard try await Payload.hash(copy, workplace) == payload.checkHash else {
      throw BenchFailure("\(host): what arrived is not what was sent")
    }
  }

  /// From a command's output, in MiB/s; `host` is an alias of the world's ssh_config.
  func bulkOut(_ host: String, bytes: Int) async throws -> Double {
    let finished = try await workplace.run(
      world.client("ssh", [host, "echo go >&2; exec head -c \(bytes) /dev/zero"]), within: limit)
    return try rate(finished, from: finished.error.arrival(of: "go\n"), bytes: bytes)
  }

  /// To a command's input, in MiB/s; `file` is of so many bytes.
  func bulkIn(_ host: String, _ file: String, bytes: Int) async throws -> Double {
    let finished = try await workplace.run(
      world.client("ssh", [host, "echo go >&2; exec cat > /dev/null"]), input: .file(file), within: limit)
    return try rate(finished, from: finished.error.arrival(of: "go\n"), bytes: bytes)
  }

  /// From the moment the connection was of use to the client's end.
  private func rate(_ finished: Finished, from start: ContinuousClock.Instant?, bytes: Int) throws -> Double {
    guard let start, start < finished.ended else { throw BenchFailure("the command never said that it had begun") }
    return Double(bytes) / Double(1 << 20) / (finished.ended - start).inSeconds
  }

  /// sftp in batch mode prints each command as it begins it: that starts the clock.
  private func sftp(_ setUp: SetUpName, _ verb: String, from: String, compare: Bool = false) async throws -> Double {
    let copy = "\(world.directory)/copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let batch = "\(world.directory)/batch"
    try "pwd\n\(verb) \"\(from)\" \"\(copy)\"\n".write(toFile: batch, atomically: false, encoding: .utf8)
    let finished = try await workplace.run(
      world.client("sftp", ["-b", batch, setUp.rawValue]), output: .transcript, within: limit)
    if compare {
      try await self.compare(copy, setUp.rawValue)
      return 0
    }
    try expect(copy, bytes)
    return try rate(finished, from: finished.output.arrival(of: "sftp> \(verb) "), bytes: bytes)
  }

  private func scp(_ setUp: SetUpName) async throws -> Double {
    let copy = "\(world.directory)/copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let finished = try await workplace.run(
      world.client("scp", ["-q", "-s", file, "\(setUp.rawValue):\(copy)"]), within: limit)
    try expect(copy, bytes)
    return finished.seconds
  }

  private func rsync(_ setUp: SetUpName) async throws -> Double {
    let copy = "\(world.directory)/tree"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let finished = try await workplace.run(
      ["rsync", "-a", "-e", shell, "\(payload.tree)/", "\(setUp.rawValue):\(copy)/"], within: limit)
    _ = try await workplace.run(["diff", "-r", payload.tree, copy])
    return finished.seconds
  }

  private func expect(_ path: String, _ bytes: Int) throws {
    let found = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
    guard found?.intValue == bytes else {
      throw BenchFailure("\(found?.intValue ?? 0) of \(bytes) bytes arrived though the client said it was done")
    }
  }
}
