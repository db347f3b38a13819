/// Numbers and amounts as each language writes them (Unicode CLDR, where it agrees with what people print on receipts).
/// Finnish, Russian and Polish put a no-break space (U+00A0) between groups of digits and before a unit.
extension Language {
  /// U+00A0: a space at which no line is broken.
  static let noBreakSpace = "\u{a0}"

  /// What stands between a number and its unit; nothing in Korean.
  var unitSpace: String {
    switch self {
    case .english: " "
    case .korean: ""
    case .finnish, .russian, .polish: Self.noBreakSpace
    }
  }

  /// A whole number: `1,234,567`, `1 234 567`. Polish leaves four digits together.
  public func number(_ value: Int64) -> String {
    (value < 0 ? "-" : "") + grouped(String(value.magnitude))
  }

  /// Exact decimal text with a point, such as `25.5`, as this language writes it: `25,5`.
  public func decimal(_ text: String) -> String {
    let isNegative = text.hasPrefix("-")
    let parts = (isNegative ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
    let whole = grouped(String(parts[0]))
    return (isNegative ? "-" : "") + (parts.count > 1 ? "\(whole)\(decimalMark)\(parts[1])" : whole)
  }

  /// Exact decimal text as a percentage: `25.5 %`, `25,5 %`, `25.5%`.
  public func percent(_ decimalText: String) -> String {
    switch self {
    case .english: "\(decimal(decimalText)) %"
    case .korean, .polish: "\(decimal(decimalText))%"
    case .finnish, .russian: "\(decimal(decimalText))\(Self.noBreakSpace)%"
    }
  }

  /// An amount with its currency: `22.50 EUR`, `22.50유로`, `22,50 €`, `1 234,00 zł`.
  public func money(_ amount: Money) -> String {
    money(decimalText: amount.decimalText, code: amount.currency.code)
  }

  /// The same of an amount's exact decimal text and a currency's code.
  public func money(decimalText: String, code: String) -> String {
    guard let name = currencyName(code) else {
      return decimal(decimalText) + (self == .korean ? " " : unitSpace) + code
    }
    return decimal(decimalText) + unitSpace + name
  }

  /// What people of this language write for the currencies they meet most; nil where the code says it best.
  private func currencyName(_ code: String) -> String? {
    switch (self, code) {
    case (.finnish, "EUR"), (.russian, "EUR"), (.polish, "EUR"): "€"
    case (.korean, "KRW"): "원"
    case (.korean, "EUR"): "유로"
    case (.russian, "RUB"): "руб."
    case (.polish, "PLN"): "zł"
    default: nil
    }
  }

  private var decimalMark: String {
    switch self {
    case .english, .korean: "."
    case .finnish, .russian, .polish: ","
    }
  }

  private func grouped(_ digits: String) -> String {
    if digits.utf8.count <= (self == .polish ? 4 : 3) { return digits }
    let mark = self == .english || self == .korean ? "," : Self.noBreakSpace
    var groups: [Substring] = []
    var rest = digits[...]
    while !rest.isEmpty {
      groups.append(rest.suffix(3))
      rest = rest.dropLast(3)
    }
    return groups.reversed().joined(separator: mark)
  }
}
