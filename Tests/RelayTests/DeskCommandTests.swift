import SessionModel
import Testing

@testable import Relay

@Suite("What the desk understands")
struct DeskCommandTests {
  private func parse(_ text: String) throws(DeskCommand.Mistake) -> DeskCommand {
    try DeskCommand.parse(Array(text.utf8))
  }

  @Test(
    "help and list",
    arguments: [
      ("", DeskCommand.help), ("help", .help), ("list", .list(json: false)), ("list --json", .list(json: true)),
    ])
  func simple(text: String, command: DeskCommand) throws { #expect(try parse(text) == command) }

  @Test(
    "close takes outcome and note, quoted or not, in any order",
    arguments: [
      "close k3x9q7mt --outcome fixed --note the port was misspelt",
      "close k3x9q7mt --note the port was misspelt --outcome fixed",
      "close k3x9q7mt --outcome fixed --note 'the port was misspelt'",
      "close k3x9q7mt --outcome fixed --note \"the port was misspelt\"",
    ])
  func close(text: String) throws {
    let session = try #require(SessionID("k3x9q7mt"))
    #expect(try parse(text) == .close(session, .fixed, note: "the port was misspelt", json: false))
  }

  @Test("a lone quotation mark is a letter")
  func apostrophe() throws {
    let session = try #require(SessionID("k3x9q7mt"))
    #expect(
      try parse("close k3x9q7mt --outcome fixed --note it's done")
        == .close(session, .fixed, note: "it's done", json: false))
  }

  @Test(
    "mistakes get one line that says what to do",
    arguments: [
      "close", "close nonsense --outcome fixed", "close k3x9q7mt", "close k3x9q7mt --outcome perfect",
      "close k3x9q7mt --outcome declined", "close k3x9q7mt --colour red", "lst", "list all",
      "close k3x9q7mt --outcome fixed --note \u{202e}abc", String(repeating: "x", count: 5000),
    ])
  func mistakes(text: String) throws {
    let mistake = #expect(throws: DeskCommand.Mistake.self) { try parse(text) }
    let line = try #require(mistake?.line)
    #expect(!line.isEmpty && !line.contains("\n") && TextSafety.problem(inShownText: line) == nil)
  }

  @Test("bytes that are no text are refused")
  func notText() { #expect(throws: DeskCommand.Mistake.self) { try DeskCommand.parse([0xff, 0xfe]) } }

  @Test("columns align by what a terminal shows")
  func columns() {
    #expect(Columns.aligned([["A", "B"], ["한국", "x"], ["abc", "y"]]) == "A     B\n한국  x\nabc   y\n")
  }

  @Test("control characters never reach the terminal through a table")
  func escaping() { #expect(!Columns.aligned([["\u{1b}[2J", "x"]]).contains("\u{1b}")) }
}
