public import SessionModel

extension Receipt {
  /// Who helped, as he names himself on documents. What is not known is empty.
  public struct Shop: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its postal address in one line.
    public var address: String
    /// The number to call.
    public var phone: String
    /// Its VAT identifier.
    public var vatID: String

    /// All of it, by hand.
    public init(name: String, address: String, phone: String, vatID: String) {
      self.name = name
      self.address = address
      self.phone = phone
      self.vatID = vatID
    }
  }

  /// Who pays.
  public struct Customer: Hashable, Sendable {
    /// The customer's number at the shop.
    public var id: String
    /// His legal name.
    public var name: String

    /// Both, by hand.
    public init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// When it was worked: the first stretches one by one, the others as a sum.
  public struct Work: Hashable, Sendable {
    /// A stretch of work.
    public struct Interval: Hashable, Sendable {
      /// Its first instant.
      public var from: WallTime
      /// The instant it ended.
      public var to: WallTime

      /// Both, by hand.
      public init(from: WallTime, to: WallTime) {
        self.from = from
        self.to = to
      }

      /// Its length.
      public var milliseconds: Int64 { to.milliseconds(since: from) }
    }

    /// At most ``ReceiptLimits/intervals``.
    public var intervals: [Interval]
    /// How many more there were.
    public var moreCount: Int64
    /// Their length in all, in milliseconds.
    public var moreMilliseconds: Int64

    /// All of it, by hand.
    public init(intervals: [Interval], moreCount: Int64, moreMilliseconds: Int64) {
      self.intervals = intervals
      self.moreCount = moreCount
      self.moreMilliseconds = moreMilliseconds
    }

    /// Names the first `limit` of `intervals` and sums up the others.
    public init(_ intervals: [Interval], naming limit: Int = ReceiptLimits.intervals) {
      let others = intervals.dropFirst(limit)
      self.init(
        intervals: Array(intervals.prefix(limit)), moreCount: Int64(others.count),
        moreMilliseconds: others.reduce(0) { $0 + $1.milliseconds })
    }

    /// Nothing is known of when it was.
    public static let unknown = Receipt.Work(intervals: [], moreCount: 0, moreMilliseconds: 0)
  }

  /// One line of the bill, as rated.
  public struct Line: Hashable, Sendable {
    /// What it is for.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
      /// Paid by included time.
      case included
      /// The same problem again.
      case rework
      /// Time at a price.
      case time
      /// The fee per session.
      case callOut = "call_out"
      /// What a quote takes off.
      case quote
      /// A waiver or discount.
      case allowance
    }

    /// What it is for.
    public var kind: Kind
    /// What people read.
    public var description: String
    /// Billed seconds in it.
    public var seconds: Int64
    /// An exact decimal such as `150` or `112.5`.
    public var percent: String
    /// The amount in minor units; negative for a reduction.
    public var amountMinor: Int64
    /// Why, for an allowance.
    public var reason: String?
    /// Whose work it is, when that is told apart.
    public var technician: String?

    /// All of it, by hand.
    public init(
      kind: Kind, description: String, seconds: Int64, percent: String, amountMinor: Int64, reason: String? = nil,
      technician: String? = nil
    ) {
      self.kind = kind
      self.description = description
      self.seconds = seconds
      self.percent = percent
      self.amountMinor = amountMinor
      self.reason = reason
      self.technician = technician
    }
  }

  /// The basis of amounts.
  public enum Prices: String, Hashable, Sendable, CaseIterable {
    /// Tax comes on top.
    case net
    /// Tax is inside.
    case gross
  }

  /// Value added tax of the whole receipt.
  public struct Tax: Hashable, Sendable {
    /// The category's letter (UNCL5305), such as `S`.
    public var category: String
    /// An exact decimal such as `25.5`.
    public var percent: String
    /// The tax in minor units: inside the amount when prices are gross, on top of it when they are net.
    public var amountMinor: Int64

    /// All of it, by hand.
    public init(category: String, percent: String, amountMinor: Int64) {
      self.category = category
      self.percent = percent
      self.amountMinor = amountMinor
    }
  }

  /// What the customer said yes to, and when.
  public struct Consent: Hashable, Sendable {
    /// SHA-256 of the UTF-8 words he was shown.
    public var wordsHash: Fingerprint
    /// When he said yes.
    public var at: WallTime

    /// Both, by hand.
    public init(wordsHash: Fingerprint, at: WallTime) {
      self.wordsHash = wordsHash
      self.at = at
    }
  }

  /// An entry of the relay's ledger.
  public struct Chain: Hashable, Sendable {
    /// Its place, from 1.
    public var sequence: Int64
    /// Its hash.
    public var hash: Fingerprint

    /// Both, by hand.
    public init(sequence: Int64, hash: Fingerprint) {
      self.sequence = sequence
      self.hash = hash
    }
  }
}
