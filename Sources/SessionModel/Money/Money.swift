/// An amount in a currency's minor unit. All arithmetic is checked; nothing rounds and nothing traps.
public struct Money: Hashable, Sendable, CustomStringConvertible {
  /// Cents, yen, fils; negative for what reduces a sum.
  public let minorUnits: Int64
  /// The currency the amount is in.
  public let currency: Currency

  /// `minorUnits` of `currency`.
  public init(minorUnits: Int64, currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// Reads exact decimal text: digits, and behind a point at most as many more as the currency has (`22.5`, `22.50`, `22`).
  /// No sign but `-`, no exponent, no separators, no superfluous leading zero.
  /// - Throws: ``MoneyError`` telling apart text that is no amount, too many decimals, too large, and negative.
  public init(decimal text: String, currency: Currency, allowingNegative: Bool = false) throws(MoneyError) {
    let negative = text.utf8.first == UInt8(ascii: "-")
    let parts = text.utf8.dropFirst(negative ? 1 : 0)
      .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.count <= 2, !whole.isEmpty, whole.allSatisfy(Self.isDigit),
      whole.count == 1 || whole.first != UInt8(ascii: "0")
    else { throw .malformed(text) }
    let decimals = parts.count == 2 ? Array(parts[1]) : []
    guard parts.count == 1 || (!decimals.isEmpty && decimals.allSatisfy(Self.isDigit)) else { throw .malformed(text) }
    if negative && !allowingNegative { throw .negative(text) }
    guard decimals.count <= currency.exponent else { throw .tooManyDecimals(text, currency) }
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: currency.exponent - decimals.count)
    var value: Int64 = 0
    for digit in Array(whole) + decimals + zeros {
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      // Built up on the negative side, which reaches one further.
      let (sum, sumOverflow) = tenfold.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      if overflow || sumOverflow { throw .overflow }
      value = sum
    }
    let (positive, overflow) = Int64(0).subtractingReportingOverflow(value)
    if !negative && overflow { throw .overflow }
    self.init(minorUnits: negative ? value : positive, currency: currency)
  }

  /// Exact decimal text with all the currency's decimals: `22.50`, `-5.00`, `333`, `0.831`.
  public var decimalText: String {
    let digits = String(minorUnits.magnitude)
    let sign = minorUnits < 0 ? "-" : ""
    if currency.exponent == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, currency.exponent + 1 - digits.utf8.count)) + digits
    return "\(sign)\(padded.dropLast(currency.exponent)).\(padded.suffix(currency.exponent))"
  }

  /// The decimal text and the currency's code: `22.50 EUR`.
  public var description: String { "\(decimalText) \(currency.code)" }

  /// The sum.
  /// - Throws: ``MoneyError`` when it does not fit or the currencies differ.
  public func adding(_ other: Money) throws(MoneyError) -> Money {
    guard currency == other.currency else { throw .differentCurrencies(currency, other.currency) }
    let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
    if overflow { throw .overflow }
    return Money(minorUnits: sum, currency: currency)
  }

  /// The difference.
  /// - Throws: ``MoneyError`` when it does not fit or the currencies differ.
  public func subtracting(_ other: Money) throws(MoneyError) -> Money {
    guard currency == other.currency else { throw .differentCurrencies(currency, other.currency) }
    let (difference, overflow) = minorUnits.subtractingReportingOverflow(other.minorUnits)
    if overflow { throw .overflow }
    return Money(minorUnits: difference, currency: currency)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

/// Why text is no amount, or a sum could not be made. The description is one line to put behind a key's name.
public enum MoneyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not decimal text.
  case malformed(String)
  /// More decimals than the currency has.
  case tooManyDecimals(String, Currency)
  /// Below zero where only zero and more make sense.
  case negative(String)
  /// Too large for 64 bits of minor units.
  case overflow
  /// Amounts of two currencies cannot be added.
  case differentCurrencies(Currency, Currency)

  /// What was wrong and what to write instead.
  public var description: String {
    switch self {
    case .malformed(let text):
      "\"\(TextSafety.escaped(text))\" is not an amount; write it like 90.00"
    case .tooManyDecimals(let text, let currency):
      "\"\(TextSafety.escaped(text))\" has more decimals than \(currency.code) has (\(currency.exponent))"
    case .negative(let text):
      "\"\(TextSafety.escaped(text))\" is negative; write zero or more"
    case .overflow: "the amount is too large"
    case .differentCurrencies(let left, let right): "\(left.code) and \(right.code) cannot be added"
    }
  }
}
