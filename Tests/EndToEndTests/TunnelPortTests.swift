import Foundation
import Glibc
import Testing

/// What a stranger on the tunnel's port gets, while an agent beside him works on.
@Suite("Bad input: the tunnel's port", .shared) struct TunnelPortTests {
  /// Runs `attack` while a shell is open on another tunnel, and looks that the shell never noticed.
  private func undisturbed(_ attack: (Shop) throws -> Void) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((20 + 1))-before\n")
      try shell.expect("21-before")
      try attack(shop)
      try shell.type("echo $((20 + 2))-after\n")
      try shell.expect("22-after")
      #expect(try shop.agent().code().count == 9, "a new agent is served as ever")
    }
  }

  /// Sends `text` to the port and waits until the relay has closed the connection.
  private func tcp(_ shop: Shop, _ text: String, port: Int? = nil) throws -> Finished {
    try shop.tool(
      [
        "bash", "-c",
        "exec 3<>/dev/tcp/127.0.0.1/\(port ?? shop.relay.tlsPort); printf '\(text)' >&3; timeout 20 cat <&3",
      ])
  }

  @Test("plain text is cut off")
  func plainText() throws {
    try undisturbed { shop in
      for text in ["GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n", "SSH-2.0-OpenSSH_9.2\\r\\n", "\\0\\0\\0\\0\\0\\0\\0\\0"] {
        let done = try tcp(shop, text)
        #expect(done.exit != .status(124), "the connection is closed, not left open: \(done)")
        #expect(!done.output.contains("200"), "\(done)")
      }
    }
  }

  @Test("silence is cut off after the grace time")
  func silence() throws {
    try undisturbed { shop in
      let done = try tcp(shop, "")
      #expect(done.exit == .status(0), "\(done)")
      let half = try tcp(shop, "\\x16\\x03\\x01")
      #expect(half.exit == .status(0), "\(half)")
    }
  }

  private func client(_ shop: Shop, _ arguments: [String]) throws -> Finished {
    try shop.tool(["openssl", "s_client", "-connect", "127.0.0.1:\(shop.relay.tlsPort)"] + arguments)
  }

  @Test("TLS 1.2, a missing ALPN and a missing certificate are refused")
  func wrongTLS() throws {
    try undisturbed { shop in
      let old = try client(shop, ["-tls1_2", "-alpn", "fixline/1"])
      #expect(old.exit == .status(1), "\(old)")
      #expect((old.output + old.error).contains("protocol version"), "\(old)")
      let plain = try client(shop, ["-tls1_3"])
      #expect((plain.output + plain.error).contains("no application protocol"), "\(plain)")
      let other = try client(shop, ["-tls1_3", "-alpn", "h2"])
      #expect((other.output + other.error).contains("no application protocol"), "\(other)")
      let bare = try client(shop, ["-tls1_3", "-alpn", "fixline/1", "-ign_eof"])
      #expect((bare.output + bare.error).contains("certificate required"), "\(bare)")
    }
  }

  @Test("plain text on the SSH port is cut off too")
  func plainSSH() throws {
    try undisturbed { shop in
      let done = try tcp(shop, "GET / HTTP/1.1\\r\\n\\r\\n", port: shop.relay.sshPort)
      #expect(done.exit == .status(0), "\(done)")
    }
  }
}
