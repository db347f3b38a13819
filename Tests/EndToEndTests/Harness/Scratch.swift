import Foundation
import Glibc

/// A directory of one test, mode 0700, removed at its end. Its path is short: a ControlPath must fit a socket address.
struct Scratch {
  let path: String

  init() throws {
    let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.utf8.count < 24 ? $0 : nil } ?? "/tmp"
    var template = Array("\(base)/fixline-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Failure("no temporary directory: errno \(errno)") }
    path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A path inside.
  func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a directory inside and returns its path.
  func directory(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  /// Writes a file inside and returns its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    return path(name)
  }

  /// A file's text, or nil when there is none.
  func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Sets a file's permission bits.
func setMode(_ path: String, _ mode: mode_t) { unsafe _ = chmod(path, mode) }

/// Makes `nobody` the owner.
func giveToNobody(_ path: String) { unsafe _ = chown(path, Processes.nobody, Processes.nobody) }
