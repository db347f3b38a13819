import SessionModel

/// Commands about cases: one problem each, over any number of sessions.
extension DeskCommand {
  static let caseFamilies: [String: Family] = [
    "case new": Family("case new --title TEXT [--customer ID]") { (words: inout DeskWords) throws(Mistake) in
      let title = try words.required("--title")
      guard TextSafety.problem(inField: title) == nil else {
        throw words.mistake("A title has at most \(TextSafety.maximumFieldScalars) characters.")
      }
      return .newCase(title: title, customer: try words.name("--customer"))
    },
    "case list": Family("case list [--customer ID] [--all]") { (words: inout DeskWords) throws(Mistake) in
      let customer = try words.name("--customer")
      return .listCases(customer: customer, all: try words.flag("--all"))
    },
    "case show": Family("case show CASE") { (words: inout DeskWords) throws(Mistake) in
      .show(.caseID(try words.caseID()))
    },
    "case close": Family("case close CASE [--break-promise REASON]") { (words: inout DeskWords) throws(Mistake) in
      let caseID = try words.caseID()
      return .closeCase(caseID, breakingPromise: try words.optional("--break-promise"))
    },
    "promise break": Family("promise break CASE NUMBER --reason TEXT") { (words: inout DeskWords) throws(Mistake) in
      let caseID = try words.caseID()
      guard let number = words.place().flatMap({ UInt64($0) }) else {
        throw words.mistake("Which promise? See: case show \(caseID).")
      }
      return .breakPromise(caseID, number: number, reason: try words.required("--reason"))
    },
    "promise": Family("promise CASE --text TEXT [--price AMOUNT] [--until YYYY-MM-DD]", promise),
  ]

  private static func promise(_ words: inout DeskWords) throws(Mistake) -> DeskCommand {
    let caseID = try words.caseID()
    var promise = DeskPromise(text: try words.required("--text"))
    promise.price = try words.optional("--price")
    if let text = try words.optional("--until") {
      guard let date = CivilDate(text) else { throw words.mistake("A day is written as 2026-12-03.") }
      promise.until = date
    }
    return .promise(caseID, promise)
  }
}
