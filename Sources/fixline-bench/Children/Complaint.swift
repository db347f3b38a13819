import Foundation
import SessionModel

/// What a program said before it gave up, in one line that is safe to show.
enum Complaint {
  /// Longest line, in characters.
  static let characters = 300

  /// The lines of `text`, joined.
  static func line(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    let said = TextSafety.escaped(lines.filter { !$0.isEmpty }.joined(separator: " / "))
    return said.isEmpty ? "it said nothing" : String(said.prefix(characters))
  }

  /// The same, with who said it and how it ended.
  static func line(_ program: String, status: Int, _ text: String) -> String {
    "\(program) ended with status \(status): \(line(text))"
  }
}
