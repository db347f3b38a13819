import Foundation

/// The files that are moved, made once. They are random, so that nobody gains by what they hold.
struct Payload: Sendable {
  /// The check's file: not a whole number of blocks, packets or records.
  static let checkBytes = (4 << 20) + 12_345
  /// Sizes of the tree's files, in bytes.
  static let treeFileBytes = 1024...8192
  /// Folders of the tree.
  static let treeFolders = 50

  let check: String
  let checkHash: String
  let tree: String
  private let directory: String

  /// Makes what every condition uses.
  static func make(_ plan: BenchPlan, _ workplace: Workplace) async throws -> Payload {
    let payload = "\(workplace.path)/files"
    try FileManager.default.createDirectory(atPath: payload, withIntermediateDirectories: false)
    let check = "\(payload)/check"
    try await random(check, bytes: checkBytes, workplace)
    for condition in plan.conditions {
      let path = file(condition, in: payload)
      if !FileManager.default.fileExists(atPath: path) {
        try await random(path, bytes: plan.payloadBytes(condition), workplace)
      }
    }
    let tree = "\(payload)/tree"
    if plan.measurements.contains(.rsync) {
      for index in 0..<plan.files {
        let folder = "\(tree)/\(index % treeFolders)"
        if index < treeFolders {
          try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let bytes = (0..<Int.random(in: treeFileBytes)).map { _ in UInt8.random(in: 0...255) }
        try Data(bytes).write(to: URL(filePath: "\(folder)/\(index)"))
      }
    }
    return Payload(check: check, checkHash: try await hash(check, workplace), tree: tree, directory: payload)
  }

  /// Bytes the workplace needs at most: each payload, what is moved at the moment, the tree twice, and the programs' own.
  static func room(_ plan: BenchPlan) -> Int {
    let sizes = Set(plan.conditions.map(plan.payloadBytes))
    return sizes.reduce(0, +) + (sizes.max() ?? 0) + 2 * plan.files * treeFileBytes.upperBound + 64 << 20
  }

  /// The payload of a condition.
  func file(_ condition: Condition) -> String { Self.file(condition, in: directory) }

  /// Its SHA-256 in hex, by coreutils.
  static func hash(_ path: String, _ workplace: Workplace) async throws -> String {
    let finished = try await workplace.run(["sha256sum", path], output: .transcript)
    return String(finished.output.text.prefix { $0 != " " })
  }

  private static func file(_ condition: Condition, in directory: String) -> String {
    "\(directory)/payload-\(condition.roundTripMilliseconds > 0 ? "delayed" : "near")"
  }

  private static func random(_ path: String, bytes: Int, _ workplace: Workplace) async throws {
    _ = try await workplace.run(["head", "-c", "\(bytes)", "/dev/urandom"], output: .file(path))
  }
}
