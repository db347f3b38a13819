public import SessionModel

/// Where a relay listens.
public struct RelayAddress: Hashable, Sendable, CustomStringConvertible {
  /// Longest host name, in bytes (RFC 1035 section 2.3.4).
  public static let maximumHostBytes = 253

  /// A name or a numeric address, without brackets.
  public let host: String
  /// 1...65535.
  public let port: UInt16

  /// Reads `HOST:PORT` or `[V6]:PORT`; nil for anything else.
  public init?(_ text: String) {
    let host: Substring
    let port: Substring
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.hasPrefix(":") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      port = rest.dropFirst()
      guard host.utf8.contains(UInt8(ascii: ":")) else { return nil }
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      host = parts[0]
      port = parts[1]
    }
    guard !host.isEmpty, host.utf8.count <= Self.maximumHostBytes, host.utf8.allSatisfy(Self.isHostByte) else {
      return nil
    }
    guard port.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let number = UInt16(port),
      number > 0
    else { return nil }
    self.host = String(host)
    self.port = number
  }

  /// As it was written, with brackets around an IPv6 address.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// True for an address in numbers, which no certificate's name is asked of by SNI.
  public var isNumeric: Bool {
    host.contains(":") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || ($0 >= 48 && $0 <= 57) }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: ":"), UInt8(ascii: "%"):
      true
    default: false
    }
  }
}

/// Who gives the customer's yes.
public enum ConsentMode: String, Hashable, Sendable, CaseIterable {
  /// The person at the terminal is asked each time.
  case ask
  /// A standing yes, which only this side can give; the words are still shown.
  case yes
}

/// How the agent speaks.
public enum OutputStyle: Hashable, Sendable {
  /// Calm text for a person.
  case text
  /// One JSON object a line.
  case json
}

/// Everything the command line of a run says.
public struct AgentOptions: Hashable, Sendable {
  /// `--relay`.
  public var relay: RelayAddress
  /// `--pin`: the relay's key, which replaces authorities and name.
  public var pin: Fingerprint?
  /// `--consent`.
  public var consent = ConsentMode.ask
  /// `--json`.
  public var style = OutputStyle.text
  /// `--language`: a tag such as `fi` or `pt-BR`; nil leaves it to the environment.
  public var language: String?
  /// `--state`: where key and the relay's signing key are kept; nil keeps nothing.
  public var stateDirectory: String?
  /// `--read-only`.
  public var isReadOnly = false
  /// `--files`: what file work is confined to.
  public var filesDirectory: String?
  /// False after `--no-shell`.
  public var permitsShell = true
  /// False after `--no-forward`.
  public var permitsForward = true

  /// The defaults with a relay.
  public init(relay: RelayAddress) { self.relay = relay }

  /// What this side permits at all. The flags are independent: `--read-only` and `--files` bind file work, and only
  /// `--no-shell` keeps shells away, which could change anything.
  public var allowances: Allowances {
    var result = Allowances.all
    if isReadOnly { result.remove(.writeFiles) }
    if !permitsShell { result.remove(.shell) }
    if !permitsForward { result.remove(.forward) }
    return result
  }

  /// A line for whoever bound file work and may think that nothing else can change a file; nil when there is no such gap.
  public var warning: String? {
    guard permitsShell, isReadOnly || filesDirectory != nil else { return nil }
    let flag = isReadOnly ? "--read-only" : "--files"
    return "\(flag) binds file transfers only: a shell can still change any file. Add --no-shell to keep shells away."
  }
}
