/// A currency of ISO 4217 and how many decimals its minor unit has. Codes that have no minor unit of their own (precious
/// metals, test codes) and fund codes are not in the table and are refused.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Three capital letters.
  public let code: String
  /// Decimals of the minor unit: 0, 2 or 3.
  public let exponent: Int

  /// The euro.
  public static let eur = Currency(code: "EUR", exponent: 2)

  /// The currency of a code in capitals, or nil when the table does not have it.
  public init?(_ code: String) {
    guard let exponent = Self.exponents[code] else { return nil }
    self.init(code: code, exponent: exponent)
  }

  private init(code: String, exponent: Int) {
    self.code = code
    self.exponent = exponent
  }

  /// Minor units in one major unit: 1, 100 or 1000.
  public var minorUnitsPerMajor: Int64 {
    switch exponent {
    case 0: 1
    case 2: 100
    default: 1000
    }
  }

  /// The code.
  public var description: String { code }

  /// By code.
  public static func < (left: Currency, right: Currency) -> Bool { left.code < right.code }

  /// Every currency of the table, by code.
  public static var all: [Currency] {
    exponents.map { Currency(code: $0.key, exponent: $0.value) }.sorted()
  }

  private static let withoutDecimals = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
  private static let withThreeDecimals = "BHD IQD JOD KWD LYD OMR TND"
  private static let withTwoDecimals = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP \
    CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS \
    KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD \
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
    TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW
    """

  private static let exponents: [String: Int] = {
    var table: [String: Int] = [:]
    for (codes, exponent) in [(withoutDecimals, 0), (withTwoDecimals, 2), (withThreeDecimals, 3)] {
      for code in codes.split(separator: " ") { table[String(code)] = exponent }
    }
    return table
  }()
}
