public import SessionModel

/// What `fixline-agent verify` is told.
public struct VerifyOptions: Hashable, Sendable {
  /// The receipt's file.
  public var file: String
  /// `--key`: SHA-256 of the relay's signing key, as the shop says it.
  public var key: Fingerprint?
  /// `--state`: the directory in which relays are remembered.
  public var stateDirectory: String?

  /// A file, and no key to trust.
  public init(file: String) { self.file = file }
}

extension FlagReader {
  /// Reads the arguments behind `verify`.
  mutating func verifyOptions() throws(UsageError) -> VerifyOptions {
    var file: String?
    var key: Fingerprint?
    var state: String?
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        guard file == nil else { throw UsageError("verify takes one receipt: name one file.") }
        file = try path("verify", argument)
        continue
      }
      let (flag, inline) = try split(argument)
      if !seen.insert(flag).inserted { throw UsageError("\(flag) is given twice: give it once.") }
      switch flag {
      case "--key": key = try fingerprint(flag, value(of: flag, inline))
      case "--state": state = try path(flag, value(of: flag, inline))
      default: throw UsageError("\(flag) is not a flag of fixline-agent verify: see fixline-agent --help.")
      }
    }
    guard let file, !file.isEmpty else {
      throw UsageError("Which receipt? Name its file, as in fixline-agent verify fixline-receipt-k3x9q7mt.json.")
    }
    var options = VerifyOptions(file: file)
    options.key = key
    options.stateDirectory = state
    return options
  }
}
