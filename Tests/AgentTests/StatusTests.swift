import SessionModel
import Testing

@testable import Agent

@Suite struct StatusLineTests {
  @Test("the line is rewritten in place, and nothing of a longer one is left")
  func rewritten() {
    var screen = Screen()
    var line = StatusLine()
    #expect(line.set("a long line") == true)
    screen.write(line.paint())
    #expect(screen.rows == ["a long line"])
    #expect(line.set("a long line") == false)
    #expect(line.set("short") == true)
    screen.write(line.paint())
    #expect(screen.rows == ["short"])
  }

  @Test("it is cleared, with the echo of Ctrl+C, before another line, and stands below it again")
  func cleared() {
    var screen = Screen()
    var line = StatusLine()
    _ = line.set("anna is working")
    screen.write(line.paint())
    screen.write("^C")
    screen.write(line.erase() + "something else\n" + line.paint())
    #expect(screen.rows == ["something else", "anna is working"])
    _ = line.set(nil)
    screen.write(line.erase() + "the end\n" + line.paint())
    #expect(screen.rows == ["something else", "the end", ""])
  }

  @Test("erasing the widest line takes no more columns than it has: on a terminal of 60 the next one would scroll")
  func widest() {
    for columns in 56...StatusText.maximumColumns {
      var line = StatusLine()
      _ = line.set(String(repeating: "x", count: columns))
      _ = line.paint()
      #expect(line.erase().count == min(columns + 2, 60) + 2)
    }
  }

  @Test("while a question holds the terminal nothing is written; it comes back behind the question")
  func held() {
    var line = StatusLine()
    _ = line.set("one")
    _ = line.paint()
    #expect(line.hold() == "\r     \r")
    #expect(line.set("two") == false)
    #expect(line.erase() == "")
    #expect(line.paint() == "")
    #expect(line.release() == true)
    #expect(line.release() == false)
    #expect(line.paint() == "two")
  }

  /// What a terminal shows: carriage return and line feed, and nothing else that moves.
  private struct Screen {
    private var cells: [[Character]] = [[]]
    private var column = 0

    var rows: [String] {
      cells.map { row in
        var text = String(row)
        while text.last == " " { text.removeLast() }
        return text
      }
    }

    mutating func write(_ text: String) {
      for character in text {
        switch character {
        case "\r": column = 0
        case "\n":
          cells.append([])
          column = 0
        default:
          var row = cells.removeLast()
          if column < row.count { row[column] = character } else { row.append(character) }
          cells.append(row)
          column += 1
        }
      }
    }
  }
}

@Suite struct StatusTextTests {
  private func report(
    _ minutes: Int64, _ minor: Int64, _ currency: String = "EUR", exponent: UInt8 = 2, session: String = "00000001"
  ) throws -> SessionReport {
    SessionReport(
      session: try #require(SessionID(session)), state: .active, activeMilliseconds: minutes * 60_000,
      amountMinor: minor, currency: currency, exponent: exponent)
  }

  @Test("who works, the time and the price so far, and how to stop it")
  func line() throws {
    #expect(
      StatusText(Wording(.english)).line(try report(12, 2_250), technician: "ann")
        == "ann is working · 12 min · 22.50 EUR so far · Ctrl+C stops it")
    #expect(
      StatusText(Wording(.english)).line(try report(12, 2_250), technician: "margareta")
        == "margareta · 12 min · 22.50 EUR so far · Ctrl+C stops it")
    #expect(StatusText(Wording(.english)).line(try report(0, 5), technician: "a").contains("0 s · 0.05 EUR so far"))
    #expect(
      StatusText(Wording(.english)).line(try report(65, 333, "JPY", exponent: 0), technician: "a").contains(
        "1 h 05 min · 333 JPY"))
    #expect(
      StatusText(Wording(.english)).line(try report(1, 831, "KWD", exponent: 3), technician: "a").contains("0.831 KWD"))
  }

  @Test("never wider than 60 columns and never anything that drives a terminal, whatever the relay says")
  func bounded() throws {
    let names = [
      "", "a", String(repeating: "安娜", count: 6), "x\u{1b}[2J\r\n\u{202e}", String(repeating: "m", count: 500),
      String(repeating: "🧑‍🔧", count: 9),
    ]
    for name in names {
      let figures: [(Int64, Int64)] = [(0, 0), (12, 2_250), (600, 123_456_789), (.max / 60_000, .max), (-1, .min)]
      for (minutes, minor) in figures {
        for (currency, exponent) in [("EUR", UInt8(2)), ("\u{1b}]0", 255), ("", 0), ("EUREUREUREUREUR", 4)] {
          let line = StatusText(Wording(.english)).line(
            try report(minutes, minor, currency, exponent: exponent), technician: name)
          #expect(TextWidth.columns(of: line) <= StatusText.maximumColumns, "\(line)")
          #expect(TextSafety.problem(inField: line) == nil, "\(line)")
        }
      }
    }
  }

  @Test("at most one update a second; several sessions take turns; only the line that stands is cleared")
  func turns() throws {
    func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }
    var status = StatusText(Wording(.english))
    let one = try report(1, 0)
    let two = try report(1, 0, session: "00000002")
    let shown = [
      status.show(one, technician: "one", isAlone: true, at: at(0)),
      status.show(one, technician: "one", isAlone: true, at: at(999)),
      status.show(one, technician: "one", isAlone: true, at: at(1_000)),
      status.show(one, technician: "one", isAlone: false, at: at(6_000)),
      status.show(two, technician: "two", isAlone: false, at: at(6_000)),
    ]
    #expect(shown.map { $0?.prefix(3) } == ["one", nil, "one", nil, "two"])
    let cleared = [status.clear(one.session), status.clear(two.session), status.clear(two.session)]
    #expect(cleared == [false, true, false])
  }
}

@Suite struct CodeNewsTests {
  @Test("before a visit a code comes with what to do; behind one it is offered quietly")
  func order() throws {
    let first = try #require(JoinCode("482177305"))
    let second = try #require(JoinCode("123456789"))
    var news = CodeNews()
    #expect(news.came(first, visitRuns: false) == .ready(first))
    #expect(news.visitEnded(othersRun: false) == .none)
    #expect(news.came(second, visitRuns: false) == .again(second))
    #expect(news.came(first, visitRuns: false) == .again(first))
    #expect(news.code == first)
  }

  @Test("a code that comes while a visit runs is said behind the last visit's lines")
  func waits() throws {
    let code = try #require(JoinCode("123456789"))
    var news = CodeNews()
    #expect(news.came(code, visitRuns: true) == .none)
    #expect(news.visitEnded(othersRun: true) == .none)
    #expect(news.visitEnded(othersRun: false) == .again(code))
    #expect(news.visitEnded(othersRun: false) == .none)
    #expect(
      Wording(.english).readyAgain(code).hasSuffix(
        "If you need help again, read out: 123 456 789. Otherwise press Ctrl+C to end."))
  }
}
