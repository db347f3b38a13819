public import SessionModel

/// What the customer reads before anybody may touch the machine, and says yes to. The agent shows it word for word.
public enum ConsentText {
  /// Widest line, in terminal columns.
  public static let maximumColumns = 60
  /// Most lines.
  public static let maximumLines = 8

  /// The consent screen in English: at most eight lines of at most 60 columns, without a line feed at the end.
  ///
  /// What does not fit is cut with `…`, the shop before the phone number before the technician's name; an empty shop,
  /// phone or purpose is left out. A limit has no line yet, because plans have none. The right to cancel concerns
  /// consumers, whose prices contain tax.
  public static func english(
    technician: String, shop: String, phone: String, purpose: String, plan: Plan, allowances: Allowances
  ) -> String {
    let consumer = plan.prices == .gross
    var closing = [allowanceLine(allowances)]
    if consumer { closing.append("Start now? When it is done, the 14-day right to cancel ends.") }
    closing.append("Type y = yes, and I will pay.    n = no, it costs nothing.")
    let who = whoLine(technician: technician, shop: shop, phone: phone)
    // One line is kept for the purpose; the price has what is left, and leaves what it does not need to the purpose.
    let price = PriceText.englishLines(
      plan: plan, columns: maximumColumns, maximumLines: maximumLines - closing.count - 2)
    let why = whyLines(purpose, maximum: maximumLines - closing.count - 1 - price.count)
    return ([who] + why + price + closing).joined(separator: "\n")
  }

  private static func whoLine(technician: String, shop: String, phone: String) -> String {
    let room = maximumColumns - 5
    let name = TextWidth.cut(clean(technician), toColumns: 32)
    var left = room - TextWidth.columns(of: name)
    let cutPhone = TextWidth.cut(clean(phone), toColumns: left - 2)
    if !cutPhone.isEmpty { left -= TextWidth.columns(of: cutPhone) + 2 }
    // A shop cut to a letter or two says nothing.
    let fullShop = clean(shop)
    let isLegible = left >= 6 || TextWidth.columns(of: fullShop) + 2 <= left
    let cutShop = isLegible ? TextWidth.cut(fullShop, toColumns: left - 2) : ""
    return "Who: " + [name, cutShop, cutPhone].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Two lines at most: a long purpose must not push the price out of sight.
  private static func whyLines(_ purpose: String, maximum: Int) -> [String] {
    let text = clean(purpose)
    guard !text.isEmpty else { return [] }
    let line = "Why: \(text)"
    if TextWidth.columns(of: line) <= maximumColumns { return [line] }
    let wrapped = TextWidth.wrapped(line, toColumns: maximumColumns)
    guard maximum >= 2, wrapped.count >= 2, wrapped[0] != "Why:" else {
      return [TextWidth.cut(line, toColumns: maximumColumns)]
    }
    return [wrapped[0], TextWidth.cut(wrapped[1...].joined(separator: " "), toColumns: maximumColumns)]
  }

  /// What the yes permits, truly: a shell can change any file, and whoever may connect onwards reaches the network.
  private static func allowanceLine(_ allowances: Allowances) -> String {
    let changes = allowances.contains(.shell) || allowances.contains([.readFiles, .writeFiles])
    if allowances.contains(.forward) {
      let words =
        if changes {
          "change files and use your network"
        } else if allowances.contains(.readFiles) {
          "see your files, use your network"
        } else if allowances.contains(.writeFiles) {
          "put files here, use your network"
        } else {
          "use your network only"
        }
      return "They can \(words). Ctrl+C stops it."
    }
    let words =
      if changes {
        "see and change your files"
      } else if allowances.contains(.readFiles) {
        "see but not change your files"
      } else if allowances.contains(.writeFiles) {
        "put files here"
      } else {
        "do nothing here yet"
      }
    return "They can \(words). Ctrl+C stops it all."
  }

  /// One line of what may be shown, spaces single and none at the ends.
  private static func clean(_ text: String) -> String {
    TextSafety.escaped(text).split(separator: " ").joined(separator: " ")
  }
}
