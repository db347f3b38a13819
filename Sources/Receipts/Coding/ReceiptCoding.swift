import SessionModel

extension Receipt {
  /// The one text this receipt has: compact JSON, every member in its place, `null` where there is nothing. The last two are
  /// there only where they say something: `included_left_seconds` for customers who have included time, `broken_promises`
  /// where one was broken.
  public var text: String { json.text }

  private var json: JSONValue {
    var json: JSONValue = [
      "format": .string(Self.format),
      "id": .string(id.rawValue),
      "issued_at": .string(issuedAt.rfc3339),
      "shop": [
        "name": .string(shop.name), "address": .string(shop.address), "phone": .string(shop.phone),
        "vat_id": .string(shop.vatID),
      ],
      "customer": customer.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null,
      "technicians": .array(technicians.map { .string($0) }),
      "case": JSONValue(caseID),
      "purpose": .string(purpose),
      "note": JSONValue(note),
      "outcome": .string(outcome.rawValue),
      "active_ms": .integer(activeMilliseconds),
      "billed_seconds": .integer(billedSeconds),
      "intervals": .array(work.intervals.map { [.string($0.from.rfc3339), .string($0.to.rfc3339)] }),
      "more_intervals": ["count": .integer(work.moreCount), "active_ms": .integer(work.moreMilliseconds)],
      "lines": .array(lines.map(\.json)),
      "amount_minor": .integer(amountMinor),
      "currency": .string(currency.code),
      "prices": .string(prices.rawValue),
      "tax": tax.map {
        [
          "category": .string($0.category), "percent": .string($0.percent), "amount_minor": .integer($0.amountMinor),
        ]
      } ?? .null,
      "consent": consent.json,
      "rework_free_until": JSONValue(reworkFreeUntil.map { Self.day($0) }),
      "chain": ["sequence": .integer(chain.sequence), "hash": .string(chain.hash.description)],
      "relay_key": .string(Hex.encode(relayKey)),
      "agent_key": .string(Hex.encode(agentKey)),
      "language": .string(language),
      "text": .string(shownText),
    ]
    if let includedLeftSeconds { json["included_left_seconds"] = .integer(includedLeftSeconds) }
    if !brokenPromises.isEmpty { json["broken_promises"] = .array(brokenPromises.map(\.json)) }
    return json
  }

  static func day(_ date: CivilDate) -> String {
    WallTime(milliseconds: date.daysSince1970 * 86_400_000).date
  }

  /// Reads exactly what ``text`` writes, and nothing else: an unknown, missing or moved member, another spelling of the
  /// same value or a superfluous space is refused. Whether the sums hold is ``flaw``'s question.
  public init(text: String) throws(ReceiptError) {
    let members = try ReceiptMembers(Self.parse(text))
    try Self.check(try members.text("format"), is: Self.format)
    try self.init(members)
    // Byte for byte: two texts that only look alike are not the same.
    guard self.text.utf8.elementsEqual(text.utf8) else {
      throw ReceiptError("it is not written exactly as receipts are")
    }
  }

