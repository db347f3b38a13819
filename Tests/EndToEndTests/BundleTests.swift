import Foundation
import Testing

/// Everything about one session in one file, opened with the tools anybody has.
@Suite("Dispute bundle", .shared) struct BundleTests {
  @Test("a bundle opens with tar, reads as plain text, and its chain proof can be checked without Fixline")
  func bundle() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      #expect(try alice.ssh(code, ["echo hello"]).succeeded)
      let note = try shop.scratch.file("note.txt", "hello\n")
      let copied = try shop.tool([
        "scp", "-F", alice.configuration, note, "\(code)@relay:\(shop.scratch.path("arrived"))",
      ])
      #expect(copied.succeeded, "\(copied)")
      let id = try shop.openSession()
      let open = try shop.command("session", "bundle", id, "-o", shop.scratch.path("early.tar.gz"))
      #expect(open.exit == .status(1) && open.error.contains("still open"), "\(open)")
      #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"]).succeeded)
      _ = try agent.event("receipt")
      try waitUntil("the countersignature on record", seen: { shop.story }) {
        try shop.command("session", "show", id).output.contains("and the customer's computer")
      }

      let path = shop.scratch.path("bundle.tar.gz")
      let made = try shop.command("session", "bundle", id, "-o", path)
      #expect(made.succeeded, "\(made)")
      let opened = try shop.tool(["tar", "xzvf", path])
      #expect(opened.succeeded && opened.error.isEmpty, "\(opened)")
      #expect(try shop.tool(["gzip", "--test", path]).succeeded)
      let folder = shop.scratch.path("fixline-session-\(id)")
      func text(_ name: String) throws -> String {
        String(decoding: try unwrap(FileManager.default.contents(atPath: "\(folder)/\(name)"), name), as: UTF8.self)
      }
      let readme = try text("README.txt")
      #expect(readme.hasPrefix("Support session \(id), ") && readme.contains("consent.txt"), "\(readme)")
      for line in readme.split(separator: "\n") where line.hasPrefix("    ") == false && line.contains(".txt") {
        for name in line.split(separator: ", ") { _ = try text(String(name)) }
      }
      #expect(try text("consent.txt").contains("Who: alice"))
      #expect(try text("events.txt").contains("session-closed"))
      #expect(try text("files.txt").contains(shop.scratch.path("arrived")))
      #expect(try JSON(parsing: text("session.json"))["id"]?.string == id)
      let key = try unwrap(shop.relay.ready["signing_key"]?.string)
      let genuine = try shop.tool([Programs.agent, "verify", "\(folder)/receipt.json", "--key", key])
      #expect(genuine.succeeded, "\(genuine)")

      let checked = try shop.tool(["sh", "\(folder)/chain/check.sh"])
      #expect(checked.succeeded && checked.output.hasPrefix("sound: "), "\(checked)")
      for (name, words) in [("headers.txt", "another hash"), ("payloads.txt", "other details")] {
        let file = "\(folder)/chain/\(name)"
        let before = try text("chain/\(name)")
        // The last digit of the second line.
        var lines = before.split(separator: "\n").map(String.init)
        lines[1] = String(lines[1].dropLast()) + (lines[1].hasSuffix("0") ? "1" : "0")
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: false, encoding: .utf8)
        let broken = try shop.tool(["sh", "\(folder)/chain/check.sh"])
        #expect(broken.exit == .status(1) && broken.output.contains(words), "\(broken)")
        try before.write(toFile: file, atomically: false, encoding: .utf8)
      }
      // The same session, the same bytes.
      let second = shop.scratch.path("second.tar.gz")
      #expect(try shop.command("session", "bundle", id, "-o", second).succeeded)
      #expect(
        FileManager.default.contents(atPath: second) == FileManager.default.contents(atPath: path))
    }
  }
}
