import SessionModel
import TunnelProtocol

/// What a technician and a session add to the user's own environment: his language, and which session it is. Nothing else
/// he sends gets in, so that nobody sets LD_PRELOAD on a customer's machine.
enum ShellEnvironment {
  /// Variables taken from a technician, at most.
  static let maximumAccepted = 32
  /// Longest value taken from a technician, in bytes.
  static let maximumValueBytes = 256
  /// Longest name of a terminal's kind, in bytes.
  static let maximumTermBytes = 64
  /// When a technician's terminal names no kind that can be one.
  static let fallbackTerm = "dumb"
  /// Names the session to whatever runs in it.
  static let sessionVariable = "FIXLINE_SESSION"

  /// The additions, each name once, the last value holding; the session's name cannot be overridden.
  static func additions(
    accepted: [EnvironmentVariable], session: SessionID
  ) -> [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    for variable in accepted.prefix(maximumAccepted)
    where isLanguage(variable.name) && isValid(value: variable.value) {
      result.removeAll { $0.name == variable.name }
      result.append((variable.name, variable.value))
    }
    result.append((sessionVariable, session.rawValue))
    return result
  }

  /// TERM for a terminal; names end up in file names of the terminfo database, so they are checked.
  static func term(_ name: String) -> String {
    guard (1...maximumTermBytes).contains(name.utf8.count), !name.hasPrefix(".") else { return fallbackTerm }
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return isPlain ? name : fallbackTerm
  }

  /// LANG, LANGUAGE and LC_*.
  static func isLanguage(_ name: String) -> Bool {
    if name == "LANG" || name == "LANGUAGE" { return true }
    let rest = name.dropFirst(3)
    return name.hasPrefix("LC_") && !rest.isEmpty && name.utf8.count <= 32
      && rest.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isValid(value: String) -> Bool {
    value.utf8.count <= maximumValueBytes && !value.utf8.contains { $0 < 0x20 || $0 == 0x7f }
  }
}
