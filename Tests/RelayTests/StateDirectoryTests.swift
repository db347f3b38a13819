import Foundation
import SessionModel
import Testing

@testable import Relay

@Suite("The state directory")
struct StateDirectoryTests {
  private func temporary() -> String { NSTemporaryDirectory() + "fixline-state-" + UUID().uuidString }

  @Test("it is made with mode 0700 and locked against a second relay")
  func lock() throws {
    let path = temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try StateDirectory.openForServing(path)
    #expect(first.path == path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)
    let failure = #expect(throws: RelayFailure.self) { try StateDirectory.openForServing(path) }
    #expect(failure?.kind == .busy)
  }

  @Test("a file in its place, and a parent that is missing, are refused with a line")
  func wrongPlaces() throws {
    let path = temporary()
    try Data().write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: RelayFailure.self) { try StateDirectory.openForServing(path) }
    let failure = #expect(throws: RelayFailure.self) { try StateDirectory.openForServing(path + "-none/below") }
    #expect(failure?.kind == .cannotCreate)
  }

  @Test("a command on a directory that holds no relay says how to start one")
  func noRelay() throws {
    let path = temporary()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let failure = #expect(throws: RelayFailure.self) { try StateDirectory.openForCommand(path) }
    #expect(failure?.line.contains("serve") == true && failure?.exitCode == 1)
  }

  @Test("technicians are added, listed and removed; mistakes are refused with a line")
  func technicians() throws {
    let path = temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try RelayStores(directory: try StateDirectory.openForServing(path))
    let key = path + "/k.pub"
    try Data("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1Rw3wZL3oVfF0xJvGLcZ4fDUTuVLRk2u6kUoZ6m5bV x\n".utf8)
      .write(to: URL(fileURLWithPath: key))
    let added = try TechnicianReports.add("anna", keyFile: key, role: .technician, state: path)
    #expect(added.contains("anna"))
    #expect(throws: RelayFailure.self) {
      try TechnicianReports.add("boris", keyFile: key, role: .technician, state: path)
    }
    #expect(throws: RelayFailure.self) {
      try TechnicianReports.add("desk", keyFile: key, role: .technician, state: path)
    }
    #expect(throws: RelayFailure.self) {
      try TechnicianReports.add("carl", keyFile: path, role: .technician, state: path)
    }
    #expect(try TechnicianReports.list(json: true, state: path).contains("\"name\":\"anna\""))
    #expect(try TechnicianReports.remove("anna", state: path).contains("anna"))
    #expect(throws: RelayFailure.self) { try TechnicianReports.remove("anna", state: path) }
    let verified = try LedgerReports.verify(json: false, state: path)
    #expect(verified.isWhole, "\(verified.text)")
  }
}
