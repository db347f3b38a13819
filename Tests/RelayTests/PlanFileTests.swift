import Billing
import Foundation
import SessionModel
import Testing

@testable import Relay

@Suite("Plans in YAML, and what work would cost by them")
struct PlanFileTests {
  /// The plan of the money rules, with every key.
  private static let whole = """
    id: standard
    name: Standard remote support
    currency: EUR              # ISO 4217
    prices: net
    rate_per_hour: "90.00"
    first: 15m
    then: 6m
    grace: 0s
    call_out: "0.00"
    timezone: Europe/Helsinki
    work_types: [{ type: remote, percent: 100 }, { type: consult, percent: 120 }]
    out_of_hours:
      rules:
        - { days: mon-sun, from: "18:00", to: "08:00", percent: 150 }
        - { days: sat-sun, from: "00:00", to: "24:00", percent: 200 }
      holidays: { dates: [2026-12-25], percent: 200 }
    included: { per: month, amount: 2h, covers_out_of_hours: false, rollover_months: 0, fee: "0.00" }
    rework: { window: 30d, percent: 0 }
    idle: { after: 10m }
    merge_gap: 10m
    technicians: union
    limits: { session: 2h, month: 10h, session_amount: "180.00", in_scope: [remote] }
    tax: { category: S, percent: "25.5" }
    verify: required
    """

