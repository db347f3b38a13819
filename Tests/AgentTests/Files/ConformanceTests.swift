import Foundation
import Testing

@Suite(.serialized)
struct ConformanceTests {
  @Test(arguments: ConformanceTable.sections.map(\.name))
  func `every answer is byte for byte that of OpenSSH's sftp-server`(name: String) throws {
    let section = try #require(ConformanceTable.sections.first { $0.name == name })
    try #require(
      FileManager.default.isExecutableFile(atPath: ServerProcess.reference), "install openssh-sftp-server for this test"
    )
    let (reference, ours) = try ConformanceRun().answers(section)
    let names = ["INIT"] + section.requests.filter { $0.isAnswered && !$0.isFatal }.map(\.name) + ["end", "exit"]
    #expect(reference.count == ours.count)
    #expect(reference.count > 2, "the reference answered nothing")
    for (index, (theirs, mine)) in zip(reference, ours).enumerated() {
      #expect(mine == theirs, "\(section.name): \(index < names.count ? names[index] : "end")")
    }
  }

  @Test func `the table has at least 150 requests`() {
    #expect(ConformanceTable.sections.reduce(0) { $0 + $1.requests.count } >= 150)
  }
}
