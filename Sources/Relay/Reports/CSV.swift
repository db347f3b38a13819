import SessionModel

/// Comma-separated values by RFC 4180: CRLF after every record, quotes where they are needed and doubled within.
enum CSV {
  /// The text of `records`, the first of which names the columns.
  ///
  /// A cell of words that begins as a formula would (`=`, `+`, `-`, `@`, a tab) gets an apostrophe before it: spreadsheets run
  /// what stands there. Numbers stay as they are.
  static func text(_ records: [[String]]) -> String {
    records.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    var safe = TextSafety.escaped(text)
    if let first = safe.utf8.first, "=+-@\t".utf8.contains(first), !isNumber(safe) { safe = "'" + safe }
    guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }

  private static func isNumber(_ text: String) -> Bool {
    text.dropFirst().allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") } && text.first == "-"
  }
}