  private init(_ members: ReceiptMembers) throws(ReceiptError) {
    let shop = try members.object("shop")
    let more = try members.object("more_intervals")
    let chain = try members.object("chain")
    var technicians: [String] = []
    for value in try members.array("technicians", limit: ReceiptLimits.technicians) {
      guard let name = value.string, TextSafety.problem(inField: name) == nil else {
        throw members.wrong("technicians", "a list of names")
      }
      technicians.append(name)
    }
    var lines: [Receipt.Line] = []
    for line in try members.objects("lines", limit: ReceiptLimits.lines) { lines.append(try Receipt.Line(line)) }
    var brokenPromises: [Receipt.BrokenPromise] = []
    if members.has("broken_promises") {
      for promise in try members.objects("broken_promises", limit: ReceiptLimits.brokenPromises) {
        brokenPromises.append(try Receipt.BrokenPromise(promise))
      }
    }
    let customer = try members.optionalObject("customer")
    let tax = try members.optionalObject("tax")
    self.init(
      id: try members.session("id"), issuedAt: try members.time("issued_at"),
      shop: Receipt.Shop(
        name: try shop.field("name"), address: try shop.field("address"), phone: try shop.field("phone"),
        vatID: try shop.field("vat_id")),
      customer: try customer.map { (customer) throws(ReceiptError) in
        Receipt.Customer(id: try customer.field("id"), name: try customer.field("name"))
      },
      technicians: technicians, caseID: try members.optionalField("case"), purpose: try members.field("purpose"),
      note: try members.optionalField("note", limit: ReceiptLimits.noteScalars), outcome: try members.word("outcome"),
      activeMilliseconds: try members.natural("active_ms"), billedSeconds: try members.natural("billed_seconds"),
      work: Receipt.Work(
        intervals: try Self.intervals(members), moreCount: try more.natural("count"),
        moreMilliseconds: try more.natural("active_ms")),
      lines: lines, amountMinor: try members.integer("amount_minor"), currency: try members.currency("currency"),
      prices: try members.word("prices"),
      tax: try tax.map { (tax) throws(ReceiptError) in
        Receipt.Tax(
          category: try tax.field("category"), percent: try tax.decimal("percent"),
          amountMinor: try tax.integer("amount_minor"))
      },
      consent: try Receipt.Consent(try members.object("consent")),
      reworkFreeUntil: try members.optionalDate("rework_free_until"),
      includedLeftSeconds: try members.has("included_left_seconds") ? members.natural("included_left_seconds") : nil,
      brokenPromises: brokenPromises,
      chain: Receipt.Chain(sequence: try chain.natural("sequence"), hash: try chain.fingerprint("hash")),
      relayKey: try members.bytes("relay_key", count: ReceiptLimits.keyBytes),
      agentKey: try members.bytes("agent_key", count: ReceiptLimits.keyBytes),
      language: try members.language("language"), shownText: try members.words("text"))
  }

  private static func intervals(_ members: ReceiptMembers) throws(ReceiptError) -> [Receipt.Work.Interval] {
    var intervals: [Receipt.Work.Interval] = []
    for value in try members.array("intervals", limit: ReceiptLimits.intervals) {
      guard let pair = value.array, pair.count == 2, let from = pair[0].string.flatMap({ WallTime(rfc3339: $0) }),
        let to = pair[1].string.flatMap({ WallTime(rfc3339: $0) })
      else { throw members.wrong("intervals", "a list of pairs of times in UTC") }
      intervals.append(Receipt.Work.Interval(from: from, to: to))
    }
    return intervals
  }
}

extension Receipt.Line {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "description": .string(description), "seconds": .integer(seconds),
      "percent": .string(percent), "amount_minor": .integer(amountMinor), "reason": JSONValue(reason),
      "technician": JSONValue(technician),
    ]
  }

  fileprivate init(_ members: ReceiptMembers) throws(ReceiptError) {
    self.init(
      kind: try members.word("kind"), description: try members.field("description"),
      seconds: try members.natural("seconds"), percent: try members.decimal("percent"),
      amountMinor: try members.integer("amount_minor"), reason: try members.optionalField("reason"),
      technician: try members.optionalField("technician"))
  }
}

extension Receipt.Consent {
  var json: JSONValue { ["words_hash": .string(wordsHash.description), "at": .string(at.rfc3339)] }

  init(_ members: ReceiptMembers) throws(ReceiptError) {
    self.init(wordsHash: try members.fingerprint("words_hash"), at: try members.time("at"))
  }
}

extension Receipt {
  static func parse(_ text: String) throws(ReceiptError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: text)
    } catch {
      throw ReceiptError("it is not JSON (\(error))")
    }
  }

  static func check(_ format: String, is known: String) throws(ReceiptError) {
    guard format != known else { return }
    let stem = known.dropLast(2)
    guard format.hasPrefix(stem) else { throw ReceiptError("it does not say that it is one") }
    throw ReceiptError("a later version wrote it (\(TextSafety.escaped(format))): use a newer program")
  }
}
