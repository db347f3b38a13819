import SessionModel

/// Commands about sessions.
extension DeskCommand {
  static let sessionFamilies: [String: Family] = [
    "list": Family("list [--json]") { (_: inout DeskWords) throws(Mistake) in .list },
    "show": Family("show SESSION|CASE [--json]") { (words: inout DeskWords) throws(Mistake) in
      .show(try words.target())
    },
    "note": Family("note SESSION|CASE TEXT", isText: true) { (words: inout DeskWords) throws(Mistake) in
      let target = try words.target()
      return .note(target, text: try words.text("A note"))
    },
    "verify": Family("verify CODE|SESSION --customer ID --fact KEY=VALUE", verify),
    "advise": Family("advise SESSION --text TEXT [--declined]") { (words: inout DeskWords) throws(Mistake) in
      let session = try words.session()
      let text = try words.required("--text")
      return .advise(session, text: text, isDeclined: try words.flag("--declined"))
    },
    "work": Family("work SESSION TYPE") { (words: inout DeskWords) throws(Mistake) in
      let session = try words.session()
      guard let type = words.place() else { throw words.mistake("What kind of work?") }
      return .work(session, type: type)
    },
    "ask": Family("ask SESSION") { (words: inout DeskWords) throws(Mistake) in .ask(try words.session()) },
    "override": Family("override SESSION --reason TEXT") { (words: inout DeskWords) throws(Mistake) in
      let session = try words.session()
      return .override(session, reason: try words.required("--reason"))
    },
    "close": Family(
      "close SESSION --outcome OUTCOME [--note TEXT] [--keep-promise | --break-promise REASON]", close),
  ]

  private static func verify(_ words: inout DeskWords) throws(Mistake) -> DeskCommand {
    let word = words.place() ?? ""
    let place: DeskPlace
    if let id = SessionID(word) {
      place = .session(id)
    } else if let code = JoinCode(word) {
      place = .code(code)
    } else {
      throw words.mistake("Who is to be verified? Name the code the customer reads out, or a session.")
    }
    guard let customer = try words.name("--customer") else { throw words.mistake("--customer is missing.") }
    let fact = try words.required("--fact")
    guard let sign = fact.firstIndex(of: "="), sign != fact.startIndex, fact.index(after: sign) != fact.endIndex else {
      throw words.mistake("A fact is told as KEY=VALUE, such as postcode=00100.")
    }
    return .verify(
      place, customer: customer, fact: String(fact[..<sign]), value: String(fact[fact.index(after: sign)...]))
  }

  private static func close(_ words: inout DeskWords) throws(Mistake) -> DeskCommand {
    let session = try words.session()
    let named = try words.optional("--outcome")
    guard let named else { throw words.mistake("How did it end?") }
    guard let outcome = Outcome(rawValue: named), Outcome.closable.contains(outcome) else {
      throw Mistake(line: "The outcome must be one of \(Outcome.closable.map(\.rawValue).joined(separator: ", ")).")
    }
    var close = DeskClose(outcome: outcome)
    close.note = try words.optional("--note") ?? ""
    close.breakingPromise = try words.optional("--break-promise")
    close.keepsPromise = try words.flag("--keep-promise")
    if close.keepsPromise && close.breakingPromise != nil {
      throw words.mistake("A promise is kept or broken, not both.")
    }
    return .close(session, close)
  }
}
