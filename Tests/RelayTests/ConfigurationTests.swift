import Foundation
import Testing

@testable import Relay

@Suite("The configuration file")
struct ConfigurationTests {
  @Test("every key is read")
  func whole() throws {
    let read = try RelayConfiguration(
      yaml: """
        shop: { name: "Nine to Five", phone: "+358 9 123" }
        tls: { certificate: /c.crt, key: /c.key, name: relay.example.com }
        consent_timeout_seconds: 7
        code_lifetime_seconds: 8
        linger_seconds: 9
        resume_window_seconds: 0
        ssh_connections: 1000
        """, file: "f")
    #expect(read.shopName == "Nine to Five" && read.shopPhone == "+358 9 123")
    #expect(read.certificateFile == "/c.crt" && read.keyFile == "/c.key" && read.hostName == "relay.example.com")
    #expect((read.consentTimeoutSeconds, read.codeLifetimeSeconds, read.lingerSeconds) == (7, 8, 9))
    #expect(read.resumeWindowSeconds == 0 && read.sshConnections == 1000)
  }

  @Test("an empty file is the defaults; one that is not there, or no text, is named")
  func files() throws {
    let books = try Books()
    #expect(try RelayServer.readConfiguration(books.file("empty.yaml", "")) == RelayConfiguration())
    let missing = try Books.refusal { "\(try RelayServer.readConfiguration(books.state + "/none.yaml"))" }
    #expect(missing.code == 66 && missing.line.contains("none.yaml"), "\(missing)")
    #expect(try Books.refusal { "\(try RelayServer.readConfiguration(books.state))" }.code == 66)
    let binary = books.state + "/binary.yaml"
    try Data([0xff, 0xfe]).write(to: URL(fileURLWithPath: binary))
    #expect(try Books.refusal { "\(try RelayServer.readConfiguration(binary))" }.code == 78)
  }

  @Test(
    "a mistake is refused with its key, and its line",
    arguments: [
      ("shop:\n  name: x\n  fax: y\n", "shop.fax", "line 3"),
      ("consent_timeout_seconds: soon\n", "consent_timeout_seconds", "line 1"),
      ("\nlinger_seconds: 0\n", "linger_seconds", "line 2"),
      ("resume_window_seconds: 9\n", "resume_window_seconds must be 0, or", "line 1"),
      ("ssh_connections: 0\n", "ssh_connections", "line 1"), ("colour: red\n", "colour", "line 1"),
      ("shop: yes\n", "shop", "line 1"), ("shop: { name: '' }\n", "shop.name", "line 1"),
      ("shop: { name: \"a\\u202eb\" }\n", "shop.name", "line 1"), ("a: 1\nb: ]\n", "not YAML", "line 2"),
      ("linger_seconds: 1\nlinger_seconds: 2\n", "linger_seconds is given twice", "line 2"),
      ("shop:\n  name: x\n  phone: y\n  name: z\n", "shop.name is given twice", "line 4"),
    ])
  func mistakes(yaml: String, key: String, line: String) throws {
    let failure = #expect(throws: RelayFailure.self) { try RelayConfiguration(yaml: yaml, file: "fixline.yaml") }
    let text = try #require(failure?.line)
    #expect(
      text.contains(key) && text.contains(line) && text.contains("fixline.yaml") && !text.contains("\n"), "\(text)")
    #expect(failure?.exitCode == 78)
  }

  @Test("certificate and key belong together")
  func halfCertificate() {
    #expect(throws: RelayFailure.self) { try RelayConfiguration(yaml: "tls: { certificate: /c.crt }", file: "f") }
  }

  @Test("broken YAML is one line")
  func broken() throws {
    let failure = #expect(throws: RelayFailure.self) { try RelayConfiguration(yaml: "a: [", file: "f") }
    #expect(try #require(failure?.line).contains("\n") == false)
  }

  @Test(
    "listen addresses are numeric, with a port",
    arguments: [("127.0.0.1:0", "127.0.0.1", 0), ("[::]:7443", "::", 7443), ("[::1]:65535", "::1", 65535)])
  func addresses(text: String, host: String, port: Int) throws {
    let address = try #require(ListenAddress(text))
    #expect(address == ListenAddress(host: host, port: port) && address.description == text)
  }

  @Test(
    "other addresses are refused",
    arguments: ["localhost:1", "::1:22", "127.0.0.1", "127.0.0.1:65536", "[::1]", ":80", ""])
  func wrongAddresses(text: String) { #expect(ListenAddress(text) == nil) }
}
