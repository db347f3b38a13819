import Testing

/// A check that cannot fail checks nothing: each rule is held against a small file that breaks it, and one that does not.
@Suite("Layering rules can fail") struct RulesCanFailTests {
  private func file(_ room: String, _ text: String) -> SourceFile {
    SourceFile(path: "Sources/\(room)/Sample.swift", text: text)
  }

  @Test(
    "an import upward, sideways or beyond the table is named with its line",
    arguments: [
      ("SessionModel", "import Billing"), ("Billing", "public import Ledger"), ("TunnelProtocol", "import NIOCore"),
      ("TunnelProtocol", "import class NIOCore.NIOThreadPool"), ("Ledger", "import Glibc"),
      ("Agent", "import CGuardian"), ("Relay", "import COpenSSL"), ("Relay", "import PTY"),
      ("Metering", "@testable import Relay"), ("PTY", "internal import NIOCore"), ("Mailbox", "import Foundation"),
      ("fixline-relay", "import LedgerSQLite"), ("fixline-agent", "import ArgumentParser"),
      ("TLSChannel", "let a = 1; import NIOPosix"),
    ])
  func forbiddenImport(room: String, line: String) throws {
    let found = HouseRules.layering(file(room, "// A comment: import Nothing\n\n\(line)\n"))
    #expect(found.map(\.line) == [3])
    #expect(found.first?.why.contains("may not import") == true)
  }

  @Test(
    "an import the table allows passes",
    arguments: [
      ("TunnelProtocol", "public import struct NIOCore.ByteBuffer"), ("TunnelTransport", "public import NIOCore"),
      ("Relay", "import Foundation"), ("SSHFrontDoor", "import CLibSSH"), ("Mailbox", "import Synchronization"),
      ("fixline-relay", "import ArgumentParser"), ("SessionModel", "let text = \"import Billing\""),
      ("SessionModel", "/* import Billing */"),
    ])
  func allowedImport(room: String, line: String) {
    #expect(HouseRules.layering(file(room, line)).isEmpty)
  }

  @Test("a room nobody put into the table is refused")
  func unknownRoom() {
    #expect(HouseRules.layering(file("Dashboard", "import Foundation")).count == 1)
  }

  @Test("Foundation reached through three rooms is found, with the way")
  func heavyThroughOthers() {
    let files = [
      file("fixline-agent", "import Agent"), file("Agent", "import TunnelTransport"),
      file("TunnelTransport", "import Mailbox"), file("Mailbox", "\nimport Dispatch"),
      file("Relay", "import Foundation"),
    ]
    let found = Closure(files: files).heavyImports(reachedBy: "fixline-agent")
    #expect(found.map(\.path) == ["Sources/Mailbox/Sample.swift"])
    #expect(found.first?.line == 2)
    #expect(found.first?.why.contains("fixline-agent → Agent → TunnelTransport → Mailbox") == true)
  }

  @Test(
    "unsafe code outside the adapters is found",
    arguments: [
      "let a = unsafe f()", "@unsafe func g() {}", "@safe struct S {}", "final class C: @unchecked Sendable {}",
      "nonisolated(unsafe) var a = 1",
    ])
  func unsafeOutside(line: String) {
    #expect(HouseRules.unsafeCode(file("Relay", line)).count == 1)
  }

  @Test("unsafe code passes in an adapter and in the files the table names")
  func unsafeInside() {
    #expect(HouseRules.unsafeCode(file("PTY", "let a = unsafe f()")).isEmpty)
    let main = SourceFile(path: "Sources/fixline-agent/main.swift", text: "unsafe f()")
    #expect(HouseRules.unsafeCode(main).isEmpty)
    #expect(HouseRules.unsafeCode(SourceFile(path: "Sources/Relay/System/Lock.swift", text: "unsafe f()")).isEmpty)
    #expect(HouseRules.unsafeCode(file("Relay", "// unsafe is a word here\nlet a = \"unsafe\"")).isEmpty)
  }

  @Test("unchecked sharing in an adapter needs its proof directly above")
  func proofBeside() {
    let bare = "/// A handle.\nfinal class C: @unchecked Sendable {}"
    #expect(HouseRules.unsafeCode(file("TLSChannel", bare)).map(\.line) == [2])
    let proven = "/// A handle.\n// Proof: never changed after init.\n@frozen\nfinal class C: @unchecked Sendable {}"
    #expect(HouseRules.unsafeCode(file("TLSChannel", proven)).isEmpty)
    let far = "// Proof: of something else.\n\nfinal class C: @unchecked Sendable {}"
    #expect(HouseRules.unsafeCode(file("TLSChannel", far)).count == 1)
  }

