import Ledger
import SessionModel

/// What an operator writes about a customer, in YAML. Every key is optional; one with an empty value takes away what was on
/// record. An unknown key or an impossible value is refused with the key and its line.
///
/// ```yaml
/// legal_name: Acme Oy
/// address: [Street 1, 00100 Helsinki]
/// country: FI            # ISO 3166-1 alpha-2
/// kind: business         # or consumer, who needs a plan with prices: gross
/// vat_id: FI12345678
/// email: bills@acme.example
/// language: fi           # en, ko, fi, ru, pl
/// plan: standard
/// facts: { postcode: "00100", born: 1961 }     # kept hashed; the ones not named are forgotten
/// ```
struct CustomerFile {
  /// Most lines of an address.
  static let maximumAddressLines = 6

  private let document: YAMLDocument

  /// Reads the text of `file` over what is known of `customer`.
  /// - Returns: the facts it names; nil when it does not speak of them.
  static func read(
    _ text: String, file: String, into customer: inout CustomerAdded
  ) throws(RelayFailure) -> CustomerFacts? {
    let reader = CustomerFile(document: try YAMLDocument(text: text, file: file))
    guard let members = reader.document.json.object else {
      throw reader.document.failure(key: "the file", reason: "must hold keys with values")
    }
    var facts: CustomerFacts?
    for member in members.members {
      if member.key == "facts" {
        facts = try reader.facts(member.value)
      } else {
        try reader.read(member.key, member.value, &customer)
      }
    }
    return facts
  }

  private func read(_ key: String, _ value: JSONValue, _ customer: inout CustomerAdded) throws(RelayFailure) {
    switch key {
    case "legal_name": customer.legalName = try text(value, key)
    case "address": customer.address = try address(value)
    case "country":
      customer.country = try checked(value, key, "is no country of ISO 3166 in two capital letters, such as FI") {
        CountryCode($0)?.rawValue
      }
    case "kind":
      guard let party = CustomerAdded.Party(rawValue: value.string ?? "") else {
        throw document.failure(key: key, reason: "must be consumer or business")
      }
      customer.party = party
    case "vat_id":
      customer.vatID = try checked(value, key, "is no identifier such as FI12345678") { CustomerTexts.vatID($0) }
    case "email": customer.email = try checked(value, key, "is no e-mail address") { CustomerTexts.email($0) }
    case "language":
      customer.language = try checked(value, key, CustomerTexts.languageProblem) { Language(knownTag: $0)?.tag }
    case "plan": customer.plan = try text(value, key)
    default: throw document.failure(key: key, reason: "is not a key of a customer")
    }
  }

  private func address(_ value: JSONValue) throws(RelayFailure) -> [String] {
    guard let lines = value.array else { return try text(value, "address").map { [$0] } ?? [] }
    guard lines.count <= Self.maximumAddressLines else {
      throw document.failure(key: "address", reason: "has more than \(Self.maximumAddressLines) lines")
    }
    var address: [String] = []
    for (index, line) in lines.enumerated() {
      let key = "address[\(index)]"
      guard let text = try text(line, key) else { throw document.failure(key: key, reason: "must not be empty") }
      address.append(text)
    }
    return address
  }

  private func facts(_ value: JSONValue) throws(RelayFailure) -> CustomerFacts {
    var facts = CustomerFacts()
    guard value != .null, value != "" else { return facts }
    guard let members = value.object else {
      throw document.failure(key: "facts", reason: "must hold keys with values, such as postcode: \"00100\"")
    }
    for member in members.members {
      let key = "facts.\(member.key)"
      if let problem = facts.add(member.key, try text(member.value, key) ?? "") {
        throw document.failure(key: key, reason: problem)
      }
    }
    return facts
  }

  /// The text as `check` wants it; nil for an empty one.
  private func checked(
    _ value: JSONValue, _ key: String, _ problem: String, _ check: (String) -> String?
  ) throws(RelayFailure) -> String? {
    guard let text = try text(value, key) else { return nil }
    guard let checked = check(text) else { throw document.failure(key: key, reason: problem) }
    return checked
  }

  /// A text, or a whole number as it is written; nil for an empty one.
  private func text(_ value: JSONValue, _ key: String) throws(RelayFailure) -> String? {
    let text: String
    switch value {
    case .null: return nil
    case .string(let written): text = written
    case .integer(let number): text = String(number)
    case .bool, .array, .object: throw document.failure(key: key, reason: "must be text")
    }
    guard !text.isEmpty else { return nil }
    if text.count > CustomerTexts.maximumCharacters {
      throw document.failure(key: key, reason: "is longer than \(CustomerTexts.maximumCharacters) characters")
    }
    if let problem = TextSafety.problem(inField: text) { throw document.failure(key: key, reason: problem) }
    return text
  }
}

/// Texts about customers, as options and files have them.
enum CustomerTexts {
  /// Longest text: of an e-mail address (RFC 5321 section 4.5.3.1.3: a path of 256 with its brackets), in characters.
  static let maximumCharacters = 254
  /// To stand behind the key.
  static let languageProblem = "must be one of \(Language.allCases.map(\.tag).joined(separator: ", "))"

  /// An identifier for value added tax without its spaces: two capital letters, then 2 to 13 letters, digits, `+` or `*` (as
  /// VIES takes them); nil for anything else.
  static func vatID(_ text: String) -> String? {
    let id = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })
    let (letters, digits) = (UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"))
    guard (4...15).contains(id.count), id.prefix(2).allSatisfy(letters.contains),
      id.allSatisfy({ letters.contains($0) || digits.contains($0) || "+*".utf8.contains($0) })
    else { return nil }
    return String(decoding: id, as: UTF8.self)
  }

  /// An address with one `@`, something on both sides of it, and no space; whether it exists only a message tells.
  static func email(_ text: String) -> String? {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !text.contains(where: \.isWhitespace) else { return nil }
    return text
  }
}

/// What a customer can tell to show who he is, before it is hashed.
struct CustomerFacts {
  /// Most facts of one customer.
  static let maximumFacts = 8

  /// A fact in the open.
  struct Fact {
    let key: String
    let value: String
  }

  private(set) var told: [Fact] = []

  /// Adds a fact; returns what is wrong with it, to stand behind its key.
  mutating func add(_ key: String, _ value: String) -> String? {
    guard Name(key) != nil else { return "has no name of a-z, 0-9 and -, beginning with a letter" }
    guard value.contains(where: { !$0.isWhitespace }) else { return "says nothing" }
    guard value.count <= CustomerTexts.maximumCharacters else {
      return "is longer than \(CustomerTexts.maximumCharacters) characters"
    }
    told.removeAll { $0.key == key }
    guard told.count < Self.maximumFacts else { return "is one too many: at most \(Self.maximumFacts)" }
    told.append(Fact(key: key, value: value))
    return nil
  }
}
