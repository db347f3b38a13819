import Foundation
import Glibc
import SessionModel
import Testing

@testable import SSHFrontDoor

@Suite struct UnitTests {
  @Test func `What is not offered is explained once, when somebody reads`() {
    var refusals = Refusals()
    #expect(refusals.take().isEmpty)
    refusals.refused(.remoteForward)
    refusals.refused(.agent)
    refusals.refused(.remoteForward)
    #expect(refusals.take() == [Refusals.Kind.agent.line, Refusals.Kind.remoteForward.line])
    refusals.refused(.agent)
    refusals.refused(.x11)
    #expect(refusals.take() == [Refusals.Kind.x11.line])
    #expect(refusals.take().isEmpty)
  }

  @Test func `Refused connections come as one line at a time, the others counted`() throws {
    var forwards = ForwardRefusals()
    let start = ContinuousClock.now
    func after(_ milliseconds: Int64) -> ContinuousClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }
    #expect(forwards.deadline == nil)
    #expect(forwards.refused("a", at: start) == "a")
    #expect(forwards.deadline == after(SSHLimits.refusalLineMilliseconds))
    for line in ["b", "c", "d"] { #expect(forwards.refused(line, at: after(10)) == nil) }
    #expect(forwards.due(at: after(SSHLimits.refusalLineMilliseconds - 1)) == nil)
    #expect(forwards.due(at: after(SSHLimits.refusalLineMilliseconds)) == "d (and 2 more)")
    #expect(forwards.refused("e", at: after(SSHLimits.refusalLineMilliseconds + 1)) == nil)
    #expect(forwards.due(at: after(2 * SSHLimits.refusalLineMilliseconds)) == "e")
    #expect(forwards.due(at: after(3 * SSHLimits.refusalLineMilliseconds)) == nil)
    #expect(forwards.deadline == nil)
    #expect(forwards.refused("f", at: after(3 * SSHLimits.refusalLineMilliseconds)) == "f")
  }

  @Test func `Windows widen while they are read, and no further than all of them may`() {
    var share = InputWindowShare()
    var windows = [InputWindow](repeating: InputWindow(), count: 100)
    #expect(windows[0].bytes == SSHLimits.smallestWindowBytes)
    share.widen(&windows[0], after: 1)
    #expect(windows[0].bytes == SSHLimits.usualWindowBytes)
    share.widen(&windows[0], after: SSHLimits.usualWindowBytes - 1)
    #expect(windows[0].bytes == SSHLimits.usualWindowBytes)
    share.widen(&windows[0], after: 1)
    #expect(windows[0].bytes == 2 * SSHLimits.usualWindowBytes)
    for _ in 0..<10 { share.widen(&windows[0], after: 2_000_000) }
    #expect(windows[0].bytes == SSHLimits.largestWindowBytes)
    func excess() -> Int { windows.reduce(0) { $0 + $1.bytes - SSHLimits.smallestWindowBytes } }
    for index in windows.indices { share.widen(&windows[index], after: 2_000_000) }
    #expect(excess() == SSHLimits.wideWindowsBytes)
    #expect(windows[99].bytes == SSHLimits.smallestWindowBytes)
    share.giveBack(&windows[0])
    share.widen(&windows[99], after: 1)
    #expect(windows[99].bytes == SSHLimits.usualWindowBytes)
    for index in windows.indices { share.giveBack(&windows[index]) }
    share.widen(&windows[50], after: 1)
    #expect(excess() == SSHLimits.usualWindowBytes - SSHLimits.smallestWindowBytes)
  }

  @Test func `Base 64 goes both ways and takes nothing else`() {
    for (text, code) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
      #expect(Base64.encode(Array(text.utf8), padded: true) == code)
      #expect(Base64.decode(code) == Array(text.utf8))
      #expect(Base64.decode(Base64.encode(Array(text.utf8), padded: false)) == Array(text.utf8))
    }
    for bad in ["Z", "Zg=a", "Zg===", "Z g=", "Zm9v\n", "Zm9-"] { #expect(Base64.decode(bad) == nil) }
  }

