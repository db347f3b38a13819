import Billing
import Ledger
import Logging
import Metering
import SessionModel
import SSHFrontDoor
import TunnelProtocol

/// Why no session can be opened: one line for the technician.
struct Refusal: Error, Equatable {
  let line: String
  /// Whether it comes as late as an answer about a code.
  var isLate = false
}

/// Which case a session is for, and what is agreed to before it begins.
extension RelayCore {
  /// A case settled on: one there is, or one to be opened with the session.
  enum SettledCase {
    case existing(CaseID)
    case new
  }

  /// What has to be known before the customer is asked.
  enum Settlement {
    case settled(SettledCase, customer: Name?)
    /// The customer was here lately: the technician knows whether it is the same problem.
    case unclear(RegisteredCase, RegisteredSession)
  }

  /// Whose machine it is: as told by facts, else by an earlier session of the same key.
  func customer(of machine: Machine) -> Name? {
    let told = machine.verified.flatMap { register.customers[$0]?.isErased == false ? $0 : nil }
    return told ?? register.customer(machineKey: machine.spki)
  }

  func settle(_ target: Destination.Target, of machine: Machine) throws(Refusal) -> Settlement {
    readRegister()
    let customer = customer(of: machine)
    switch target {
    case .new: return .settled(.new, customer: customer)
    case .named(let id):
      guard let one = register.cases[id] else {
        throw Refusal(line: "There is no case \(id). See: ssh desk@RELAY case list", isLate: true)
      }
      guard register.takesSessions(id, at: WallClock.now()) else {
        throw Refusal(
          line: "Case \(id) is closed. For a new problem: \(machine.codeText)+\(Destination.newWord)", isLate: true)
      }
      if let owner = one.customer, register.customers[owner]?.isErased != false {
        throw Refusal(
          line: "The customer of case \(id) was erased. Open a new one: \(machine.codeText)+\(Destination.newWord)",
          isLate: true)
      }
      if let owner = one.customer, let customer, owner != customer {
        throw Refusal(line: "Case \(id) is another customer's than this machine. Open one of his.", isLate: true)
      }
      return .settled(.existing(id), customer: customer ?? one.customer)
    case .unreadable(let text):
      throw Refusal(
        line:
          "\"\(TextSafety.escaped(text))\" is no case. Type CODE+CASE with six letters and digits, or CODE+"
          + "\(Destination.newWord).", isLate: true)
    case .open:
      let now = WallClock.now()
      let recent =
        if let customer {
          (try? plan(of: customer)).flatMap { register.recentCase(of: customer, plan: $0, at: now) }
        } else {
          register.promisedCase(machineKey: machine.spki, at: now)
        }
      guard let (one, last) = recent else { return .settled(.new, customer: customer) }
      return .unclear(one, last)
    }
  }

  /// What holds for a session of that case; a case to be opened gets its number here.
  func terms(
    _ settled: SettledCase, customer: Name?, on machine: Machine
  ) throws(Refusal) -> (terms: SessionTerms, quote: RegisteredQuote?) {
    var terms = SessionTerms(plan: try plan(of: customer))
    switch settled {
    case .existing(let id): terms.caseID = id
    case .new: terms.caseID = newCaseID()
    }
    terms.customer = customer
    terms.includedSince = register.includedSince(terms.plan, of: customer)
    terms.identity =
      customer == nil
      ? .unknown
      : machine.verified == customer
        ? .facts : customer == register.customer(machineKey: machine.spki) ? .machine : .unknown
    let details = customer.flatMap { register.customers[$0]?.details }
    terms.language = details?.language.map { Language(tag: $0) } ?? machine.language
    terms.isConsumer = details.map { $0.party == .consumer } ?? (terms.plan.prices == .gross)
    if details?.party == .consumer, terms.plan.prices != .gross {
      throw Refusal(
        line:
          "\(customer?.rawValue ?? "") is a consumer, and plan \(terms.plan.id) has prices without tax. Give him a plan "
          + "with prices: gross.")
    }
    if terms.plan.requiresVerification, terms.identity != .facts {
      throw Refusal(
        line: "Plan \(terms.plan.id) asks who the customer is: ssh desk@RELAY verify \(machine.codeText) --customer ID "
          + "--fact KEY=VALUE")
    }
    let bound = register.quotes(of: terms).last
    let standing = register.standing(of: terms, quote: bound?.quote, at: WallClock.now())
    terms.plan = standing.plan
    (terms.continues, terms.isRework) = (standing.continues, standing.rework != nil)
    return (terms, bound.flatMap { register.quotes[$0.quote.id] })
  }

