import Receipts
import SessionModel
import Testing

@Suite("What a receipt's bytes are")
struct CodingTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  /// Written out by hand from the module's front page.
  private static let golden = #"""
    {"format":"fixline receipt 1","id":"k3x9q7mt","issued_at":"2026-03-02T10:20:03.120Z",
    "shop":{"name":"Nine to Five Computers","address":"Mannerheimintie 1, 00100 Helsinki",
    "phone":"+358 9 123 456","vat_id":"FI12345678"},
    "customer":{"id":"corner-bakery","name":"Corner Bakery Oy"},"technicians":["anna"],"case":"k3x9q7",
    "purpose":"Printer prints blank pages","note":"Replaced the driver.","outcome":"fixed","active_ms":720000,
    "billed_seconds":900,"intervals":[["2026-03-02T10:02:00Z","2026-03-02T10:09:00Z"],
    ["2026-03-02T10:15:00Z","2026-03-02T10:20:00Z"]],"more_intervals":{"count":0,"active_ms":0},
    "lines":[{"kind":"time","description":"Remote support, 15 min at 90.00 EUR an hour","seconds":900,
    "percent":"100","amount_minor":2250,"reason":null,"technician":null}],"amount_minor":2250,"currency":"EUR",
    "prices":"gross","tax":{"category":"S","percent":"25.5","amount_minor":457},
    "consent":{"words_hash":"sha256:dba36bffa5cab0f922d087a3aeb179f9d4e745df40b323e1b1471402848c8a3e",
    "at":"2026-03-02T10:01:00Z"},"rework_free_until":"2026-04-01",
    "chain":{"sequence":42,"hash":"sha256:9f2e6d33a3717ee826353a404ba4618d1aeeb6879ad7936bce8ed5f46814924d"},
    "relay_key":"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
    "agent_key":"8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394","language":"en",
    "text":"RECEIPT k3x9q7mt\nTO PAY   22.50 EUR"}
    """#.split(separator: "\n").joined()

  @Test func `a receipt has exactly these bytes, and they read back as the same receipt`() throws {
    #expect(fixture.receipt.text == Self.golden)
    #expect(try Receipt(text: Self.golden) == fixture.receipt)
  }

  @Test func `a file is the receipt's exact text between keys and signatures`() throws {
    let file = try fixture.file()
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 8 && lines.first == "{" && lines[6] == "}" && lines.last == "")
    #expect(lines[1].hasPrefix(#"  "receipt": "{\"format\":\"fixline receipt 1\",\"id\":\"k3x9q7mt\","#))
    #expect(lines[2] == #"  "relay_key": "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c","#)
    #expect(lines[3].hasPrefix(#"  "relay_signature": ""#) && lines[5].hasPrefix(#"  "agent_signature": ""#))
    #expect(try ReceiptFile(bytes: Array(file.text.utf8)) == file)
    let alone = try fixture.file(countersigned: false)
    #expect(alone.text.hasSuffix("\"agent_signature\": null\n}\n"))
    #expect(try ReceiptFile(bytes: Array(alone.text.utf8)) == alone)
  }

  @Test func `a provisional one has its own bytes and no signature of the relay`() throws {
    let file = try fixture.provisionalFile()
    #expect(
      file.receiptText.hasPrefix(
        #"{"format":"fixline provisional receipt 1","id":"k3x9q7mt","issued_at":"2026-03-02T10:20:03.120Z","shop":"#))
    #expect(file.receiptText.contains(#""measured_ms":725000,"signed_ms":715000,"#))
    #expect(file.text.contains("\"relay_key\": null,\n  \"relay_signature\": null,"))
    #expect(try ReceiptFile(bytes: Array(file.text.utf8)) == file)
  }

  @Test func `what is left of included time stands at the end, for who has any`() throws {
    var receipt = fixture.receipt
    receipt.includedLeftSeconds = 0
    #expect(receipt.text == String(Self.golden.dropLast()) + #","included_left_seconds":0}"#)
    #expect(try Receipt(text: receipt.text) == receipt)
    for wrong in ["null", "-1", "\"0\""] {
      #expect(throws: ReceiptError.self) {
        try Receipt(text: receipt.text.replacing(#"_seconds":0}"#, with: #"_seconds":\#(wrong)}"#))
      }
    }
  }

  @Test func `promises that were not kept stand at the end, where there are any`() throws {
    var receipt = fixture.receipt
    receipt.includedLeftSeconds = 0
    receipt.brokenPromises = [
      Receipt.BrokenPromise(
        text: "At most 30 euro", price: Money(minorUnits: 3000, currency: .eur), promisedBy: "anna",
        reason: "It was a different problem", brokenBy: "ben"),
      Receipt.BrokenPromise(
        text: "a new disk", date: CivilDate(year: 2026, month: 3, day: 1), promisedBy: "anna", reason: "",
        brokenBy: "ben"),
    ]
    let added = #"""
      ,"included_left_seconds":0,"broken_promises":[{"text":"At most 30 euro",
      "price":{"amount_minor":3000,"currency":"EUR"},"date":null,"promised_by":"anna",
      "reason":"It was a different problem","broken_by":"ben"},{"text":"a new disk","price":null,"date":"2026-03-01",
      "promised_by":"anna","reason":"","broken_by":"ben"}]}
      """#.split(separator: "\n").joined()
    #expect(receipt.text == String(Self.golden.dropLast()) + added)
    #expect(try Receipt(text: receipt.text) == receipt && receipt.flaw == nil)
    let file = try fixture.file(receipt)
    #expect(Fixture.check.verdict(ofFile: Array(file.text.utf8), trusting: fixture.trusted) == .genuine)
    for (part, other) in [
      (#""amount_minor":3000,"currency""#, #""amount_minor":-1,"currency""#),
      (#""currency":"EUR"},"date""#, #""currency":"EUX"},"date""#),
      (#""date":null,"promised"#, #""promised"#), (#""reason":"""#, #""reason":"\u202e""#),
      (#"[{"text":"At"#, #"[{"tip":1,"text":"At"#), (#""broken_by":"ben"}]"#, #""broken_by":null}]"#),
    ] {
      let text = receipt.text.replacing(part, with: other)
      #expect(text != receipt.text, "\(part)")
      #expect(throws: ReceiptError.self, "\(other)") { try Receipt(text: text) }
    }
    #expect(throws: ReceiptError.self) { try Receipt(text: Self.golden.dropLast() + #","broken_promises":[]}"#) }
    receipt.brokenPromises = Array(repeating: receipt.brokenPromises[0], count: ReceiptLimits.brokenPromises + 1)
    #expect(throws: ReceiptError.self) { try Receipt(text: receipt.text) }
  }

  @Test func `everything that may be missing may be missing`() throws {
    var receipt = fixture.receipt
    receipt.customer = nil
    receipt.caseID = nil
    receipt.note = nil
    receipt.tax = nil
    receipt.reworkFreeUntil = nil
    receipt.work = .unknown
    receipt.technicians = []
    receipt.lines = []
    #expect(try Receipt(text: receipt.text) == receipt)
  }

  /// A part of the golden text, what stands there instead, and what is said of it.
  static let lies: [(String, String, String)] = [
    (#""format":"fixline receipt 1""#, #""format":"fixline receipt 2""#, "a later version wrote it"),
    (#""format":"fixline receipt 1""#, #""format":"invoice""#, "does not say that it is one"),
    (#""format":"fixline receipt 1","#, "", "the member format should be a text"),
    (#""id":"k3x9q7mt""#, #""id":"K3X9Q7MT""#, "the member id should be a session"),
    (#""active_ms":720000,"billed"#, #""active_ms":-1,"billed"#, "active_ms should be a number not below 0"),
    (#""active_ms":720000,"billed"#, #""active_ms":0720000,"billed"#, "is not JSON"),
    (#""active_ms":720000,"billed"#, #""active_ms":7.2e5,"billed"#, "is not JSON"),
    (#""outcome":"fixed""#, #""outcome":"great""#, "outcome should be a word of its list"),
    (#""currency":"EUR""#, #""currency":"EUX""#, "currency should be a currency"),
    (#""percent":"25.5""#, #""percent":"25,5""#, "tax.percent should be an exact decimal"),
    (#""kind":"time""#, #""kind":"tip""#, "lines.0.kind should be a word of its list"),
    (#""vat_id":"FI12345678""#, #""vat_id":"FI\u202e12""#, "shop.vat_id should be one line"),
    (#"RECEIPT k3x9q7mt\n"#, #"RECEIPT k3x9q7mt\u0007"#, "text should be fit to be shown"),
    (#""rework_free_until":"2026-04-01""#, #""rework_free_until":"2026-04-31""#, "rework_free_until should be a day"),
    (#""technicians":["anna"]"#, #""technicians":[1]"#, "technicians should be a list of names"),
    (#""intervals":[["#, #""intervals":[[],["#, "intervals should be a list of pairs"),
    // The same values, spelt otherwise.
    (#""case":"k3x9q7","#, #""case": "k3x9q7","#, "not written exactly"),
    (#""case":"k3x9q7","#, #""case":"k3x9q\u0037","#, "not written exactly"),
    (#""at":"2026-03-02T10:01:00Z""#, #""at":"2026-03-02T10:01:00.0Z""#, "not written exactly"),
    (#""language":"en""#, #""language":"en","tip":1"#, "not written exactly"),
    (#""relay_key":"8a"#, #""relay_key":"8A"#, "not written exactly"),
  ]

  @Test(arguments: lies) func `what is not exactly a receipt is refused, with the member`(
    part: String, other: String, reason: String
  ) throws {
    let text = Self.golden.replacing(part, with: other)
    #expect(text != Self.golden)
    do {
      _ = try Receipt(text: text)
      Issue.record("\(other) was read")
    } catch {
      #expect(error.description.contains(reason), "\(error)")
    }
  }

  @Test func `long work names a hundred stretches and sums the others up`() throws {
    let start = try time("2026-03-02T08:00:00Z")
    let many = (0..<5000).map { index in
      let from = start.advanced(byMilliseconds: Int64(index) * 2000)
      return Receipt.Work.Interval(from: from, to: from.advanced(byMilliseconds: 1000))
    }
    let work = Receipt.Work(many)
    #expect(work.intervals.count == 100 && work.moreCount == 4900 && work.moreMilliseconds == 4_900_000)
    var receipt = fixture.receipt
    receipt.work = work
    receipt.activeMilliseconds = 5_000_000
    #expect(receipt.flaw == nil)
    #expect(try fixture.file(receipt).fits)
  }

  @Test func `what is larger than any receipt is not read`() throws {
    let bytes = [UInt8](repeating: UInt8(ascii: " "), count: ReceiptLimits.fileBytes + 1)
    #expect(throws: ReceiptError.self) { try ReceiptFile(bytes: bytes) }
    guard case .notGenuine(let why) = Fixture.check.verdict(ofFile: bytes, trusting: nil) else {
      Issue.record("it was taken")
      return
    }
    #expect(why.contains("larger than any"))
  }
}
