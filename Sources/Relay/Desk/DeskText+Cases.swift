import Billing
import Ledger
import SessionModel

/// What the desk and the commands print of cases.
extension DeskText {
  static func list(_ cases: [RegisteredCase], _ register: CustomerRegister) -> String {
    guard !cases.isEmpty else { return "There is no case.\n" }
    let rows = cases.map { one in
      [
        one.id.rawValue, one.isOpen ? "open" : "closed", one.customer?.rawValue ?? "-", "\(one.sessions.count)",
        String(one.openedAt.rfc3339.prefix(10)), one.title ?? "",
      ]
    }
    return Columns.aligned([["CASE", "STATE", "CUSTOMER", "SESSIONS", "OPENED", "TITLE"]] + rows)
  }

  static func json(_ cases: [RegisteredCase]) -> String {
    JSONValue.array(cases.map { summary(of: $0) }).text + "\n"
  }

  private static func summary(of one: RegisteredCase) -> JSONValue {
    [
      "id": .string(one.id.rawValue), "state": one.isOpen ? "open" : "closed",
      "customer": JSONValue(one.customer?.rawValue), "title": JSONValue(one.title),
      "opened_at": .string(one.openedAt.rfc3339), "closed_at": JSONValue(one.closedAt?.rfc3339),
      "closing_amount_minor": .integer(one.closingAmountMinor), "currency": JSONValue(one.closingCurrency),
      "sessions": .array(one.sessions.map { .string($0.rawValue) }),
    ]
  }

  static func json(_ one: RegisteredCase, _ register: CustomerRegister) -> String {
    var value = summary(of: one)
    value["promises"] = .array(
      one.promises.map { promise in
        var json = promise.made.json
        json["made_at"] = .string(promise.madeAt.rfc3339)
        json["state"] = .string(register.state(of: promise, in: one).rawValue)
        json["broken"] = JSONValue(promise.broken?.reason)
        return json
      })
    value["advice"] = .array(one.advice.map(\.json))
    value["closing_amount_minor"] = .integer(one.closingAmountMinor)
    value["closing_currency"] = JSONValue(one.closingCurrency)
    value["notes"] = .array(
      one.notes.map { note in
        [
          "text": .string(note.note.text), "by": .string(note.note.by), "at": .string(note.writtenAt.rfc3339),
          "session": .string(note.session.rawValue),
        ]
      })
    value["quotes"] = .array(
      one.quotes.compactMap { register.quotes[$0] }.map { quote in
        var json = quote.made.json
        json["state"] = .string(state(of: quote))
        json["left_minor"] = .integer(quote.leftMinor)
        return json
      })
    return value.text + "\n"
  }

  static func text(_ one: RegisteredCase, _ register: CustomerRegister) -> String {
    var rows = [
      ["Case", "\(one.id), \(one.isOpen ? "open" : "closed")"], ["About", one.title ?? ""],
      ["Customer", one.customer?.rawValue ?? "not known"],
    ]
    for session in one.sessions.compactMap({ register.sessions[$0] }) {
      rows.append(["Session", "\(session.id), \(session.technician ?? "?"), \(result(of: session))"])
    }
    for promise in one.promises {
      let made = promise.made
      let state =
        switch register.state(of: promise, in: one) {
        case .open: ""
        case .kept: ", kept"
        case .broken: ", broken: \(promise.broken?.reason ?? "")"
        }
      let day = made.date.map { ", until \($0)" } ?? ""
      rows.append([
        "Promise \(made.number)", "\(made.text)\(price(made.amountMinor, made.currency))\(day) (\(made.by)\(state))",
      ])
    }
    for quote in one.quotes.compactMap({ register.quotes[$0] }) {
      rows.append([
        "Quote",
        "\(quote.made.quote), \(quote.made.text)\(price(quote.made.amountMinor, quote.made.currency)), \(state(of: quote))",
      ])
    }
    if one.closingAmountMinor != 0 {
      rows.append(["Closing", "the rest of the fixed price\(price(one.closingAmountMinor, one.closingCurrency))"])
    }
    for advice in one.advice { rows.append(["Advised", "\(advice.text)\(advice.isDeclined ? " (declined)" : "")"]) }
    for note in one.notes { rows.append(["Note", "\(note.note.text) (\(note.note.by))"]) }
    return Columns.aligned(rows)
  }

  private static func price(_ minor: Int64?, _ code: String?) -> String {
    guard let minor, let currency = code.flatMap({ Currency($0) }) else { return "" }
    return ", \(Money(minorUnits: minor, currency: currency))"
  }

  private static func state(of quote: RegisteredQuote) -> String {
    switch quote.state {
    case .open: "not answered"
    case .accepted: "accepted"
    case .declined: "declined"
    case .replaced: "replaced by a later one"
    }
  }

  private static func result(of session: RegisteredSession) -> String {
    guard let outcome = session.outcome else { return "open" }
    return outcome.rawValue + price(session.amountMinor, session.currency)
  }
}
