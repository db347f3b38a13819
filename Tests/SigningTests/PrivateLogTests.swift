import Foundation
import Glibc
import Testing

@testable import Signing

@Suite("A private file that grows")
final class PrivateLogTests {
  private let directory: String
  private var path: String { "\(directory)/log" }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID())").path
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("it is made private in a private directory, grows, and is replaced as a whole")
  func life() throws {
    let log = try PrivateLog(path: path)
    #expect(try log.read(limit: 10) == .missing)
    // Nothing is appended where nothing was begun: what stands there may be torn.
    #expect(throws: SigningError.self) { try log.append([1]) }
    try log.replace(with: Array("one\n".utf8))
    try log.append(Array("two\n".utf8))
    #expect(try text() == "one\ntwo\n")
    #expect(try log.read(limit: 8) == .bytes(Array("one\ntwo\n".utf8)))
    #expect(try log.read(limit: 7) == .tooLong)
    try log.replace(with: Array("three\n".utf8))
    try log.append(Array("four\n".utf8))
    #expect(try text() == "three\nfour\n")
    for (name, mode) in [(path, 0o600), (directory, 0o700), ("\(path).lock", 0o600)] {
      #expect(try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions] as? Int == mode, "\(name)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["log", "log.lock"])
  }

  @Test("one program at a time, and the lock goes with it")
  func locked() throws {
    do {
      let first = try PrivateLog(path: path)
      #expect(throws: SigningError.self) { try PrivateLog(path: path) }
      try first.replace(with: [1])
    }
    _ = try PrivateLog(path: path)
  }

  @Test("links, pipes and directories are refused", arguments: ["link", "fifo", "directory"])
  func unfit(kind: String) throws {
    let log = try PrivateLog(path: path)
    switch kind {
    case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/hostname")
    case "fifo":
      let isMade = unsafe mkfifo(path, 0o600) == 0
      #expect(isMade)
    default: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    #expect(throws: SigningError.self) { try log.read(limit: 10) }
    if kind == "directory" { #expect(throws: SigningError.self) { try log.replace(with: [1]) } }
  }
}
