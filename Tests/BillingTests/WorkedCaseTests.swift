import Billing
import Foundation
import SessionModel
import Testing

/// The worked cases of the money rules whose plan and work this version knows.
struct WorkedCaseTests {
  static let cases: [JSONValue] = {
    guard let file = Bundle.module.url(forResource: "rating", withExtension: "json", subdirectory: "Cases"),
      let data = try? Data(contentsOf: file), let value = try? JSONValue(parsing: Array(data))
    else { return [] }
    return value.array ?? []
  }()

  @Test func thereAreCases() { #expect(Self.cases.count >= 16) }

  @Test(arguments: cases)
  func aWorkedCaseComesOutAsWritten(_ example: JSONValue) throws {
    let plan = try Plan(json: try #require(example["plan"]))
    let work = try #require(example["work"])
    let keys = work.object?.keys ?? []
    #expect(keys.allSatisfy { ["intervals", "continues"].contains($0) })
    let intervals = try (work["intervals"]?.array ?? []).map { interval in
      WorkInterval(
        from: try #require(WallTime(rfc3339: interval["from"]?.string ?? "")),
        to: try #require(WallTime(rfc3339: interval["to"]?.string ?? "")), technician: interval["technician"]?.string)
    }
    let rated = try Rating.rate(plan: plan, intervals: intervals, continues: work["continues"]?.bool ?? false)
    var result = rated.json
    result["lines"] = .array(
      rated.lines.map { line in
        var json = line.json
        #expect(json["description"]?.string?.isEmpty == false)
        json["description"] = nil
        return json
      })
    let expected = try #require(example["expect"])
    #expect(result == expected, "\(example["name"]?.string ?? "")")
    // The plan is kept with the session as JSON: it must come back the same.
    #expect(try Plan(json: try JSONValue(parsing: plan.json.text)) == plan)
  }
}
