import Foundation

/// A JSON value, read leniently: the strictness under test is the programs'.
enum JSON: Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(parsing text: String) throws {
    self = try JSON(value: JSONDecoder().decode(Tree.self, from: Data(text.utf8)))
  }

  private init(value: Tree) { self = value.value }

  private struct Tree: Decodable {
    let value: JSON

    init(from decoder: any Decoder) throws {
      if let object = try? decoder.singleValueContainer().decode([String: Tree].self) {
        value = .object(object.mapValues(\.value))
      } else if let list = try? decoder.singleValueContainer().decode([Tree].self) {
        value = .list(list.map(\.value))
      } else {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
          value = .null
        } else if let bool = try? single.decode(Bool.self) {
          value = .bool(bool)
        } else if let integer = try? single.decode(Int.self) {
          value = .integer(integer)
        } else if let number = try? single.decode(Double.self) {
          value = .number(number)
        } else {
          value = .text(try single.decode(String.self))
        }
      }
    }
  }

  subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }
  var string: String? { if case .text(let text) = self { text } else { nil } }
  var int: Int? { if case .integer(let value) = self { value } else { nil } }
  var array: [JSON]? { if case .list(let items) = self { items } else { nil } }
  var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }

  /// Every line of `text` that is a JSON object.
  static func lines(of text: String) -> [JSON] {
    text.split(separator: "\n").filter { $0.hasPrefix("{") }.compactMap { try? JSON(parsing: String($0)) }
  }
}
