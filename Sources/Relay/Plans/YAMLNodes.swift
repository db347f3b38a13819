import SessionModel
import Yams

/// The nodes of a YAML text, also of one that gives a key twice.
///
/// The parser refuses such a text as a whole and tells of the first place only. So the first of two equal keys is told apart by
/// a mark before it, and the text is read once more: whoever walks through the nodes and calls keys by ``name(of:)`` comes to
/// the second where it stands, and knows the way to it.
struct YAMLNodes {
  /// Why there are none.
  struct Problem: Error {
    /// Where, from 1; nil when that is not known.
    let line: Int?
    /// One line without the full stop, fit to be shown.
    let reason: String
  }

  /// Most keys that are told apart.
  private static let maximumDoubles = 16
  /// Stands before a key to tell it apart; for private use, so that nobody writes it.
  private static let mark: Unicode.Scalar = "\u{e000}"
  /// What ends a line (YAML 1.1 section 4.2).
  private static let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

  /// The outermost; nil where the text says nothing.
  let root: Node?
  /// What the parser has against equal keys, for whoever came by none of them; nil when every key is given once.
  let double: Problem?

  /// Reads `text`.
  init(_ text: String) throws(Problem) {
    var (text, round) = (text, 1)
    var double: Problem?
    while true {
      do {
        root = try Yams.compose(yaml: text)
        self.double = double
        return
      } catch {
        // What the marks themselves may have broken is not said.
        let problem = double ?? Self.problem(error)
        guard case .duplicatedKeysInMapping(_, let context)? = error as? YamlError, round <= Self.maximumDoubles,
          let marked = Self.marking(text, at: context.mark, times: round)
        else { throw problem }
        (text, round, double) = (marked, round + 1, problem)
      }
    }
  }

  /// A key as it is written; nil for one that is not text.
  func name(of key: Node) -> String? {
    guard case .scalar(let scalar) = key else { return nil }
    guard double != nil else { return scalar.string }
    return String(String.UnicodeScalarView(scalar.string.unicodeScalars.drop { $0 == Self.mark }))
  }

  /// The text with marks before the key at `place`; nil when there is none. Each of several equal keys needs another number of
  /// them.
  private static func marking(_ text: String, at place: Mark, times: Int) -> String? {
    let scalars = text.unicodeScalars
    var (line, start) = (1, scalars.startIndex)
    while line < place.line, start < scalars.endIndex {
      let scalar = scalars[start]
      start = scalars.index(after: start)
      if scalar == "\r", start < scalars.endIndex, scalars[start] == "\n" { continue }
      if breaks.contains(scalar) { line += 1 }
    }
    guard var key = scalars.index(start, offsetBy: place.column - 1, limitedBy: scalars.endIndex),
      key < scalars.endIndex
    else { return nil }
    if scalars[key] == "\"" || scalars[key] == "'" { key = scalars.index(after: key) }
    let marks = repeatElement(mark, count: times)
    return String(String.UnicodeScalarView(scalars[..<key] + Array(marks) + scalars[key...]))
  }

  private static func problem(_ error: any Error) -> Problem {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Problem(line: mark.line, reason: "this is not YAML: \(TextSafety.escaped(problem))")
    case .duplicatedKeysInMapping(let keys, let context):
      Problem(line: context.mark.line, reason: "\(TextSafety.escaped(keys.first ?? "a key")): is given twice")
    default: Problem(line: nil, reason: "this is not YAML")
    }
  }
}
