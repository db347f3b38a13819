import SessionModel
import Yams

/// A YAML file that an operator wrote, as JSON, with the line of every key: what reads the JSON says which key is wrong,
/// and ``failure(key:reason:)`` says where it stands.
///
/// Quoted text is text. Of plain text `true`, `false`, `null`, `~`, nothing and whole numbers are what they look like;
/// everything else (`15m`, `25.5`, `18:00`, `2026-12-25`) stays the text it is, so that nothing is rounded or guessed.
struct YAMLDocument {
  /// Longest file, in bytes.
  static let maximumBytes = 256 << 10
  /// Most keys, values and elements, with what aliases repeat.
  static let maximumNodes = 10_000
  /// Deepest nesting.
  static let maximumDepth = 16

  /// The file's name, to begin every line about it.
  let file: String
  /// What it says.
  let json: JSONValue
  private let lines: [String: Int]

  /// Reads the text of `file`.
  init(text: String, file: String) throws(RelayFailure) {
    let file = TextSafety.escaped(file)
    let nodes: YAMLNodes
    do {
      nodes = try YAMLNodes(text)
    } catch {
      throw Self.failure(file, error)
    }
    guard let root = nodes.root else { throw RelayFailure(.data, "\(file): the file is empty.") }
    var walk = Walk(file: file, nodes: nodes)
    json = try walk.value(of: root, at: "", depth: 0)
    if let double = nodes.double { throw Self.failure(file, double) }
    lines = walk.lines
    self.file = file
  }

  /// `plan.yaml:7: rate_per_hour: must not be negative.` A key that is missing has the line of what it is missing in.
  func failure(key: String, reason: String) -> RelayFailure {
    var way = Substring(key)
    while !way.isEmpty, lines[String(way)] == nil {
      way = way.lastIndex { $0 == "." || $0 == "[" }.map { way[..<$0] } ?? ""
    }
    let line = lines[String(way)].map { ":\($0)" } ?? ""
    return RelayFailure(.data, "\(file)\(line): \(TextSafety.escaped(key)): \(reason).")
  }

  private static func failure(_ file: String, _ problem: YAMLNodes.Problem) -> RelayFailure {
    RelayFailure(.data, "\(file)\(problem.line.map { ":\($0)" } ?? ""): \(problem.reason).")
  }

  /// Goes through the nodes and notes where each stands.
  private struct Walk {
    let file: String
    let nodes: YAMLNodes
    var lines: [String: Int] = [:]
    var count = 0

    init(file: String, nodes: YAMLNodes) { (self.file, self.nodes) = (file, nodes) }

    mutating func value(of node: Node, at way: String, depth: Int) throws(RelayFailure) -> JSONValue {
      count += 1
      if count > YAMLDocument.maximumNodes {
        throw RelayFailure(.data, "\(file): it holds more than \(YAMLDocument.maximumNodes) values.")
      }
      if depth > YAMLDocument.maximumDepth {
        throw failure(node, way, "is nested more than \(YAMLDocument.maximumDepth) deep")
      }
      switch node {
      case .scalar(let scalar): return Self.value(of: scalar)
      case .sequence(let sequence):
        var elements: [JSONValue] = []
        for (index, element) in sequence.enumerated() {
          let elementWay = "\(way)[\(index)]"
          lines[elementWay] = element.mark?.line
          elements.append(try value(of: element, at: elementWay, depth: depth + 1))
        }
        return .array(elements)
      case .mapping(let mapping):
        var members = JSONObject()
        for (key, member) in mapping {
          guard let name = nodes.name(of: key) else { throw failure(key, way, "has a key that is not text") }
          let memberWay = way.isEmpty ? name : "\(way).\(name)"
          if members[name] != nil { throw failure(key, memberWay, "is given twice") }
          lines[memberWay] = key.mark?.line
          members[name] = try value(of: member, at: memberWay, depth: depth + 1)
        }
        return .object(members)
      case .alias: throw failure(node, way, "refers to what is not there")
      }
    }

    private func failure(_ node: Node, _ way: String, _ reason: String) -> RelayFailure {
      let line = node.mark.map { ":\($0.line)" } ?? ""
      let key = way.isEmpty ? "the document" : TextSafety.escaped(way)
      return RelayFailure(.data, "\(file)\(line): \(key): \(reason).")
    }

    private static func value(of scalar: Node.Scalar) -> JSONValue {
      guard scalar.style == .plain else { return .string(scalar.string) }
      switch scalar.string {
      case "", "~", "null": return .null
      case "true": return true
      case "false": return false
      default:
        // Other spellings (`007`, `+1`, `1_000`) are text.
        if let number = Int64(scalar.string), String(number) == scalar.string { return .integer(number) }
        return .string(scalar.string)
      }
    }
  }
}
