import Glibc
import PTY

/// What every scenario uses: checks, waiting for conditions, and running commands in a session.
enum Probe {
  nonisolated(unsafe) private static var failures = 0  // Written and read by the main thread only.

  /// The longest any single condition is waited for, in milliseconds.
  static let patienceMilliseconds: Int64 = 60_000

  static func check(_ holds: Bool, _ rule: @autoclosure () -> String, line: Int = #line, file: String = #fileID) {
    guard !holds else { return }
    unsafe failures += 1
    say("FAILED \(file):\(line) \(rule())")
  }

  static func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
  }

  static func finish() -> Never {
    exit(unsafe failures == 0 ? 0 : 1)
  }

  static func now() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Asks again and again until it is so; false when it never was.
  static func wait(_ limit: Int64 = patienceMilliseconds, until holds: () -> Bool) -> Bool {
    let deadline = now() + limit
    while !holds() {
      if now() > deadline { return false }
      _ = poll(nil, 0, 3)
    }
    return true
  }

  /// Waits for what has to be so before a scenario can go on.
  static func must(until holds: () -> Bool, line: Int = #line, file: String = #fileID) {
    check(wait(until: holds), "this never came about", line: line, file: file)
  }

  /// Waits until one of the descriptors has something to read, or is hung up.
  static func waitReadable(_ descriptors: [CInt], _ limit: Int64 = patienceMilliseconds) {
    var watched = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = unsafe poll(&watched, nfds_t(watched.count), CInt(limit))
  }

  static func readFile(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      guard case .bytes(let more) = readSome(descriptor) else { return bytes }
      bytes += more
    }
  }

  enum Reading { case bytes(ArraySlice<UInt8>), nothingYet, ended }

  static func readSome(_ descriptor: CInt) -> Reading {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    if count > 0 { return .bytes(buffer[..<count]) }
    return count < 0 && errno == EAGAIN ? .nothingYet : .ended
  }

  /// Names in a directory, without `.` and `..`.
  static func names(in path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}

/// Looks at processes from outside, by /proc.
enum Processes {
  /// Processes whose environment carries the mark and which are not zombies, with their names.
  static func marked(_ mark: String) -> [(pid: Int32, name: String)] {
    let wanted = Array("FIXLINE_MARK=\(mark)".utf8)
    return all().compactMap { pid in
      guard let environment = Probe.readFile("/proc/\(pid)/environ"),
        environment.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
      else { return nil }
      return (pid, name(pid))
    }
  }

  static func all() -> [Int32] {
    Probe.names(in: "/proc").compactMap { Int32($0) }
  }

  static func name(_ pid: Int32) -> String {
    guard let bytes = Probe.readFile("/proc/\(pid)/comm") else { return "" }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  /// Fields of /proc/PID/stat after the name: state, parent, group, session, …
  static func fields(_ pid: Int32) -> [String] {
    guard let bytes = Probe.readFile("/proc/\(pid)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return [] }
    return String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ").map(String.init)
  }

  static func parent(_ pid: Int32) -> Int32? {
    let fields = fields(pid)
    return fields.count > 1 ? Int32(fields[1]) : nil
  }

  static func state(_ pid: Int32) -> String { fields(pid).first ?? "" }

  static func session(_ pid: Int32) -> Int32? {
    let fields = fields(pid)
    return fields.count > 3 ? Int32(fields[3]) : nil
  }

  static func children(_ pid: Int32) -> [Int32] { all().filter { parent($0) == pid } }

  static func descriptorCount(_ pid: Int32) -> Int { Probe.names(in: "/proc/\(pid)/fd").count }

  static func status(_ pid: Int32, _ field: String) -> String {
    let text = String(decoding: Probe.readFile("/proc/\(pid)/status") ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix(field + ":") {
      return line.dropFirst(field.utf8.count + 1).split(separator: "\t").joined(separator: " ")
    }
    return ""
  }
}