  @Test func `Only whole keys of an offered kind are read`() throws {
    let good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1G1eY7mOK8sMxFEvQhUW4pEGbmIwvfUu1nOn1fVxJg me@here\n"
    let key = try #require(SSHPublicKey(authorizedKeysLine: good))
    #expect(key.algorithm == "ssh-ed25519")
    #expect(key.blob.count == 51)
    #expect(good.hasPrefix(key.authorizedKeysLine + " "))
    #expect(SSHPublicKey(authorizedKeysLine: key.authorizedKeysLine) == key)
    let bad = [
      "", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa " + good.dropFirst(12), "restrict " + good,
      "ssh-dss AAAAB3NzaC1kc3MAAAA=", "sk-ssh-ed25519@openssh.com " + good.dropFirst(12),
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1G1eY7mOK8sMxFEvQhUW4pEGbmIwvfUu1nOn1fVxJgAAAA x",
      String(repeating: "a", count: 20_000),
    ]
    for line in bad { #expect(SSHPublicKey(authorizedKeysLine: line) == nil, "\(line.prefix(80))") }
  }

  @Test func `The limits count in and out`() {
    var limits = SSHLimits()
    limits.maximumConnections = 4
    limits.perAddress = 2
    limits.unauthenticated = 3
    var admission = Admission(limits: limits)
    #expect(admission.admit([1]) == nil)
    #expect(admission.admit([1]) == nil)
    #expect(admission.admit([1]) == .address)
    #expect(admission.admit([2]) == nil)
    #expect(admission.admit([2]) == .unauthenticated)
    admission.authenticated()
    #expect(admission.admit([2]) == nil)
    #expect(admission.admit([3]) == .full)
    admission.leave([1], wasAuthenticated: true)
    #expect(admission.admit([3]) == .unauthenticated)
    admission.leave([2], wasAuthenticated: false)
    #expect(admission.admit([3]) == nil)
  }

  @Test func `Failed logins are limited per address and in all, for ten minutes`() {
    var limits = SSHLimits()
    limits.failedLoginsPerAddress = 2
    limits.failedLogins = 3
    var admission = Admission(limits: limits)
    let start = ContinuousClock.now
    func fail(_ address: [UInt8]) {
      #expect(admission.admit(address, at: start) == nil)
      admission.leave(address, wasAuthenticated: false, at: start)
    }
    fail([1])
    fail([1])
    #expect(admission.admit([1], at: start) == .failures)
    fail([2])
    #expect(admission.admit([3], at: start) == .failures)
    let later = start.advanced(by: .seconds(SSHLimits.failedLoginSeconds))
    #expect(admission.admit([1], at: later) == nil)
    admission.authenticated()
    admission.leave([1], wasAuthenticated: true, at: later)
    #expect(admission.admit([1], at: later) == nil)
  }

  @Test func `An IPv6 network counts as one address`() {
    let one = PeerAddress(bytes: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    let two = PeerAddress(bytes: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9])
    let three = PeerAddress(bytes: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(one.text == "2001:db8:0:1::1")
    #expect(one.limitKey == two.limitKey)
    #expect(one.limitKey != three.limitKey)
    #expect(PeerAddress(bytes: [192, 0, 2, 7]).text == "192.0.2.7")
  }

  @Test func `A host key is made once, kept private, and refused when it is not`() throws {
    let directory = NSTemporaryDirectory() + "fixline-hostkey-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/ssh_host_key"
    let first = try HostKey.loadOrCreate(path: path)
    let second = try HostKey.loadOrCreate(path: path)
    #expect(first.fingerprint == second.fingerprint)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["ssh_host_key"])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let shown = try Command(["ssh-keygen", "-y", "-f", path], directory: directory).result()
    #expect(SSHPublicKey(authorizedKeysLine: shown.text) == first.publicKey)

    unsafe chmod(path, 0o640)
    #expect(throws: SSHFrontDoorError.self) { try HostKey.loadOrCreate(path: path) }
    unsafe chmod(path, 0o600)
    try "nonsense".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(throws: SSHFrontDoorError.self) { try HostKey.loadOrCreate(path: path) }
    let encrypted = directory + "/encrypted"
    let make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", encrypted]
    #expect(try Command(make, directory: directory).wait() == 0)
    #expect(throws: SSHFrontDoorError.self) { try HostKey.loadOrCreate(path: encrypted) }
    #expect(throws: SSHFrontDoorError.self) { try HostKey.loadOrCreate(path: directory + "/no/such/place") }
    #expect(throws: SSHFrontDoorError.self) { try HostKey.loadOrCreate(path: directory) }
  }
}
