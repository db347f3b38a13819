import Foundation
import Signing
import Testing

@Suite struct KeyFileTests {
  /// A new directory for one test, removed by the caller.
  static func directory() throws -> String {
    let path = NSTemporaryDirectory() + "fixline-keys-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return path
  }

  static func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func aKeyIsCreatedOnceInAPrivateDirectoryAndKept() throws {
    let base = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: base) }
    let path = base + "/state/sign.key"
    let first = try KeyFile.loadOrCreateEd25519(path: path)
    let second = try KeyFile.loadOrCreateEd25519(path: path)
    #expect(first.publicKey == second.publicKey)
    #expect(try Self.mode(path) == 0o600)
    #expect(try Self.mode(base + "/state") == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: base + "/state") == ["sign.key"])
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o644]) func aKeyOthersCanReadIsRefusedInOneLine(mode: Int) throws {
    let base = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: base) }
    let path = base + "/sign.key"
    _ = try KeyFile.loadOrCreateEd25519(path: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let error = #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: path) }
    let text = try #require(error?.description)
    #expect(text.contains("chmod 600") && !text.contains("\n"))
  }

  @Test func whatIsNoKeyIsRefusedAndLeftAlone() throws {
    let base = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: base) }
    for (name, contents) in [("empty", ""), ("text", "hello\n"), ("cut", "-----BEGIN PRIVATE KEY-----\nMC4C")] {
      let path = base + "/" + name
      #expect(
        FileManager.default.createFile(
          atPath: path, contents: Data(contents.utf8), attributes: [.posixPermissions: 0o600]))
      #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: path) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == contents)
    }
    #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: base) }
    let mkfifo = try Process.run(URL(fileURLWithPath: "/usr/bin/mkfifo"), arguments: ["-m", "600", base + "/fifo"])
    mkfifo.waitUntilExit()
    #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: base + "/fifo") }
    _ = try KeyFile.loadOrCreateEd25519(path: base + "/real")
    try FileManager.default.createSymbolicLink(atPath: base + "/link", withDestinationPath: base + "/real")
    #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: base + "/link") }
    #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: base + "/missing/too/key") }
  }

  @Test func aDirectoryOthersMayWriteToIsRefused() throws {
    let base = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: base) }
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: base)
    #expect(throws: SigningError.self) { try KeyFile.loadOrCreateEd25519(path: base + "/sign.key") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: base).isEmpty)
  }

  @Test func createdByManyAtOnceThereIsOneKey() async throws {
    let base = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: base) }
    let path = base + "/sign.key"
    let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<32 { group.addTask { try KeyFile.loadOrCreateEd25519(path: path).publicKey.rawBytes } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(keys.count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: base) == ["sign.key"])
  }
}
