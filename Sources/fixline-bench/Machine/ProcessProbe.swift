import Foundation
import Glibc

/// What the kernel says about a process, from /proc (proc(5)).
struct ProcessProbe: Sendable {
  let pid: pid_t
  /// Resident bytes when the probe was made.
  let residentAtStart: Int

  private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))
  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  init(pid: pid_t) throws(BenchFailure) {
    guard let resident = Self.residentBytes(pid) else { throw BenchFailure("there is no process \(pid) to measure") }
    self.pid = pid
    residentAtStart = resident
  }

  /// Resident bytes; nil when the process is gone.
  static func residentBytes(_ pid: pid_t) -> Int? { read("/proc/\(pid)/statm").flatMap(resident(statm:)) }

  /// The second field of statm, in bytes.
  static func resident(statm: String) -> Int? {
    let fields = statm.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * pageBytes } : nil
  }

  /// Processor time of all threads so far, user and system, in seconds; to a hundredth.
  var cpuSeconds: Double? {
    Self.read("/proc/\(pid)/stat").flatMap(Self.cpuTicks(stat:)).map { $0 / Self.ticksPerSecond }
  }

  /// The same of each of its event loops, in the order in which they were made. Other threads come and go; what they took is
  /// the rest of ``cpuSeconds``.
  var loopSeconds: [Double] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    let loops = tasks.compactMap(pid_t.init).sorted().compactMap { task -> String? in
      guard let stat = Self.read("/proc/\(pid)/task/\(task)/stat"), stat.contains("(NIO-ELT-") else { return nil }
      return stat
    }
    return loops.compactMap(Self.cpuTicks(stat:)).map { $0 / Self.ticksPerSecond }
  }

  /// utime and stime. The name before them stands in parentheses and may hold anything, also `)`.
  static func cpuTicks(stat: String) -> Double? {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[end...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
    return user + system
  }

  /// Bytes it has read and written by any call so far, pipes and sockets included.
  static func bytesMoved(_ pid: pid_t) -> Int? {
    guard let text = read("/proc/\(pid)/io") else { return nil }
    let counts = text.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix("rchar:") || line.hasPrefix("wchar:") else { return nil }
      return line.split(separator: " ").last.flatMap { Int($0) }
    }
    return counts.count == 2 ? counts[0] + counts[1] : nil
  }

  /// Processes whose parent is `pid`.
  static func children(of pid: pid_t) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { candidate in
      guard let stat = read("/proc/\(candidate)/stat"), let end = stat.lastIndex(of: ")") else { return false }
      let fields = stat[end...].split(separator: " ")
      return fields.count > 2 && pid_t(fields[2]) == pid
    }
  }

  private static func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Watches the resident size of processes until it is stopped.
struct MemorySampler: Sendable {
  /// How often it looks.
  static let interval = Duration.milliseconds(20)

  private let task: Task<[Int], Never>

  /// Starts to watch; each peak is given in bytes above `residentAtStart`.
  init(_ probes: [ProcessProbe]) {
    task = Task.detached {
      var peaks = probes.map { _ in 0 }
      repeat {
        for (index, probe) in probes.enumerated() {
          let growth = (ProcessProbe.residentBytes(probe.pid) ?? 0) - probe.residentAtStart
          peaks[index] = max(peaks[index], growth)
        }
        try? await Task.sleep(for: Self.interval)
      } while !Task.isCancelled
      return peaks
    }
  }

  /// Ends the watch and gives the peaks.
  func stop() async -> [Int] {
    task.cancel()
    return await task.value
  }
}
