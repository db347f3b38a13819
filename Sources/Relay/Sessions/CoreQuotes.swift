import Billing
import Ledger
import Logging
import Metering
import SessionModel

/// Prices offered for a case: made at the desk, put before the customer, answered once.
extension RelayCore {
  /// Puts a quote that is not answered yet before the customer of an open session.
  func askQuote(_ quote: RegisteredQuote, of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], session.activatedAt != nil, quote.state == .open else { return }
    do {
      let rated = try runningRating(of: session).work
      // What is let off is let off at the close, once: what stays owed is what it comes off.
      let facts = QuoteFacts(
        technician: quote.made.by, work: quote.made.text, terms: QuoteTerms(quote, session.terms.currency),
        prices: session.terms.plan.prices, charged: rated.amount, billedSeconds: rated.billedSeconds)
      ask(
        .quote(quote.made.quote), words: QuoteQuestion.text(facts, in: session.terms.language),
        chargedMinor: rated.unreducedMinor, of: id, at: now)
    } catch {
      services.log.error("Session \(id): the price so far could not be reckoned: \(error)")
    }
  }

  /// The newest quote of a session's case that the customer has not answered.
  func openQuote(of session: LiveSession) -> RegisteredQuote? {
    guard let caseID = session.terms.caseID else { return nil }
    return (register.cases[caseID]?.quotes ?? []).reversed().lazy.compactMap { self.register.quotes[$0] }
      .first { $0.state == .open && $0.made.currency == session.terms.currency.code }
  }

  func quoteAnswered(
    _ id: SessionID, _ quote: String, _ answer: QuestionAnswered.Answer, _ reason: String, owedMinor: Int64?,
    at now: MonotonicInstant
  ) {
    readRegister()
    guard answer == .yes || answer == .no else {
      let why = reason.isEmpty ? "" : " (\(reason))"
      tellShells(of: id, "The customer did not answer to the price\(why). Once more: ssh desk@RELAY ask \(id)")
      return askLimit(of: id, at: now)
    }
    // One answer to a quote, for ever: a second one is refused here, and by the ledger.
    guard register.quotes[quote]?.state == .open else {
      services.log.notice("Session \(id): quote \(quote) was answered already.")
      return askLimit(of: id, at: now)
    }
    // The limit that holds the session up is lifted by the yes, also one that would hold under a quote: nobody is asked twice.
    let limit = answer == .yes && sessions[id]?.isHeld == true ? sessions[id]?.limit : nil
    record(
      QuoteAnswered(
        quote: quote, isAccepted: answer == .yes, by: "customer", limit: limit?.kind.name, workType: limit?.workType,
        owedMinor: answer == .yes ? owedMinor : nil), id)
    readRegister()
    guard answer == .yes else {
      tellShells(of: id, "The customer does not take the price \(quote).")
      return askLimit(of: id, at: now)
    }
    tellShells(of: id, "The customer takes the price \(quote). It binds from now on.")
    liftLimit(of: id, at: now)
    tellState(of: id)
  }
}

extension RatedWork {
  /// What it costs before anything is let off, in minor units.
  fileprivate var unreducedMinor: Int64 {
    lines.reduce(0) { $1.kind == .allowance ? $0 : $0.addingSaturated($1.amountMinor) }
  }
}
