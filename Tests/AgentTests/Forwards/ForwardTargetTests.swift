import Glibc
import NIOCore
import Testing

@testable import Agent

@Suite struct ForwardTargetTests {
  @Test func `addresses need no look-up, names do`() throws {
    let table: [(String, String, String?)] = [
      ("127.0.0.1", "127.0.0.1:80", "127.0.0.1"),
      ("::1", "[::1]:80", "::1"),
      ("[::1]", "[::1]:80", "::1"),
      ("2001:DB8::1", "[2001:DB8::1]:80", "2001:db8::1"),
      ("fe80::1%lo", "[fe80::1%lo]:80", "fe80::1"),
      ("[fe80::1%lo]", "[fe80::1%lo]:80", "fe80::1"),
      ("printer.lan", "printer.lan:80", nil),
      ("printer.lan.", "printer.lan.:80", nil),
      ("127.1", "127.1:80", nil),
      ("fe80::1%no-such-zone", "[fe80::1%no-such-zone]:80", nil),
      ("-l", "-l:80", nil),
    ]
    for (host, text, address) in table {
      let target = try ForwardTarget(host: host, port: 80)
      #expect(target.text == text)
      #expect(target.address?.ipAddress == address)
      #expect(target.address == nil || target.address?.port == 80)
    }
  }

  @Test func `the address dialled is written as people write it`() throws {
    let zone = try ForwardTarget(host: "fe80::1%lo", port: 22)
    #expect(zone.dialled(try #require(zone.address)) == "[fe80::1%lo]:22")
    let padded = try ForwardTarget(host: "[fe80::1%" + String(repeating: "0", count: 40) + "1]", port: 22)
    let address = try #require(padded.address, "a zone may be a number")
    #expect(padded.dialled(address) == "[fe80::1]:22", "what is too long for the record is cut before it is sent")
    let name = try ForwardTarget(host: "printer.lan", port: 22)
    #expect(name.dialled(try SocketAddress(ipAddress: "2001:DB8::1", port: 22)) == "[2001:db8::1]:22")
    #expect(name.dialled(try SocketAddress(ipAddress: "192.0.2.7", port: 65_535)) == "192.0.2.7:65535")
  }

  @Test func `what is no host or no port is refused`() {
    let table: [(String, UInt16, ForwardTarget.Fault)] = [
      ("", 80, .noHost),
      (String(repeating: "a", count: 256), 80, .tooLong),
      ("a\0b", 80, .badCharacter), ("a b", 80, .badCharacter), ("a\n", 80, .badCharacter),
      ("\u{1b}[31m", 80, .badCharacter), ("a\u{7f}", 80, .badCharacter), (" ", 80, .badCharacter),
      ("drucker.büro", 80, .notASCII), ("a\u{202e}b", 80, .notASCII), ("a\u{85}", 80, .notASCII),
      ("[printer.lan]", 80, .badBrackets), ("[127.0.0.1]", 80, .badBrackets), ("[", 80, .badBrackets),
      ("[]", 80, .badBrackets), ("[::1", 80, .badBrackets), ("[::1]x", 80, .badBrackets),
      ("[[::1]]", 80, .badBrackets),
      ("127.0.0.1", 0, .noPort),
    ]
    for (host, port, fault) in table {
      #expect(throws: fault) { try ForwardTarget(host: host, port: port) }
    }
    #expect(throws: Never.self) { try ForwardTarget(host: String(repeating: "a", count: 255), port: 1) }
  }

  @Test func `errors are told in the field's words`() {
    let table: [(Int32, String)] = [
      (ECONNREFUSED, "connection refused"), (ENETUNREACH, "network unreachable"), (EHOSTUNREACH, "no route to host"),
      (ETIMEDOUT, "no answer within 10 s"), (EACCES, "this computer does not permit the connection"),
      (EMFILE, "this computer has no room for another connection; close some"),
      (EINVAL, "not an address to connect to"), (ECONNRESET, "connection reset by the target"),
    ]
    for (number, text) in table {
      #expect(ConnectFailure(number: number, addressMilliseconds: 10_000).text == text)
      let error = IOError(errnoCode: number, reason: "connect")
      #expect(ConnectFailure(error, addressMilliseconds: 10_000).text == text)
    }
    let timeout = ChannelError.connectTimeout(.seconds(10))
    #expect(ConnectFailure(timeout, addressMilliseconds: 10_000) == .noAnswer(milliseconds: 10_000))
    #expect(LookupFailure(code: EAI_NONAME) == .noSuchHost)
    #expect(LookupFailure(code: -5) == .noSuchHost)
    #expect(LookupFailure(code: EAI_AGAIN) == .unanswered)
    #expect(LookupFailure(code: EAI_MEMORY) == .unable)
  }
}
