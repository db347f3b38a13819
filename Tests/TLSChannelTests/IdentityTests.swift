import Foundation
import SessionModel
import Signing
import TLSChannel
import Testing

@Suite struct IdentityTests {
  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func aRelayMakesItsIdentityOnceInAPrivateDirectory() throws {
    let directory = try Shared.scratch() + "/state"
    let first = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    let second = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "other.example")
    #expect(first.spki == second.spki)
    #expect(first.signingKey == nil)
    #expect(try mode(directory) == 0o700)
    #expect(try mode(directory + "/tls.key") == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["tls.crt", "tls.key"])
    let dump = try output(["x509", "-in", directory + "/tls.crt", "-noout", "-text"])
    for expected in ["ED25519", "ecdsa-with-SHA256", "prime256v1", "DNS:relay.example", "CA:FALSE", "9999 GMT"]
      .dropFirst()
    {
      #expect(dump.contains(expected), "\(expected)")
    }
  }

  @Test func thePinIsWhatTheREADMEComputes() throws {
    let directory = try Shared.scratch()
    let identity = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "::1")
    let shell =
      "openssl x509 -in '\(directory)/tls.crt' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256"
    let text = try output(program: "/bin/sh", ["-c", shell])
    #expect(text.contains(Hex.encode(identity.spki.bytes)))
  }

  @Test func aLostCertificateIsMadeAnewWithTheSamePin() throws {
    let directory = try Shared.scratch()
    let first = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    try FileManager.default.removeItem(atPath: directory + "/tls.crt")
    let second = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    #expect(first.spki == second.spki)
  }

  @Test func aLostKeyIsNotReplacedSilently() throws {
    let directory = try Shared.scratch()
    _ = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    try FileManager.default.removeItem(atPath: directory + "/tls.key")
    let error = #expect(throws: TLSError.self) {
      try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    }
    #expect(error?.description.contains("restore it") == true)
  }

  @Test func aKeyOthersCanReadIsRefused() throws {
    let directory = try Shared.scratch()
    _ = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: directory + "/tls.key")
    let error = #expect(throws: TLSError.self) {
      try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    }
    #expect(error?.description.contains("chmod 600") == true)
    #expect(throws: TLSError.self) {
      try TLSIdentity.load(certificateFile: directory + "/tls.crt", keyFile: directory + "/tls.key")
    }
  }

  @Test func aKeyThatBelongsToAnotherCertificateIsRefused() throws {
    let directory = try Shared.scratch()
    let one = directory + "/one"
    let two = directory + "/two"
    _ = try TLSIdentity.loadOrCreateRelay(directory: one, hostName: "relay.example")
    _ = try TLSIdentity.loadOrCreateRelay(directory: two, hostName: "relay.example")
    let error = #expect(throws: TLSError.self) {
      try TLSIdentity.load(certificateFile: one + "/tls.crt", keyFile: two + "/tls.key")
    }
    #expect(error?.description.contains("another certificate") == true)
  }

  @Test func filesThatAreNotWhatTheyShouldBeAreNamed() throws {
    let directory = try Shared.scratch()
    _ = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "relay.example")
    let text = directory + "/text"
    #expect(
      FileManager.default.createFile(
        atPath: text, contents: Data("hello".utf8), attributes: [.posixPermissions: 0o600]))
    for (certificate, key) in [
      (text, "tls.key"), ("tls.crt", text), ("missing", "tls.key"), ("tls.crt", "missing"), (".", "tls.key"),
    ] {
      func path(_ name: String) -> String { name.hasPrefix("/") ? name : directory + "/" + name }
      let error = #expect(throws: TLSError.self) {
        try TLSIdentity.load(certificateFile: path(certificate), keyFile: path(key))
      }
      let line = error?.description ?? ""
      #expect(line.hasPrefix(directory) && !line.contains("\n"), "\(line)")
    }
  }

  @Test func anAgentsKeySignsAndIsItsIdentity() throws {
    let directory = try Shared.scratch() + "/agent"
    let first = try TLSIdentity.loadOrCreateAgent(directory: directory)
    let second = try TLSIdentity.loadOrCreateAgent(directory: directory)
    #expect(first.spki == second.spki)
    #expect(try mode(directory + "/agent.key") == 0o600)
    let key = try #require(first.signingKey)
    #expect(key.publicKey.isValid(signature: try key.sign([1, 2, 3]), for: [1, 2, 3]))
    // RFC 8410 section 4: the SPKI is twelve fixed bytes and the raw key.
    let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    #expect(first.spki == SHA256.hash(prefix + key.publicKey.rawBytes))
    let memory = try TLSIdentity.loadOrCreateAgent(directory: nil)
    #expect(memory.spki != first.spki)
    #expect(memory.signingKey != nil)
  }

  private func output(_ arguments: [String]) throws -> String {
    try output(program: "/usr/bin/openssl", arguments)
  }

  private func output(program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
