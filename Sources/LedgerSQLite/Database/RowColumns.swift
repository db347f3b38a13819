import Foundation
import GRDB

/// Reads columns without trusting that they hold what the table says: a damaged row may hold anything. Nil means that
/// the value is of another type.
extension Row {
  func integer(_ index: Int) -> Int64? {
    guard case .int64(let value) = (self[index] as DatabaseValue).storage else { return nil }
    return value
  }

  func bytes(_ index: Int) -> [UInt8]? {
    guard case .blob(let value) = (self[index] as DatabaseValue).storage else { return nil }
    return Array(value)
  }

  func text(_ index: Int) -> String? {
    guard case .string(let value) = (self[index] as DatabaseValue).storage else { return nil }
    return value
  }

  func isNull(_ index: Int) -> Bool { (self[index] as DatabaseValue).isNull }
}