  @Test("every key is read, and comes back from the JSON kept with a session")
  func whole() throws {
    let plan = try PlanFile.plan(Self.whole, file: "plan.yaml")
    #expect(plan.id == "standard" && plan.ratePerHourMinor == 9000 && plan.timeZone.identifier == "Europe/Helsinki")
    #expect(plan.workTypes.map(\.type) == ["remote", "consult"] && plan.outOfHours.rules.count == 2)
    #expect(plan.outOfHours.holidays?.dates == [CivilDate("2026-12-25")].compactMap(\.self))
    #expect(plan.included == IncludedTime(amountSeconds: 7200) && plan.rework?.windowSeconds == 30 * 86_400)
    #expect(
      plan.limits
        == Limits(sessionSeconds: 7200, monthSeconds: 36_000, sessionAmountMinor: 18_000, inScope: ["remote"]))
    #expect(plan.tax == PlanTax(category: .standard, percent: try #require(Percent("25.5"))))
    #expect(plan.requiresVerification)
    #expect(try Plan(json: JSONValue(parsing: plan.json.text)) == plan)
    // JSON is YAML too.
    #expect(try PlanFile.plan(plan.json.text, file: "plan.json") == plan)
  }

  @Test(
    "a mistake is refused with key and line",
    arguments: [
      ("EUR ", "EUX ", "plan.yaml:3: currency: "), ("EUR ", "XAU ", "plan.yaml:3: currency: "),
      ("\"90.00\"", "\"90.001\"", "plan.yaml:5: rate_per_hour: "),
      ("\"90.00\"", "\"-90\"", "plan.yaml:5: rate_per_hour: "), ("\"90.00\"", "90", "plan.yaml:5: rate_per_hour: "),
      ("\"90.00\"", "\"9999999999999999999999\"", "plan.yaml:5: rate_per_hour: "),
      ("first: 15m", "first: 0s", "plan.yaml:6: first: "), ("first: 15m", "", "plan.yaml: first: is missing"),
      ("then: 6m", "then: 6 m", "plan.yaml:7: then: "), ("then: 6m", "first: 6m", "plan.yaml:7: first: is given twice"),
      ("id: standard", "id: Stand ard", "plan.yaml:1: id: use a-z"), ("id: standard", "id: desk", "plan.yaml:1: id: "),
      ("month: 10h", "session: 3h", "plan.yaml:22: limits.session: is given twice"),
      ("timezone:", "id: standard\ntimezone:", "plan.yaml:10: id: is given twice"),
      ("grace: 0s", "grace: 6m", "plan.yaml:8: grace: "), ("Helsinki", "Helsinky", "plan.yaml:10: timezone: "),
      ("Europe/Helsinki", "EST", "plan.yaml:10: timezone: "),
      ("percent: 120", "percent: 1.2345", "plan.yaml:11: work_types[1].percent: "),
      ("consult", "remote", "plan.yaml:11: work_types[1].type: "),
      ("mon-sun", "mon-son", "plan.yaml:14: out_of_hours.rules[0].days: "),
      ("mon-sun", "mon-", "plan.yaml:14: out_of_hours.rules[0].days: "),
      ("\"08:00\"", "\"18:00\"", "plan.yaml:14: out_of_hours.rules[0].to: "),
      ("\"08:00\"", "\"8:00\"", "plan.yaml:14: out_of_hours.rules[0].to: "),
      ("percent: 150", "percent: 99.999", "plan.yaml:14: out_of_hours.rules[0].percent: "),
      ("2026-12-25", "2026-02-29", "plan.yaml:16: out_of_hours.holidays.dates[0]: "),
      ("per: month", "per: week", "plan.yaml:17: included.per: "), ("rework:", "rewrok:", "plan.yaml:18: rewrok: "),
      ("window: 30d, ", "", "plan.yaml:18: rework.window: is missing"),
      ("session: 2h", "sesion: 2h", "plan.yaml:22: limits.sesion: "),
      ("[remote]", "[remote, onsite]", "plan.yaml:22: limits.in_scope[1]: "),
      ("\"180.00\"", "\"0.00\"", "plan.yaml:22: limits.session_amount: "),
      ("category: S", "category: Q", "plan.yaml:23: tax.category: "),
      ("required", "sometimes", "plan.yaml:24: verify: "), ("technicians: union", "technicians: [", "plan.yaml:2"),
    ])
  func mistakes(old: String, new: String, line: String) throws {
    let text = Self.whole.replacingOccurrences(of: old, with: new)
    #expect(text != Self.whole)
    let failure = try #require(throws: RelayFailure.self) { try PlanFile.plan(text, file: "plan.yaml") }
    #expect(failure.line.hasPrefix(line), "\(failure.line)")
    #expect(!failure.line.contains("\n") && failure.exitCode == 65)
  }

  @Test(
    "a key given twice has the line of the second, and the way to it, however it is written",
    arguments: [
      ("limits:\n  session: 1h\n  month: 2h\n  session: 3h", "4: limits.session"),
      ("limits:\n  'session': 1h\n  \"session\": 3h", "3: limits.session"),
      ("limits: {\n  session: 1h,\n  session: 3h }", "3: limits.session"),
      ("a: 1\na: 2\na: 3\nb: 1\nb: 2", "2: a"), ("a: |\n  a\n  b: c\nb: c\na: d", "5: a"),
      ("rules:\n- { from: 1, to: 2 }\n- from: 1\n  to: 2\n  from: 3", "5: rules[1].from"),
      ("ä: { ö: 1, ö: 2 }", "1: ä.ö"), ("# \u{2028}x: 1\r\ny: 1\ry: 2", "4: y"), ("1: a\n'1': b", "2: 1"),
      // Where it cannot be told apart the first place is better than none.
      ("b: 1\n&x a: 1\nc: 1\n&y a: 2", "2: a"),
    ])
  func doubles(text: String, place: String) throws {
    let failure = try #require(throws: RelayFailure.self) { try PlanFile.plan(text, file: "p.yaml") }
    #expect(failure.line == "p.yaml:\(place): is given twice.")
  }

  @Test("an id that no plan may have is refused alike where work is rated and where a plan is put on record")
  func identifier() throws {
    let books = try Books()
    let text = Self.whole.replacingOccurrences(of: "id: standard", with: "id: Sum Plan")
    let file = try books.file("sum.yaml", text)
    let added = try Books.refusal { try PlanReports.add(file: file, state: books.state) }
    let work = try books.file("work.json", #"{"intervals":[]}"#)
    let rated = try Books.refusal { try RateReport.rate(planFile: file, workFile: work, json: false) }
    #expect(added.line.contains("sum.yaml:1: id: use a-z, 0-9 and -") && added.code == 65, "\(added)")
    #expect(rated == added)
  }

  @Test("what is no plan at all is one line too")
  func nonsense() throws {
    var laughs = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...7 {
      let alias = "*a\(level - 1)"
      laughs += "a\(level): &a\(level) [\(Array(repeating: alias, count: 8).joined(separator: ", "))]\n"
    }
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    for text in ["", "# nothing", "a", "[]", "1", "? [a]\n: b", laughs, deep, "a: *b", "\u{1}", "id: ''"] {
      let failure = try #require(throws: RelayFailure.self) { try PlanFile.plan(text, file: "p\n.yaml") }
      #expect(TextSafety.problem(inField: failure.line) == nil && failure.exitCode == 65, "\(failure.line)")
    }
  }

  @Test("the worked cases come out of the command's own function, and its text shows every line")
  func workedCases() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../BillingTests/Cases/billing-cases.json")
    let cases = try #require(try JSONValue(parsing: Array(Data(contentsOf: file))).array)
    #expect(cases.count == 25)
    let directory = FileManager.default.temporaryDirectory.appending(path: "fixline-rate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let (plan, work) = (directory.appending(path: "plan.yaml"), directory.appending(path: "work.json"))
    for example in cases {
      try Data(try #require(example["plan"]).text.utf8).write(to: plan)
      try Data(try #require(example["work"]).text.utf8).write(to: work)
      let json = try JSONValue(
        parsing: RateReport.rate(planFile: plan.path(), workFile: work.path(), json: true))
      let expected = try #require(example["expect"])
      for key in ["active_seconds", "billed_seconds", "amount_minor", "currency"] {
        #expect(json[key] == expected[key], "\(example["name"]?.string ?? "")")
      }
      let lines = try #require(expected["lines"]?.array)
      #expect(json["lines"]?.array?.count == lines.count)
      for (line, wanted) in zip(json["lines"]?.array ?? [], lines) {
        for key in ["kind", "seconds", "percent", "amount_minor", "technician"] {
          // Every member is there; the cases leave out what says nothing.
          #expect(line[key] == wanted[key] ?? .null)
        }
        #expect(line["reason"] != nil)
      }
      let text = try RateReport.rate(planFile: plan.path(), workFile: work.path(), json: false)
      #expect(text.hasPrefix("Worked") && text.split(separator: "\n").count == (lines.isEmpty ? 3 : 4 + lines.count))
    }
  }

  @Test(
    "work that cannot be rated is refused in one line",
    arguments: [
      (#"{"intervals":[{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T08:00:00Z"}]}"#, "intervals[0].to: is before"),
      (#"{"intervals":[{"from":"2026-03-02T09:00:00Z","to":"2026-03-02"}]}"#, "intervals[0].to: must be a time"),
      (#"{"intervals":[{"from":"2026-03-02T09:00:00Z"}]}"#, "intervals[0].to: is missing"),
      (#"{"intervals":[],"rework":true}"#, "no rework rule"), (#"{"intervals":[],"left":1}"#, "left: is not a key"),
      (#"{"intervals":[],"included_left_seconds":1}"#, "includes none"),
      (#"{"intervals":[],"included_left_seconds":-1}"#, "included_left_seconds: must not be negative"),
      (#"{"intervals":[],"quote":{"id":"Q","left":"-1"}}"#, "quote.left: "),
      (#"{"intervals":[],"quote":{"id":"Q","left":40}}"#, "quote.left: "),
      (
        #"{"intervals":[{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T10:00:00Z","work_type":"x"}]}"#,
        "no work type \"x\""
      ), ("{", "work.json:1: "), (#"{"intervals":1.5}"#, "work.json:1: "), ("[]", "the document: "),
    ])
  func badWork(text: String, problem: String) throws {
    let failure = try #require(throws: RelayFailure.self) {
      try RateReport.rate(plan: .standard, work: text, file: "work.json")
    }
    #expect(failure.line.contains(problem) && failure.line.hasPrefix("work.json"), "\(failure.line)")
    #expect(!failure.line.contains("\n") && failure.exitCode == 65)
  }

  @Test("a file that is not there, too long or no text is said so")
  func files() throws {
    let directory = FileManager.default.temporaryDirectory
    #expect(throws: RelayFailure.self) { try PlanFile.read("/nowhere/plan.yaml") }
    #expect(throws: RelayFailure.self) { try PlanFile.read(directory.path()) }
    let file = directory.appending(path: "fixline-plan-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    for bytes in [[UInt8](repeating: 0x20, count: YAMLDocument.maximumBytes + 1), [0xff, 0xfe]] {
      try Data(bytes).write(to: file)
      let failure = try #require(throws: RelayFailure.self) { try PlanFile.read(file.path()) }
      #expect(failure.exitCode == 65)
    }
  }
}
