import Ledger
import SessionModel
import TestSupport
import Testing

/// Random business: whatever comes in whatever order, the fold is the same in pieces as at once, and never contradicts itself.
@Suite struct RegisterPropertyTests {
  @Test func aFoldInPiecesIsTheFoldAtOnce() throws {
    for _ in 0..<20 {
      var random = SeededGenerator()
      let business = try Self.randomBusiness(steps: 150, &random)
      let whole = business.register()
      for _ in 0..<5 {
        var register = CustomerRegister()
        var rest = business.entries[...]
        while !rest.isEmpty {
          let piece = rest.prefix(Int.random(in: 1...40, using: &random))
          // What was read already may be handed over once more.
          for entry in business.entries.prefix(Int.random(in: 0...piece.startIndex, using: &random)).suffix(5) {
            register.apply(entry)
          }
          for entry in piece { register.apply(entry) }
          rest = rest.dropFirst(piece.count)
        }
        #expect(register == whole, "seed \(random.seed)")
      }
    }
  }

  @Test func entriesOfOtherKindsChangeNothing() throws {
    var random = SeededGenerator()
    let business = try Self.randomBusiness(steps: 200, &random)
    var register = CustomerRegister()
    for entry in business.entries where CustomerRegister.kinds.contains(entry.kind) { register.apply(entry) }
    #expect(register.sessions == business.register().sessions, "seed \(random.seed)")
    #expect(register.cases == business.register().cases, "seed \(random.seed)")
    #expect(register.customers == business.register().customers, "seed \(random.seed)")
  }

  @Test func theRegisterNeverContradictsItself() throws {
    for _ in 0..<20 {
      var random = SeededGenerator()
      let register = try Self.randomBusiness(steps: 200, &random).register()
      for (id, session) in register.sessions {
        if let customer = session.customer {
          #expect(register.customers[customer]?.sessions.count { $0 == id } == 1, "seed \(random.seed)")
        }
        if let one = session.caseID.flatMap({ register.cases[$0] }) {
          #expect(one.sessions.count { $0 == id } == 1, "seed \(random.seed)")
        }
        #expect(session.amountMinor <= session.closedAmountMinor, "a price only goes down, seed \(random.seed)")
        #expect(register.closingOrder.count { $0 == id } == (session.isOpen ? 0 : 1), "seed \(random.seed)")
      }
      let held = register.customers.values.reduce(0) { $0 + $1.sessions.count }
      #expect(held == register.sessions.values.count { $0.customer != nil }, "seed \(random.seed)")
      for quote in register.quotes.values {
        let uses = register.sessions.values.filter { $0.caseID == quote.made.caseID }.compactMap(\.rating.quote)
        let used = uses.filter { $0.quote == quote.made.quote }.reduce(Int64(0)) { $0 + $1.usedMinor }
        #expect(quote.usedMinor == used, "seed \(random.seed)")
      }
    }
  }

  /// Entries at random, of sessions, cases and customers that may or may not be there.
  private static func randomBusiness(steps: Int, _ random: inout SeededGenerator) throws -> Business {
    var business = try Business()
    var customers: [Name] = []
    for id in ["acme", "beta", "gamma"] { customers.append(try business.addCustomer(id)) }
    var cases = [business.openCase(), business.openCase(customers[0])]
    var sessions: [SessionID] = []
    for _ in 0..<steps {
      let caseID = cases.randomElement(using: &random)
      let session = sessions.randomElement(using: &random)
      let customer = customers.randomElement(using: &random)
      let amount = Int64.random(in: 0...5000, using: &random)
      let rating = RatingFacts(
        quote: caseID.flatMap { Bool.random(using: &random) ? .init(quote: "\($0)-1", usedMinor: amount / 2) : nil })
      switch Int.random(in: 0..<12, using: &random) {
      case 0: cases.append(business.openCase(Bool.random(using: &random) ? customer : nil))
      case 1, 2, 3:
        let key = UInt8.random(in: 0...4, using: &random)
        let owner = Bool.random(using: &random) ? customer : nil
        sessions.append(try business.request(Bool.random(using: &random) ? caseID : nil, owner, key: key))
      case 4, 5, 6: if let session { business.close(session, amountMinor: amount, rating: rating) }
      case 7:
        guard let session, let caseID, let customer else { continue }
        let price = Bool.random(using: &random) ? Business.price(amount, rating) : nil
        business.say(SessionAssigned(customer: customer, caseID: caseID, price: price, by: "operator"), in: session)
      case 8:
        guard let session else { continue }
        business.say(
          AmountCorrected(corrects: 1, price: Business.price(amount, rating), reason: "", by: "x"), in: session)
      case 9:
        guard let caseID else { continue }
        business.say(
          QuoteMade(
            quote: "\(caseID)-1", caseID: caseID, binding: .fixed, amountMinor: amount, currency: "EUR", text: "",
            by: "mika"))
        business.say(QuoteAnswered(quote: "\(caseID)-1", isAccepted: Bool.random(using: &random), by: "customer"))
      case 10:
        guard let customer else { continue }
        business.say(IdentityChecked(customer: customer, identity: .facts, result: .wrong, by: "mika"))
      default: if let caseID { business.say(CaseClosed(caseID: caseID, by: "mika")) }
      }
    }
    return business
  }
}
