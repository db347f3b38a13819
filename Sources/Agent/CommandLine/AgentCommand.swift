import SessionModel

/// What a command line asks for.
public enum AgentCommand: Hashable, Sendable {
  /// Connect and serve.
  case run(AgentOptions)
  /// Check a receipt.
  case verify(VerifyOptions)
  /// `--help`.
  case help
  /// `--version`.
  case version
  /// A subcommand of the interface that this build does not carry out.
  case unavailable(String)

  /// Longest argument read, in bytes.
  public static let maximumArgumentBytes = 4096

  /// Reads the arguments behind the program's name. Values follow as the next argument or behind `=`.
  public init(arguments: [String]) throws(UsageError) {
    if let word = arguments.first, word == "enroll" {
      self = arguments.contains("--help") ? .help : .unavailable(word)
      return
    }
    if arguments.contains("--help") || arguments.contains("-h") {
      self = .help
      return
    }
    if arguments.contains("--version") {
      self = .version
      return
    }
    if arguments.first == "verify" {
      var reader = FlagReader(arguments: Array(arguments.dropFirst()))
      self = .verify(try reader.verifyOptions())
      return
    }
    var reader = FlagReader(arguments: arguments)
    self = .run(try reader.options())
  }
}

/// A command line that says nothing the agent can do. The description is one line: what is wrong and what to do.
public struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Takes the arguments one after the other.
struct FlagReader {
  var rest: ArraySlice<String>
  var seen: Set<String> = []

  init(arguments: [String]) { rest = arguments[...] }

  mutating func options() throws(UsageError) -> AgentOptions {
    var relay: RelayAddress?
    var changes: [(inout AgentOptions) -> Void] = []
    while let argument = rest.popFirst() {
      let (flag, inline) = try split(argument)
      if !seen.insert(flag).inserted { throw UsageError("\(flag) is given twice: give it once.") }
      switch flag {
      case "--relay": relay = try address(value(of: flag, inline))
      case "--pin":
        let pin = try fingerprint(flag, value(of: flag, inline))
        changes.append { $0.pin = pin }
      case "--consent":
        let mode = try consent(value(of: flag, inline))
        changes.append { $0.consent = mode }
      case "--language":
        let tag = try language(value(of: flag, inline))
        changes.append { $0.language = tag }
      case "--state":
        let path = try path(flag, value(of: flag, inline))
        changes.append { $0.stateDirectory = path }
      case "--files":
        let path = try path(flag, value(of: flag, inline))
        changes.append { $0.filesDirectory = path }
      case "--json": try alone(flag, inline) { $0.style = .json }
      case "--read-only": try alone(flag, inline) { $0.isReadOnly = true }
      case "--no-shell": try alone(flag, inline) { $0.permitsShell = false }
      case "--no-forward": try alone(flag, inline) { $0.permitsForward = false }
      default: throw UsageError("\(flag) is not a flag of fixline-agent: see fixline-agent --help.")
      }
      func alone(
        _ flag: String, _ inline: String?, _ change: @escaping (inout AgentOptions) -> Void
      ) throws(UsageError) {
        if inline != nil { throw UsageError("\(flag) takes no value: write it alone.") }
        changes.append(change)
      }
    }
    guard let relay else {
      throw UsageError("--relay is missing: say which relay, as in fixline-agent --relay relay.example:7443.")
    }
    var options = AgentOptions(relay: relay)
    for change in changes { change(&options) }
    return options
  }

  func split(_ argument: String) throws(UsageError) -> (flag: String, inline: String?) {
    guard argument.utf8.count <= AgentCommand.maximumArgumentBytes else {
      throw UsageError(
        "An argument is longer than \(AgentCommand.maximumArgumentBytes) bytes: see fixline-agent --help.")
    }
    guard argument.hasPrefix("--"), argument.utf8.count > 2 else {
      throw UsageError("\"\(shown(argument))\" is not a flag of fixline-agent: see fixline-agent --help.")
    }
    guard let equals = argument.firstIndex(of: "=") else { return (shown(argument), nil) }
    return (shown(String(argument[..<equals])), String(argument[argument.index(after: equals)...]))
  }

  mutating func value(of flag: String, _ inline: String?) throws(UsageError) -> String {
    if let inline, !inline.isEmpty { return inline }
    if inline == nil, let next = rest.first, !next.isEmpty, !next.hasPrefix("--") {
      rest.removeFirst()
      return next
    }
    throw UsageError("\(flag) needs a value: see fixline-agent --help.")
  }

  private func address(_ text: String) throws(UsageError) -> RelayAddress {
    guard let address = RelayAddress(text) else {
      throw UsageError(
        "--relay \(shown(text)) is not HOST:PORT: write a name and a port, as in --relay relay.example:7443.")
    }
    return address
  }

  func fingerprint(_ flag: String, _ text: String) throws(UsageError) -> Fingerprint {
    guard let fingerprint = Fingerprint(text) else {
      throw UsageError(
        "\(flag) \(shown(text)) is not sha256: and 64 hexadecimal digits: copy it from the relay's first line.")
    }
    return fingerprint
  }

  private func consent(_ text: String) throws(UsageError) -> ConsentMode {
    guard let mode = ConsentMode(rawValue: text) else {
      throw UsageError("--consent \(shown(text)) is neither ask nor yes: choose one of them.")
    }
    return mode
  }

  private func language(_ text: String) throws(UsageError) -> String {
    guard LanguageTag.isValid(text) else {
      throw UsageError("--language \(shown(text)) is not a language tag: write one such as en, fi or pt-BR.")
    }
    return text
  }

  func path(_ flag: String, _ text: String) throws(UsageError) -> String {
    guard !text.utf8.contains(0) else { throw UsageError("\(flag) has a path with a zero byte: write another path.") }
    return text
  }

  private func shown(_ text: String) -> String {
    TextWidth.cut(TextSafety.escaped(text), toColumns: 80)
  }
}

/// Language tags as far as the agent has to know them (RFC 5646 section 2.1, without its registry).
enum LanguageTag {
  /// Longest tag, in bytes (RFC 5646 section 4.4.1).
  static let maximumBytes = 35
  /// Used when neither command line nor environment names one.
  static let fallback = "en"

  static func isValid(_ text: String) -> Bool {
    guard text.utf8.count <= maximumBytes else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard let first = parts.first, (2...8).contains(first.count), first.allSatisfy(isLetter) else { return false }
    return parts.dropFirst().allSatisfy { part in
      (1...8).contains(part.count) && part.allSatisfy { isLetter($0) || (48...57).contains($0) }
    }
  }

  /// From a locale's name such as `fi_FI.UTF-8@euro`; nil for `C`, `POSIX` and what is no tag.
  static func from(locale: String) -> String? {
    let name = locale.prefix { $0 != "." && $0 != "@" }
    let tag = name.split(separator: "_", omittingEmptySubsequences: false).joined(separator: "-")
    return name != "POSIX" && isValid(tag) ? tag : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
