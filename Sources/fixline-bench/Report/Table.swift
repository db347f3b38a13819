import Foundation

/// Text in columns: the first to the left, the others to the right.
struct Table {
  private var rows: [[String]]

  init(header: [String]) { rows = [header] }

  /// Adds a row; what is missing at its end stays empty.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// Whether nothing stands below the header.
  var isEmpty: Bool { rows.count == 1 }

  /// The lines, without trailing space.
  var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A figure with three significant digits, or a dash.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    let size = abs(value)
    let decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 || size == 0 ? 2 : 3
    return String(format: "%.\(decimals)f", value)
  }

  /// A ratio with two decimals, or a dash.
  static func ratio(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    return String(format: "%.2f", value)
  }
}
