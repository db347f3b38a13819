import SessionModel

/// What a technician may say to the desk, parsed from the words ssh sent. Pure: amounts stay text until it is known in
/// which currency.
enum DeskCommand: Equatable, Sendable {
  case help
  case list
  case show(DeskTarget)
  case newCase(title: String, customer: Name?)
  case listCases(customer: Name?, all: Bool)
  case closeCase(CaseID, breakingPromise: String? = nil)
  case note(DeskTarget, text: String)
  case verify(DeskPlace, customer: Name, fact: String, value: String)
  case quote(DeskTarget, DeskQuote)
  case promise(CaseID, DeskPromise)
  case breakPromise(CaseID, number: UInt64, reason: String)
  case advise(SessionID, text: String, isDeclined: Bool)
  case allow(SessionID, DeskReduction, reason: String)
  case work(SessionID, type: String)
  case ask(SessionID)
  case override(SessionID, reason: String)
  case close(SessionID, DeskClose)

  /// Why the words are no command: one line that says what to do.
  struct Mistake: Error, Equatable { let line: String }

  /// A command, and whether its answer is to be JSON.
  struct Parsed: Equatable {
    let command: DeskCommand
    let json: Bool
  }

  static func parse(_ bytes: [UInt8]) throws(Mistake) -> Parsed {
    guard bytes.count <= DeskWords.maximumLength else { throw Mistake(line: "That command is too long.") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Mistake(line: "That command is not UTF-8 text.")
    }
    var words = DeskWords.split(text)[...]
    var json = DeskWords.takeJSON(&words, also: .end)
    var verb = words.popFirst() ?? ""
    if verb == "case" || verb == "promise" && words.first == "break", let second = words.popFirst() {
      verb += " \(second)"
    }
    let family = families[verb]
    let isText = family?.isText == true
    if DeskWords.takeJSON(&words, also: isText ? .nowhere : .beforeOptions) { json = true }
    let asksHelp = isText ? words.first == "--help" : words.contains("--help")
    guard !["", "help", "--help"].contains(verb), !asksHelp else {
      return Parsed(command: .help, json: json)
    }
    guard let family else {
      if verb.hasPrefix("case") { throw Mistake(line: "Use: case new | list | show | close. See: help") }
      throw Mistake(line: "The desk does not know \"\(TextSafety.escaped(verb))\". Try: ssh desk@RELAY help")
    }
    var rest = try DeskWords(words, usage: family.usage, isText: isText)
    let command = try family.parse(&rest)
    try rest.finish()
    return Parsed(command: command, json: json)
  }

  /// How one verb is used and read.
  struct Family: Sendable {
    let usage: String
    /// Whether it has no options but ends with a text, in which anything may stand.
    let isText: Bool
    let parse: @Sendable (inout DeskWords) throws(Mistake) -> DeskCommand

    init(
      _ usage: String, isText: Bool = false,
      _ parse: @escaping @Sendable (inout DeskWords) throws(Mistake) -> DeskCommand
    ) {
      self.usage = usage
      self.isText = isText
      self.parse = parse
    }
  }

  private static let families = sessionFamilies.merging(caseFamilies) { first, _ in first }
    .merging(moneyFamilies) { first, _ in first }
}

/// A session or a case.
enum DeskTarget: Equatable, Sendable {
  case session(SessionID)
  case caseID(CaseID)
}

/// A session, or a machine by the code its customer reads out.
enum DeskPlace: Equatable, Sendable {
  case session(SessionID)
  case code(JoinCode)
}

/// A price to be put before the customer.
struct DeskQuote: Equatable, Sendable {
  let isFixed: Bool
  let amount: String
  let text: String
}

/// Something that was told to a customer.
struct DeskPromise: Equatable, Sendable {
  let text: String
  var price: String?
  var until: CivilDate?
}

/// What is taken off.
enum DeskReduction: Equatable, Sendable {
  case all
  case percent(String)
  case amount(String)
}

/// How a session is to end.
struct DeskClose: Equatable, Sendable {
  let outcome: Outcome
  var note = ""
  /// Why a promised price is not kept.
  var breakingPromise: String?
  /// What is over a promised price is to be taken off.
  var keepsPromise = false
}