  @Test(
    "what ends the program is found",
    arguments: [
      "fatalError()", "precondition(a > 0)", "let a = try! f()", "let a = b as! C", "let a = list.first!", "f()!.g",
      "let a = b[0]!", "var a: String!", "print(\"\\(a!)\")", "x!", "let a = b! == c",
    ])
  func crash(line: String) {
    #expect(HouseRules.crashes(file("Relay", line)).isEmpty == false)
  }

  @Test(
    "what only looks like it is not",
    arguments: [
      "if a != b {}", "guard !a else {}", "f(!a)", "// a!", "let t = \"stop!\"", "a ? !b : c", "#if !DEBUG",
    ])
  func noCrash(line: String) {
    #expect(HouseRules.crashes(file("Relay", line)).isEmpty)
  }

  @Test("a long file is found, at its first line too many")
  func tooLong() {
    let text = String(repeating: "let a = 1\n", count: HouseRules.longestSource)
    #expect(HouseRules.length(file("Relay", text)).isEmpty)
    #expect(HouseRules.length(file("Relay", text + "let b = 1\n")).map(\.line) == [HouseRules.longestSource + 1])
    let tests = SourceFile(path: "Tests/XTests/X.swift", text: text + "let b = 1\n")
    #expect(HouseRules.length(tests).isEmpty)
  }

  @Test("words that say the work is not done are found, longer words are not")
  func leftOpen() {
    #expect(HouseRules.leftOpen(file("Relay", "// " + "TO" + "DO: more\n// hacking")).map(\.line) == [1])
  }

  @Test("sleeping tests are found", arguments: ["Thread" + ".sleep(1)", "usleep" + "(3)", "await Task" + ".sleep(x)"])
  func sleeping(line: String) {
    #expect(HouseRules.sleeps(SourceFile(path: "Tests/XTests/X.swift", text: line)).count == 1)
  }

  @Test("a path of one machine is found in any file")
  func machinePath() {
    let sample = SourceFile(path: "README.md", text: "see\n/build/me/Sources")
    #expect(HouseRules.machinePaths(sample, places: ["/build/me/"]).map(\.line) == [2])
    #expect(HouseRules.machinePaths(sample, places: ["/elsewhere/"]).isEmpty)
  }

  @Test("a stranger at the top level is found, hidden files pass")
  func topLevel() {
    let found = HouseShape.topLevel(of: ["Sources/A.swift", ".ci/run", "notes.txt", "docs/a.md"])
    #expect(found.map(\.path) == ["docs", "notes.txt"])
  }

  @Test("a target without folder, table row, front page or tests, and a folder without target, are found")
  func shape() {
    let targets = HouseShape.targets(inManifest: "room(\"Mailbox\"),\n  room(\n    \"Agent\",\n []),\nroom(\"Odd\")")
    #expect(targets.map(\.name) == ["Mailbox", "Agent", "Odd"])
    #expect(targets.map(\.line) == [1, 3, 5])
    let found = HouseShape.rooms(targets: targets, folders: ["Mailbox", "Odd", "Spare"]) { $0.contains("Mailbox") }
    #expect(found.count == 5)
    #expect(found.filter { $0.why.contains("Agent") }.count == 3)
    #expect(found.filter { $0.path == "Sources/Spare" }.count == 1)
  }

  @Test("comments, nested comments, raw strings and interpolations are told from code")
  func lexing() {
    let text = #"""
      let a = "x // y" // z
      /* one /* two */ still */ let b = 2
      let c = "\(f("inner", g(1)))!"
      """#
    let code = SwiftText.codeLines(of: text)
    #expect(code == [#"let a = "" "#, " let b = 2", #"let c = "(f("", g(1)))""#])
    #expect(SwiftText.codeLines(of: ##"let r = #"a "quoted" \(no) "# + b"##) == [##"let r = #""# + b"##])
    #expect(SwiftText.codeLines(of: "let m = \"\"\"\n  unsafe \"x\"\n  \"\"\"") == ["let m = \"\"\"", "", "\"\"\""])
  }
}
