import Foundation
import SessionModel

/// Files that whoever typed the command named on it.
enum GivenFile {
  /// The text of a file of at most `maximumBytes`; `what` names it in the refusal: `plan file`.
  static func text(_ path: String, _ what: String, maximumBytes: Int) throws(RelayFailure) -> String {
    let name = TextSafety.escaped(path)
    let data: Data
    do {
      // Nothing at all is what an empty file has.
      data = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: maximumBytes + 1) ?? Data()
    } catch {
      throw RelayFailure(.noInput, "The \(what) \(name) cannot be read. Name a file that exists and can be read.")
    }
    guard data.count <= maximumBytes else {
      throw RelayFailure(.data, "\(name): a \(what) has at most \(maximumBytes >> 10) KiB.")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw RelayFailure(.data, "\(name): this is not UTF-8 text.")
    }
    return text
  }
}
