import SessionModel
import Testing

@testable import Relay

@Suite("What the desk understands")
struct DeskCommandTests {
  static let session = SessionID("k3x9q7mt")
  static let caseID = CaseID("k3x9q7")
  private func parse(_ text: String) throws(DeskCommand.Mistake) -> DeskCommand {
    try DeskCommand.parse(Array(text.utf8)).command
  }

  @Test(
    "what needs no text",
    arguments: [("", DeskCommand.help), ("help", .help), ("close --help", .help), ("list", .list)])
  func simple(text: String, command: DeskCommand) throws {
    #expect(try parse(text) == command)
    #expect(try DeskCommand.parse(Array(text.utf8)).json == false)
    #expect(try DeskCommand.parse(Array("\(text) --json".utf8)) == DeskCommand.Parsed(command: command, json: true))
  }

  @Test("--json asks for JSON where an option stands, and is a word where it stands in a text")
  func json() throws {
    let session = try #require(Self.session)
    let one = try #require(Self.caseID)
    let table: [(String, DeskCommand, Bool)] = [
      ("note k3x9q7mt use --json for scripts", .note(.session(session), text: "use --json for scripts"), false),
      ("note k3x9q7mt --json --verbose fails", .note(.session(session), text: "--json --verbose fails"), false),
      ("note k3x9q7mt ends with --json --json", .note(.session(session), text: "ends with --json"), true),
      ("note --json k3x9q7mt x", .note(.session(session), text: "x"), true),
      ("--json show k3x9q7", .show(.caseID(one)), true), ("show --json k3x9q7", .show(.caseID(one)), true),
      ("case list --json --all", .listCases(customer: nil, all: true), true),
      (
        "close k3x9q7mt --json --outcome fixed --note 'see --json there'",
        .close(session, DeskClose(outcome: .fixed, note: "see --json there")), true
      ),
    ]
    for (text, command, json) in table {
      #expect(try DeskCommand.parse(Array(text.utf8)) == DeskCommand.Parsed(command: command, json: json), "\(text)")
    }
    let mistake = #expect(throws: DeskCommand.Mistake.self) {
      try parse("close k3x9q7mt --outcome fixed --note see --json there")
    }
    #expect(mistake?.line.contains("quotes") == true, "nothing is cut out of a text in silence")
  }

  @Test(
    "close takes outcome and note, quoted or not, in any order",
    arguments: [
      "close k3x9q7mt --outcome fixed --note the port was misspelt",
      "close k3x9q7mt --note the port was misspelt --outcome fixed",
      "close k3x9q7mt --outcome fixed --note 'the port was misspelt'",
      "close k3x9q7mt --outcome fixed --note \"the port was misspelt\"",
    ])
  func close(text: String) throws {
    let session = try #require(Self.session)
    #expect(try parse(text) == .close(session, DeskClose(outcome: .fixed, note: "the port was misspelt")))
  }

  @Test("a lone quotation mark is a letter")
  func apostrophe() throws {
    let session = try #require(Self.session)
    #expect(
      try parse("close k3x9q7mt --outcome fixed --note it's done")
        == .close(session, DeskClose(outcome: .fixed, note: "it's done")))
  }

  @Test("every command, as a technician types it")
  func everyCommand() throws {
    let session = try #require(Self.session)
    let caseID = try #require(Self.caseID)
    let acme = try #require(Name("acme"))
    let day: CivilDate = try #require(CivilDate("2026-12-03"))
    let table: [(String, DeskCommand)] = [
      ("show k3x9q7mt", .show(.session(session))), ("show k3x9q7", .show(.caseID(caseID))),
      ("case show k3x9q7", .show(.caseID(caseID))), ("case list", .listCases(customer: nil, all: false)),
      ("case list --all --customer acme", .listCases(customer: acme, all: true)),
      ("case new --title Printer prints blank pages", .newCase(title: "Printer prints blank pages", customer: nil)),
      ("case new --customer acme --title Mail", .newCase(title: "Mail", customer: acme)),
      ("case close k3x9q7", .closeCase(caseID)),
      ("case close k3x9q7 --break-promise no parts", .closeCase(caseID, breakingPromise: "no parts")),
      ("promise break k3x9q7 2 --reason no parts", .breakPromise(caseID, number: 2, reason: "no parts")),
      ("note k3x9q7mt a cable was loose", .note(.session(session), text: "a cable was loose")),
      ("note k3x9q7 'a cable was loose'", .note(.caseID(caseID), text: "a cable was loose")),
      (
        "verify 482-177-305 --customer acme --fact postcode=00 100",
        .verify(
          .code(try #require(JoinCode("482177305"))), customer: acme, fact: "postcode", value: "00 100")
      ),
      (
        "verify k3x9q7mt --fact born=1950-01-01 --customer acme",
        .verify(.session(session), customer: acme, fact: "born", value: "1950-01-01")
      ),
      (
        "quote k3x9q7mt --fixed 120.00 --text new disk and data",
        .quote(.session(session), DeskQuote(isFixed: true, amount: "120.00", text: "new disk and data"))
      ),
      (
        "quote k3x9q7 --text x --not-to-exceed 80",
        .quote(.caseID(caseID), DeskQuote(isFixed: false, amount: "80", text: "x"))
      ),
      (
        "promise k3x9q7 --text not above thirty --price 30.00 --until 2026-12-03",
        .promise(
          caseID, DeskPromise(text: "not above thirty", price: "30.00", until: day))
      ),
      ("advise k3x9q7mt --text make backups", .advise(session, text: "make backups", isDeclined: false)),
      ("advise k3x9q7mt --declined --text make backups", .advise(session, text: "make backups", isDeclined: true)),
      ("discount k3x9q7mt --percent 10 --reason loyal", .allow(session, .percent("10"), reason: "loyal")),
      ("discount k3x9q7mt --amount 5.00 --reason late", .allow(session, .amount("5.00"), reason: "late")),
      ("waive k3x9q7mt --reason our own mistake", .allow(session, .all, reason: "our own mistake")),
      ("work k3x9q7mt consult", .work(session, type: "consult")), ("ask k3x9q7mt", .ask(session)),
      ("override k3x9q7mt --reason the owner called", .override(session, reason: "the owner called")),
      (
        "close k3x9q7mt --outcome fixed --keep-promise", .close(session, DeskClose(outcome: .fixed, keepsPromise: true))
      ),
      (
        "close k3x9q7mt --outcome fixed --break-promise two problems",
        .close(session, DeskClose(outcome: .fixed, breakingPromise: "two problems"))
      ),
    ]
    for (text, command) in table { #expect(try parse(text) == command, "\(text)") }
  }

  @Test("help names every command")
  func help() {
    for verb in [
      "list", "show", "close", "note", "case new", "case list", "case show", "case close", "verify", "promise",
      "promise break", "quote",
      "work", "advise", "discount", "waive", "ask", "override",
    ] {
      #expect(DeskCommand.helpText.contains(verb), "\(verb)")
    }
  }

  @Test(
    "mistakes get one line that says what to do",
    arguments: [
      "close", "close nonsense --outcome fixed", "close k3x9q7mt", "close k3x9q7mt --outcome perfect",
      "close k3x9q7mt --outcome declined", "close k3x9q7mt --colour red", "lst", "list all",
      "close k3x9q7mt --outcome fixed --note \u{202e}abc", String(repeating: "x", count: 5000),
      "close k3x9q7mt --outcome fixed --outcome abandoned", "close k3x9q7mt --outcome fixed --keep-promise yes",
      "close k3x9q7mt --outcome fixed --keep-promise --break-promise x", "show", "show 12", "case", "case shut k3x9q7",
      "case new", "case new --title", "case show k3x9q7mt", "case close", "note k3x9q7mt", "verify",
      "verify 12345 --customer acme --fact a=b", "verify 482177305 --fact a=b", "verify 482177305 --customer acme",
      "verify 482177305 --customer ACME --fact a=b", "verify 482177305 --customer acme --fact postcode",
      "verify 482177305 --customer acme --fact =x", "verify 482177305 --customer acme --fact x=",
      "quote k3x9q7mt --text x", "quote k3x9q7mt --fixed 1 --not-to-exceed 2 --text x", "quote k3x9q7mt --fixed 1",
      "promise k3x9q7mt --text x", "promise k3x9q7 --text x --until tomorrow",
      "promise k3x9q7 --until 2026-02-30 --text x", "promise break k3x9q7 --reason x", "promise break k3x9q7 1",
      "promise break k3x9q7mt 1 --reason x", "case close k3x9q7 --break-promise",
      "advise k3x9q7mt", "advise k3x9q7mt --text x --declined no", "discount k3x9q7mt --reason x",
      "discount k3x9q7mt --percent 5 --amount 1 --reason x", "discount k3x9q7mt --percent 5", "waive k3x9q7mt",
      "work k3x9q7mt", "work k3x9q7mt remote consult", "override k3x9q7mt", "override k3x9q7mt --reason", "ask",
      "waive k3x9q7mt --reason \(String(repeating: "x", count: 201))",
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