  func newCaseID() -> CaseID {
    var id = CaseID(using: &random)
    while register.cases[id] != nil { id = CaseID(using: &random) }
    return id
  }

  /// The plan a customer has, or a guest gets: the customer's own, else the one of the configuration, else the one called
  /// standard, else the one every relay starts with.
  func plan(of customer: Name?) throws(Refusal) -> Plan {
    let own = customer.flatMap { register.customers[$0]?.details?.plan }
    if let own, register.plan(own) == nil {
      throw Refusal(
        line:
          "The plan \(TextSafety.escaped(own)) of \(customer?.rawValue ?? "") was withdrawn; its operator has to give "
          + "him another.")
    }
    let configured = services.configuration.defaultPlan
    if own == nil, let configured, register.plan(configured) == nil {
      throw Refusal(line: "The relay's default plan \(configured) is not on record; tell its operator.")
    }
    let id = own ?? configured ?? Plan.standard.id
    guard let kept = register.plan(id) else { return .standard }
    do {
      return try Plan(json: kept.json)
    } catch {
      throw Refusal(line: "The plan \(id) on record cannot be read (\(error)); tell the operator.")
    }
  }

  /// Everything the consent screen says.
  func consentFacts(
    _ terms: SessionTerms, quote: RegisteredQuote?, technician: Name, purpose: String, allowances: Allowances
  ) -> ConsentFacts {
    let now = WallClock.now()
    let plan = terms.plan
    let standing = register.standing(of: terms, quote: register.quotes(of: terms).last?.quote, at: now)
    var facts = ConsentFacts(technician: technician.rawValue, plan: plan, allowances: allowances, at: now)
    facts.shop = services.configuration.shopName
    facts.phone = services.configuration.shopPhone
    facts.purpose = purpose
    facts.isConsumer = terms.isConsumer
    facts.continues = terms.continues
    if plan.included != nil {
      let elsewhere = includedElsewhere(besides: nil, terms, standing.month)
      facts.includedLeftSeconds = standing.leaving(includedSeconds: elsewhere).includedLeftSeconds
    }
    facts.rework = standing.rework.map { ReworkTerms(percent: $0.rule.percent, until: $0.until) }
    facts.quote = quote.map { QuoteTerms($0, terms.currency) }
    // What was granted in this month holds for this session too.
    let grants = register.monthGrants(of: terms, standing.month)
    facts.limits.monthSeconds = facts.limits.monthSeconds.flatMap { LimitCheck.allowed($0, grants: grants) }
    return facts
  }

  /// What every technician is told who joins a session of the case.
  func promises(of caseID: CaseID?) -> [String] {
    guard let one = caseID.flatMap({ register.cases[$0] }) else { return [] }
    let open = one.promises.filter { register.state(of: $0, in: one) == .open }
    return open.suffix(Self.maximumPromisesTold).map { promise in
      let made = promise.made
      let price = made.amountMinor.flatMap { amount in
        made.currency.flatMap { Currency($0) }.map { ", \(Money(minorUnits: amount, currency: $0))" }
      }
      return "Promised by \(made.by): \(made.text)\(price ?? "")\(made.date.map { ", until \($0)" } ?? "")"
    }
  }

  /// Promises a technician is told of when he comes, the newest.
  private static var maximumPromisesTold: Int { 5 }
}

extension Machine {
  /// The code its customer reads out, or the word for it.
  var codeText: String { code?.rawValue ?? "CODE" }
}
