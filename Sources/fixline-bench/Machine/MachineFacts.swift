import Foundation

/// Where the figures come from.
struct MachineFacts: Encodable, Sendable {
  let cores: Int
  let cpu: String
  let kernel: String
  let ssh: String
  let rsync: String?

  /// Looks it up.
  static func read(_ workplace: Workplace) async throws -> MachineFacts {
    let cpu = FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let kernel = FileManager.default.contents(atPath: "/proc/sys/kernel/osrelease")
      .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    let ssh = try await workplace.run(["ssh", "-V"]).error.text
    let rsync = try? await workplace.run(["rsync", "--version"], output: .transcript).output.text
    return MachineFacts(
      cores: ProcessInfo.processInfo.activeProcessorCount, cpu: model(cpuinfo: cpu), kernel: kernel ?? "unknown",
      ssh: ssh.trimmingCharacters(in: .whitespacesAndNewlines),
      rsync: rsync?.split(separator: "\n").first.map(String.init))
  }

  /// The first `model name` of /proc/cpuinfo; other architectures than x86 have none.
  static func model(cpuinfo: String) -> String {
    let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    return name.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown processor"
  }
}
