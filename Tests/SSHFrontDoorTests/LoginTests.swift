import Foundation
import Glibc
import Testing

@testable import SSHFrontDoor

@Suite struct LoginTests {
  @Test(arguments: [("ed25519", 256), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2_048)])
  func `Every offered kind of key comes in, and is bound`(type: String, bits: Int) throws {
    let fixture = try Fixture()
    let key = try fixture.makeKey("other", type: type, bits: bits)
    try fixture.allow(key)
    #expect(try fixture.run(["exit 5"], user: "web-1+c2", key: key).status == 5)
    let login = try #require(fixture.delegate.events.now.logins.first)
    let expected = try Fixture.publicKey(key)
    #expect(login.key == expected)
    #expect(login.user == "web-1+c2")
    #expect(login.address == "127.0.0.1")
    #expect(fixture.delegate.events.wait { $0.disconnected == [login] })
    let shown = try Command(["ssh-keygen", "-l", "-f", key + ".pub"], directory: fixture.directory).result().text
    #expect(shown.contains(expected.display + " "))
  }

  @Test func `A key that is not registered is refused, and nothing is bound`() throws {
    let fixture = try Fixture()
    let key = try fixture.makeKey("stranger", type: "ed25519")
    let result = try fixture.run(["true"], key: key)
    #expect(result.status == 255)
    #expect(result.errors.contains("Permission denied (publickey)"))
    #expect(fixture.delegate.events.now.logins.isEmpty)
  }

  @Test func `A short RSA key, a security key's type and SHA-1 are refused`() throws {
    let fixture = try Fixture()
    let short = try fixture.makeKey("short", type: "rsa", bits: 1_024)
    let line = try String(contentsOfFile: short + ".pub", encoding: .utf8)
    #expect(line.hasPrefix("ssh-rsa ") && SSHPublicKey(authorizedKeysLine: line) == nil)
    #expect(try fixture.run(["true"], key: short, options: ["RequiredRSASize=1024"]).status == 255)
    let rsa = try fixture.makeKey("rsa", type: "rsa", bits: 2_048)
    try fixture.allow(rsa)
    let started = ContinuousClock.now
    #expect(try fixture.run(["true"], key: rsa, options: ["PubkeyAcceptedAlgorithms=ssh-rsa"]).status == 255)
    #expect(started.duration(to: .now) < .seconds(15), "left hanging")
    #expect(fixture.delegate.events.now.logins.isEmpty)
  }

  @Test func `A certificate is refused even when its key is registered`() throws {
    let fixture = try Fixture()
    let authority = try fixture.makeKey("ca", type: "ed25519")
    let key = try fixture.makeKey("certified", type: "ed25519")
    try fixture.allow(authority)
    let sign = ["ssh-keygen", "-q", "-s", authority, "-I", "x", "-n", "482177305", key + ".pub"]
    #expect(try Command(sign, directory: fixture.directory).wait() == 0)
    #expect(try fixture.run(["true"], key: key).status == 255)
    #expect(fixture.delegate.events.now.logins.isEmpty)
    // The same key without the certificate, once it is registered, comes in.
    try fixture.allow(key)
    try FileManager.default.removeItem(atPath: key + "-cert.pub")
    #expect(try fixture.run(["true"], key: key).status == 0)
  }

  @Test func `A client with nothing but a password is told what is offered`() throws {
    let fixture = try Fixture()
    let options = ["PubkeyAuthentication=no", "PreferredAuthentications=password,keyboard-interactive"]
    let result = try fixture.run(["true"], options: options)
    #expect(result.status == 255)
    #expect(result.errors.contains("Permission denied (publickey)"))
  }

  @Test func `The greeting says whose relay this is`() throws {
    let fixture = try Fixture()
    let result = try fixture.run(["true"], logLevel: "INFO")
    #expect(result.errors.contains("This is the relay of Muster IT."))
    #expect(result.errors.contains("Everything is recorded."))
  }

  @Test func `The host key is the one that was announced`() throws {
    let fixture = try Fixture()
    _ = try fixture.run(["true"])
    let known = fixture.directory + "/known_hosts"
    let shown = try Command(["ssh-keygen", "-l", "-f", known], directory: fixture.directory).result().text
    #expect(shown.contains(fixture.hostKey.display))
  }

  @Test func `Whoever does not log in is put out when the grace is over`() throws {
    var limits = SSHLimits()
    limits.loginGraceSeconds = 1
    let fixture = try Fixture(limits: limits)
    let silent = try fixture.connect()
    defer { close(silent) }
    let half = try fixture.connect()
    defer { close(half) }
    let version = Array("SSH-2.0-half\r\n".utf8)
    _ = unsafe send(half, version, version.count, 0)
    let seen = try #require(Fixture.readToEnd(silent, seconds: 10))
    #expect(String(decoding: seen, as: UTF8.self).hasPrefix("SSH-2.0-OpenSSH_9.2 Fixline\r\n"))
    #expect(Fixture.readToEnd(half, seconds: 10) != nil)
    #expect(fixture.delegate.events.wait { $0.notes.filter { $0.contains("before login") }.count == 2 })
  }

  @Test func `Too many keys end the connection with advice`() throws {
    var limits = SSHLimits()
    limits.authenticationAttempts = 3
    let fixture = try Fixture(limits: limits)
    var flags: [String] = []
    for number in 0..<5 { flags += ["-i", try fixture.makeKey("k\(number)", type: "ed25519")] }
    let result = try fixture.run(["true"], flags: flags, key: fixture.directory + "/k0")
    #expect(result.status == 255)
    #expect(result.errors.contains("too many keys were refused"))
  }

  @Test func `Connections are capped per address, and freed places are given again`() throws {
    var limits = SSHLimits()
    limits.perAddress = 3
    let fixture = try Fixture(limits: limits)
    let held = try (0..<3).map { _ in try fixture.connect() }
    let door = fixture.door
    #expect(eventually { door.connectionCount == 3 })
    let result = try fixture.run(["true"], logLevel: "DEBUG1")
    #expect(result.status == 255)
    #expect(result.errors.contains("too many connections from your address"))
    for descriptor in held { close(descriptor) }
    #expect(eventually { door.connectionCount == 0 })
    #expect(try fixture.run(["true"]).status == 0)
  }

  @Test func `Logins under way are capped apart from those who are in`() throws {
    var limits = SSHLimits()
    limits.unauthenticated = 2
    let fixture = try Fixture(limits: limits)
    let running = try fixture.start(["@hold"])
    #expect(fixture.delegate.events.wait { $0.held.count == 1 })
    let held = try (0..<2).map { _ in try fixture.connect() }
    let door = fixture.door
    #expect(eventually { door.connectionCount == 3 })
    #expect(try fixture.run(["true"]).status == 255)
    for descriptor in held { close(descriptor) }
    running.signal(SIGTERM)
    _ = running.wait()
    #expect(eventually { door.connectionCount == 0 })
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "SSH-1.5-old\r\n", "\u{0}\u{1}\u{2}\n",
    String(repeating: "x", count: 5_000), "SSH-2.0-x\r\n" + String(repeating: "garbage!", count: 1_000),
  ])
  func `Garbage ends its own connection and nothing else`(garbage: String) throws {
    let fixture = try Fixture()
    let descriptor = try fixture.connect()
    defer { close(descriptor) }
    let bytes = Array(garbage.utf8)
    _ = unsafe send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    #expect(Fixture.readToEnd(descriptor, seconds: 10) != nil, "left hanging")
    #expect(try fixture.run(["echo fine"]).text == "fine\n")
  }
}
