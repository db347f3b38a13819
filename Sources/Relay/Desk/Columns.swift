import SessionModel

/// Text in aligned columns, two spaces apart, by the width a terminal shows.
enum Columns {
  static func aligned(_ rows: [[String]]) -> String {
    let safe = rows.map { $0.map { TextSafety.escaped($0) } }
    let count = safe.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      safe.map { $0.indices.contains(column) ? TextWidth.columns(of: $0[column]) : 0 }.max() ?? 0
    }
    let lines = safe.map { row in
      // Nothing stands behind the last filled column.
      let row = row.dropLast(row.reversed().prefix { $0.isEmpty }.count)
      return row.enumerated().map { column, text in
        column == row.count - 1
          ? text : text + String(repeating: " ", count: widths[column] - TextWidth.columns(of: text) + 2)
      }.joined()
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
