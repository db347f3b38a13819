import Foundation
import Glibc

/// What /proc says of processes that are not the tests' own children.
enum Processes {
  /// The user without rights.
  static let nobody: uid_t = 65534

  /// The running processes whose command line contains `text`, by pid. Zombies have none and do not count.
  static func matching(_ text: String) -> [pid_t: String] {
    var found: [pid_t: String] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = pid_t(name), pid != getpid(), let command = command(of: pid), command.contains(text) else {
        continue
      }
      found[pid] = command
    }
    return found
  }

  /// A process's command line with spaces between arguments; nil when it has gone.
  static func command(of pid: pid_t) -> String? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"), !data.isEmpty else { return nil }
    return String(decoding: data.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }

  /// Whether a process runs: it exists and is no zombie.
  static func runs(_ pid: pid_t) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    let state = stat.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }

  /// A field of /proc/PID/status in KiB, such as VmRSS.
  static func kibibytes(_ field: String, of pid: pid_t) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    for line in status.split(separator: "\n") where line.hasPrefix(field + ":") {
      if let value = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) }) {
        return value
      }
    }
    throw Failure("no \(field) of \(pid)")
  }

  /// Makes the peak resident size (VmHWM) count from now.
  static func resetPeak(of pid: pid_t) throws {
    try "5".write(toFile: "/proc/\(pid)/clear_refs", atomically: false, encoding: .utf8)
  }

  /// SIGSTOP that has taken effect: the kernel stops threads one after the other, some behind a system call.
  static func stop(_ pid: pid_t) throws {
    kill(pid, SIGSTOP)
    try waitUntil("that \(pid) stands still") {
      let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
      return try threads.allSatisfy { thread in
        let stat = try String(contentsOfFile: "/proc/\(pid)/task/\(thread)/stat", encoding: .utf8)
        return stat.split(separator: ")").last?.split(separator: " ").first == "T"
      }
    }
  }

  /// Waits until no process has `text` in its command line.
  static func waitUntilGone(_ text: String, within limit: Duration = .seconds(15)) throws {
    try waitUntil("the end of every process with \(text)", within: limit, seen: { "\(matching(text))" }) {
      matching(text).isEmpty
    }
  }

  /// The children of a process, theirs, and so on.
  static func descendants(of pid: pid_t) throws -> [pid_t] {
    let direct = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    let children = direct.split(separator: " ").compactMap { pid_t($0) }
    return try children + children.flatMap { try descendants(of: $0) }
  }

  /// Waits until none of them runs.
  static func waitUntilGone(_ family: [pid_t], within limit: Duration = .seconds(15)) throws {
    try waitUntil(
      "the end of \(family)", within: limit, seen: { "\(family.filter(runs).map { command(of: $0) ?? "?" })" }
    ) {
      !family.contains(where: runs)
    }
  }
}
