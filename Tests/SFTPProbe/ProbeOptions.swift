import Glibc
import SFTPProtocol

/// What the probe was asked for.
struct ProbeOptions: Sendable {
  struct Misuse: Error, CustomStringConvertible {
    let description: String
  }

  var root = "/"
  var home = "/"
  var rules = FileRules.everything
  var limits = SFTPLimits()
  /// Where events are written, one a line.
  var events: String?

  mutating func read(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    func value(_ name: String) throws -> String {
      guard let value = rest.popFirst() else { throw Misuse(description: "\(name) needs a value") }
      return value
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--root": root = try value(argument)
      case "--home": home = try value(argument)
      case "--read-only": rules.canWrite = false
      case "--write-only": rules.canRead = false
      case "--events": events = try value(argument)
      case "--handles":
        guard let count = Int(try value(argument)) else { throw Misuse(description: "\(argument) needs a number") }
        limits.maximumHandles = count
      default: throw Misuse(description: "\(argument) is unknown")
      }
    }
  }
}
