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

  /// How many files this process and what it starts may have open; nil without a limit.
  static func openFilesLimit() -> Int? {
    let limits = FileManager.default.contents(atPath: "/proc/self/limits").map { String(decoding: $0, as: UTF8.self) }
    // "Max open files            1024                 524288               files"
    let line = limits?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    return line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
  }

  /// Memory that is free for programs to come, in bytes.
  static func availableBytes() -> Int? {
    let memory = FileManager.default.contents(atPath: "/proc/meminfo").map { String(decoding: $0, as: UTF8.self) }
    let line = memory?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }

  /// The first `model name` of /proc/cpuinfo; other architectures than x86 have none.
  static func model(cpuinfo: String) -> String {
    let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    return name.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown processor"
  }
}
