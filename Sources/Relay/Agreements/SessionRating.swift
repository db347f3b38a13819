import Billing
import Ledger
import Metering
import SessionModel

/// The kinds of work of a session, from when on: the plan's first kind until something else was said.
struct WorkTypes: Hashable, Sendable {
  /// From that moment on, in milliseconds of the session's time.
  struct Change: Hashable, Sendable {
    let fromMilliseconds: Int64
    let type: String
  }

  /// In order.
  private(set) var changes: [Change] = []

  init() {}

  /// As they stand on record.
  init(_ recorded: [WorkChanged]) {
    for change in recorded { self.change(to: change.workType, fromMilliseconds: change.fromMilliseconds) }
  }

  /// The kind now; nil for the plan's first.
  var current: String? { changes.last?.type }

  mutating func change(to type: String, fromMilliseconds: Int64) {
    changes.append(Change(fromMilliseconds: max(fromMilliseconds, changes.last?.fromMilliseconds ?? 0), type: type))
  }

  /// Cuts metered time where the kind of work changed.
  func cut(_ intervals: [MeterInterval]) -> [(interval: MeterInterval, type: String?)] {
    guard !changes.isEmpty else { return intervals.map { ($0, nil) } }
    let edges = [Int64.min] + changes.map(\.fromMilliseconds) + [Int64.max]
    let kinds = [nil] + changes.map { Optional($0.type) }
    return intervals.flatMap { interval in
      kinds.indices.compactMap { index in
        let from = max(interval.fromMilliseconds, edges[index])
        let to = min(interval.toMilliseconds, edges[index + 1])
        return from < to ? (MeterInterval(fromMilliseconds: from, toMilliseconds: to), kinds[index]) : nil
      }
    }
  }
}

/// What a session costs, from its time, its terms and what is on record: the one place where the relay rates. The price a
/// customer sees while it runs, the one his limits are held against and the one he pays come from here.
struct SessionRating {
  /// What is known of the session.
  struct Subject {
    let id: SessionID
    let technician: Name
    let terms: SessionTerms
    /// The moment that offsets count from.
    let start: WallTime
    var types = WorkTypes()
  }

  let intervals: [LedgerInterval]
  let work: RatedWork
  let standing: Standing
  /// The promise that took something off; nil when none had to.
  let keptPromise: PromiseMade?
  /// What it would cost without that, in minor units.
  let unpromisedMinor: Int64

  /// - Parameters:
  ///   - includedElsewhere: what other open sessions may draw of the included time before this one, in seconds.
  ///   - now: the moment that decides the month while nothing was worked yet.
  init(
    _ time: MeteredTime, of subject: Subject, _ register: CustomerRegister, includedElsewhere: Int64 = 0, now: WallTime
  ) throws(RatingError) {
    let terms = subject.terms
    let worked = Self.worked(time, subject)
    intervals = worked.map {
      LedgerInterval(from: $0.from, to: $0.to, technician: $0.technician, workType: $0.workType)
    }
    let moment = intervals.first?.from ?? now
    var quote: Quote?
    for (next, acceptedAt, told) in register.quotes(of: terms) {
      var owed = try Self.owed(worked, until: acceptedAt, under: quote, terms, register, at: moment)
      // Quiet time may turn out to have been work only after he was told what stays owed: that is what he said yes to.
      if let told, told.session == subject.id { owed = min(owed, told.minor) }
      quote = Quote(id: next.id, binding: next.binding, amountMinor: next.amountMinor, owedBeforeMinor: owed)
    }
    standing = register.standing(of: terms, quote: quote, at: moment).leaving(includedSeconds: includedElsewhere)
    let price = AgreedPrice(
      try Rating.rate(plan: terms.plan, work: standing.work(of: terms, worked)),
      allowances: register.sessions[subject.id]?.allowances ?? [],
      promised: register.promisedPrice(on: terms.caseID, in: terms.currency))
    (work, keptPromise, unpromisedMinor) = (price.work, price.keptPromise, price.unpromisedMinor)
  }

  /// What later sessions and documents need to know of how it was rated.
  func facts(_ terms: SessionTerms) -> RatingFacts {
    RatingFacts(
      isRework: terms.isRework, continues: terms.continues, includedSeconds: work.includedSeconds,
      quote: work.quote.map { RatingFacts.QuoteUse(quote: $0.id, usedMinor: work.quoteUsedMinor) })
  }

  static func worked(_ time: MeteredTime, _ subject: Subject) -> [WorkInterval] {
    subject.types.cut(time.intervals).map { offset, type in
      WorkInterval(
        from: subject.start.advanced(byMilliseconds: offset.fromMilliseconds),
        to: subject.start.advanced(byMilliseconds: offset.toMilliseconds), technician: subject.technician.rawValue,
        workType: type)
    }
  }

  /// What the session had cost, under the quote that bound it then, when the customer took another: that stays owed, and the
  /// new one covers what comes on top.
  private static func owed(
    _ worked: [WorkInterval], until accepted: WallTime, under bound: Quote?, _ terms: SessionTerms,
    _ register: CustomerRegister, at moment: WallTime
  ) throws(RatingError) -> Int64 {
    let before = worked.compactMap { interval -> WorkInterval? in
      guard interval.from < accepted else { return nil }
      return WorkInterval(
        from: interval.from, to: min(interval.to, accepted), technician: interval.technician,
        workType: interval.workType)
    }
    guard !before.isEmpty else { return 0 }
    let standing = register.standing(of: terms, quote: bound, at: moment)
    return try Rating.rate(plan: terms.plan, work: standing.work(of: terms, before)).amountMinor
  }
}

extension Standing {
  /// The work of a session, by what its consent promised.
  func work(of terms: SessionTerms, _ intervals: [WorkInterval]) -> Work {
    Work(
      intervals: intervals, isRework: terms.isRework && terms.plan.rework != nil, continues: terms.continues,
      includedLeftSeconds: terms.plan.included == nil ? 0 : includedLeftSeconds, quote: quote)
  }
}
