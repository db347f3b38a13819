import Billing
import Foundation
import SessionModel
import Testing

/// The worked cases of the money rules, every one, line by line.
struct WorkedCaseTests {
  static let cases: [JSONValue] = {
    guard let file = Bundle.module.url(forResource: "billing-cases", withExtension: "json", subdirectory: "Cases"),
      let data = try? Data(contentsOf: file), let value = try? JSONValue(parsing: Array(data))
    else { return [] }
    return value.array ?? []
  }()

  @Test func allOfThemAreHere() { #expect(Self.cases.count == 25) }

  @Test(arguments: cases)
  func aWorkedCaseComesOutAsWritten(_ example: JSONValue) throws {
    let plan = try Plan(json: try #require(example["plan"]))
    let rated = try Rating.rate(
      plan: plan, work: try Work(json: try #require(example["work"]), currency: plan.currency))
    var result = rated.json
    result["lines"] = .array(
      rated.lines.map { line in
        var json = line.json
        #expect(json["description"]?.string?.isEmpty == false)
        json["description"] = nil
        if line.kind == .quote { #expect(json["reason"] == example["work"]?["quote"]?["id"]) }
        json["reason"] = nil
        // Every member is there, and `null` where there is nothing to say; the cases leave it out.
        #expect(json["technician"] != nil)
        if json["technician"]?.isNull == true { json["technician"] = nil }
        return json
      })
    #expect(result == example["expect"], "\(example["name"]?.string ?? "")")
    // The plan is kept with the session as JSON: it must come back the same.
    #expect(try Plan(json: try JSONValue(parsing: plan.json.text)) == plan)
  }
}
