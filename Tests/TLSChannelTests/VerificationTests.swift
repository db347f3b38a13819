import Foundation
import NIOCore
import NIOEmbedded
import SessionModel
import Signing
import TLSChannel
import Testing

/// Who is believed, and how both sides learn that somebody is not.
@Suite struct VerificationTests {
  private func run(_ client: TLSConfiguration, _ server: TLSConfiguration) throws -> EmbeddedPair {
    let pair = try EmbeddedPair(client, server)
    try pair.connect()
    try pair.pump()
    pair.loop.advanceTime(by: .milliseconds(TLSLimits.closeGraceMilliseconds + 1))
    return pair
  }

  private func client(_ verification: PeerVerification, authorities: String? = nil) throws -> TLSConfiguration {
    try .client(
      identity: Shared.agent.get(), verification: verification, serverName: "localhost",
      authorities: authorities.map { .file($0) } ?? .system)
  }

  @Test func aWrongPinIsRefusedAndBothSidesAreTold() throws {
    let wrong = SHA256.hash([1])
    let pair = try run(try client(.pin(wrong)), try Shared.server())
    #expect(pair.clientSeen.errors == [.wrongPin(expected: wrong, got: try Shared.relay.get().spki)])
    #expect(pair.serverSeen.errors == [.peerRefusedCertificate])
    #expect(!pair.clientSeen.isConnected && !pair.serverSeen.isConnected)
    #expect(!pair.client.isActive && !pair.server.isActive)
  }

  @Test func aPinReplacesAuthorityNameAndTime() throws {
    let files = try TestCertificates.make(names: ["other.example"], start: "20010101000000Z", end: "20010102000000Z")
    let identity = try files.identity()
    let pair = try run(try client(.pin(identity.spki)), try .server(identity: identity))
    #expect(pair.clientSeen.isConnected && pair.serverSeen.isConnected)
  }

  @Test func aTrustedCertificateForTheNameIsAccepted() throws {
    for (name, names) in [
      ("localhost", ["localhost"]), ("LOCALHOST.", ["localhost"]), ("a.relay.example", ["*.relay.example"]),
      ("127.0.0.1", ["127.0.0.1"]), ("[::1]", ["::1"]), ("::1", ["127.0.0.1", "::1"]),
    ] {
      let files = try TestCertificates.make(names: names)
      let pair = try run(
        try client(.systemTrust(name: name), authorities: files.authority), try .server(identity: files.identity()))
      #expect(pair.clientSeen.isConnected, "\(name): \(pair.clientSeen.errors)")
      #expect(pair.serverSeen.isConnected)
    }
  }

  @Test func aWrongNameIsRefusedAndSaysWhichNamesThereAre() throws {
    for (name, names) in [
      ("localhost", ["other.example", "10.0.0.1"]), ("127.0.0.1", ["localhost", "::1"]),
      ("relay.example", ["*.relay.example"]), ("a.b.relay.example", ["*.relay.example"]),
      ("ab.relay.example", ["a*.relay.example"]),
    ] {
      let files = try TestCertificates.make(names: names)
      let pair = try run(
        try client(.systemTrust(name: name), authorities: files.authority), try .server(identity: files.identity()))
      #expect(pair.clientSeen.errors == [.wrongName(expected: name, presented: names)])
      #expect(pair.serverSeen.errors == [.peerRefusedCertificate])
    }
  }

  @Test func anUnknownAuthorityIsRefused() throws {
    let files = try TestCertificates.make(names: ["localhost"])
    let others = try TestCertificates.make(names: ["localhost"])
    let server = try TLSConfiguration.server(identity: files.identity())
    for authorities in [others.authority, nil] {
      let pair = try run(try client(.systemTrust(name: "localhost"), authorities: authorities), server)
      guard case .untrusted(let reason) = pair.clientSeen.errors.first else {
        Issue.record("\(pair.clientSeen.seen)")
        return
      }
      #expect(!reason.isEmpty)
      #expect(pair.serverSeen.errors == [.peerRefusedCertificate])
    }
    let selfSigned = try run(try client(.systemTrust(name: "localhost")), try Shared.server())
    #expect(selfSigned.clientSeen.errors.count == 1)
    #expect(!selfSigned.clientSeen.isConnected)
  }

