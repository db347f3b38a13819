import SessionModel

extension Receipt.BrokenPromise {
  var json: JSONValue {
    [
      "text": .string(text),
      "price": price.map {
        ["amount_minor": .integer($0.minorUnits), "currency": .string($0.currency.code)]
      } ?? .null,
      "date": JSONValue(date.map { Receipt.day($0) }), "promised_by": .string(promisedBy), "reason": .string(reason),
      "broken_by": .string(brokenBy),
    ]
  }

  init(_ members: ReceiptMembers) throws(ReceiptError) {
    let price = try members.optionalObject("price")
    self.init(
      text: try members.field("text"),
      price: try price.map { (price) throws(ReceiptError) in
        Money(minorUnits: try price.natural("amount_minor"), currency: try price.currency("currency"))
      },
      date: try members.optionalDate("date"), promisedBy: try members.field("promised_by"),
      reason: try members.field("reason"), brokenBy: try members.field("broken_by"))
  }
}
