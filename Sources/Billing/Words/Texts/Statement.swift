import SessionModel

/// One thing said about money, in its full words and in short ones.
struct Statement {
  /// What gives way first when there is little room. What others are made of never does.
  enum Rank: Int, Comparable {
    /// Good to know: a session goes on, the price is one of the evening.
    case remark
    /// Only makes it cheaper: included time.
    case relief
    /// Only stops it: a limit.
    case stop
    /// What is owed: the price, what raises it, a quote.
    case owed

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  var rank: Rank
  /// The pieces between which a line break reads best.
  var pieces: [String]
  var short: String

  init(_ rank: Rank, pieces: [String], short: String) {
    self.rank = rank
    self.pieces = pieces
    self.short = short
  }

  init(_ rank: Rank, _ text: String, short: String? = nil) {
    self.init(rank, pieces: [text], short: short ?? text)
  }

  private var fullLines: [String] {
    pieces.allSatisfy { TextWidth.columns(of: $0) <= Lines.columns }
      ? pieces : Lines.wrapped(pieces.joined(separator: " "))
  }

  /// The statements in `maximum` lines where that is possible. In this order: each begins a line in full words; the short
  /// ones of what ranks lowest, then of all; all short and run together; without remarks, one by one. What is agreed to
  /// stays, in as many lines as it takes.
  static func lines(_ statements: [Statement], maximum: Int) -> [String] {
    let byRank = statements.indices.sorted { (statements[$0].rank, $1) < (statements[$1].rank, $0) }
    for count in 0...statements.count {
      let shortened = Set(byRank.prefix(count))
      let lines = statements.indices.flatMap {
        shortened.contains($0) ? Lines.wrapped(statements[$0].short) : statements[$0].fullLines
      }
      if lines.count <= maximum { return lines }
    }
    var left = Set(statements.indices)
    for next in byRank.map(Optional.some) + [nil] {
      let lines = Lines.wrapped(left.sorted().map { statements[$0].short }.joined(separator: " "))
      if lines.count <= maximum { return lines }
      guard let next, statements[next].rank == .remark else { return lines }
      left.remove(next)
    }
    return []
  }
}