  @Test func aCertificateOutOfDateIsRefused() throws {
    for (start, end) in [("20010101000000Z", "20010102000000Z"), ("20980101000000Z", "20990101000000Z")] {
      let files = try TestCertificates.make(names: ["localhost"], start: start, end: end)
      let pair = try run(
        try client(.systemTrust(name: "localhost"), authorities: files.authority),
        try .server(identity: files.identity()))
      #expect(pair.clientSeen.errors == [.expired])
      #expect(pair.serverSeen.errors == [.peerRefusedCertificate])
    }
  }

  @Test func aSelfMadeRelayCertificateCanBeTrustedAsAnAuthority() throws {
    let directory = try Shared.scratch()
    let identity = try TLSIdentity.loadOrCreateRelay(directory: directory, hostName: "127.0.0.1")
    let pair = try run(
      try client(.systemTrust(name: "127.0.0.1"), authorities: directory + "/tls.crt"),
      try .server(identity: identity))
    #expect(pair.clientSeen.isConnected, "\(pair.clientSeen.errors)")
  }

  @Test func theRelayDemandsACertificateAndTheClientLearnsItAfterItBelievedItselfConnected() throws {
    let client = try TLSConfiguration.client(
      identity: nil, verification: .pin(Shared.relay.get().spki), serverName: nil)
    let pair = try run(client, try Shared.server())
    #expect(pair.serverSeen.errors == [.noCertificate])
    #expect(!pair.serverSeen.isConnected)
    #expect(pair.clientSeen.isConnected)
    #expect(pair.clientSeen.errors == [.peerRefusedCertificate])
  }

  @Test func theRelayAcceptsOnlyEd25519Keys() throws {
    let files = try TestCertificates.make(names: ["agent"])
    let client = try TLSConfiguration.client(
      identity: files.identity(), verification: .pin(Shared.relay.get().spki), serverName: nil)
    let pair = try run(client, try Shared.server())
    guard case .unsuitableCertificate = pair.serverSeen.errors.first else {
      Issue.record("\(pair.serverSeen.seen)")
      return
    }
    #expect(pair.clientSeen.isConnected)
    #expect(pair.clientSeen.errors == [.peerRefusedCertificate])
  }

  @Test func aNameThatIsNoneIsRefusedBeforeAnythingIsSent() throws {
    for name in ["", "a b", "a,DNS:b", "-\u{0}", String(repeating: "a", count: 64), "a..b", "ü.example"] {
      #expect(throws: TLSError.self) { try self.client(.systemTrust(name: name)) }
      #expect(throws: TLSError.self) {
        try TLSIdentity.loadOrCreateRelay(directory: Shared.scratch(), hostName: name)
      }
    }
  }

  @Test func aMissingOrBrokenFileOfAuthoritiesIsNamed() throws {
    let directory = try Shared.scratch()
    try "nothing".write(toFile: directory + "/broken", atomically: false, encoding: .utf8)
    for path in [directory + "/missing", directory + "/broken"] {
      let error = #expect(throws: TLSError.self) {
        try self.client(.systemTrust(name: "localhost"), authorities: path)
      }
      #expect(error?.description.contains(path) == true)
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test func errorsAreOneLineAndSafeToShow() {
    let hostile = "\u{1B}[31mevil\n\u{202E}" + String(repeating: "x", count: 500)
    let errors: [TLSError] = [
      .wrongName(expected: "relay", presented: [String](repeating: hostile, count: 100)), .invalidName(hostile),
    ]
    for error in errors {
      #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0.value != 0x202E })
      #expect(error.description.count < 600)
    }
  }
}
