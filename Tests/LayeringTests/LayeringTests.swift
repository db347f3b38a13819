import Testing

/// The rules of the house, held against the tree. Each failure names file, line and reason.
@Suite("Layering") struct LayeringTests {
  let repository = Repository()
  /// Read and cut into tokens once, for all rules.
  private static let parsed = Result { try Repository().files(under: "Sources", extensions: ["swift"]) }

  private func expectNone(_ violations: [Violation], _ location: SourceLocation = #_sourceLocation) {
    for violation in violations { Issue.record("\(violation)", sourceLocation: location) }
  }

  private func sources() throws -> [SourceFile] { try Self.parsed.get() }

  @Test("imports point downward, as the table allows")
  func importsPointDownward() throws {
    expectNone(try sources().flatMap(HouseRules.layering))
  }

  @Test("nothing the agent links imports Foundation, Dispatch or ArgumentParser")
  func agentStaysSmall() throws {
    expectNone(Closure(files: try sources()).heavyImports(reachedBy: RoomTable.smallProgram))
  }

  @Test("`unsafe` and unchecked sharing stay in the adapters, with their proofs")
  func unsafeStaysInItsRoom() throws {
    expectNone(try sources().flatMap(HouseRules.unsafeCode))
  }

  @Test("nothing a peer, a user or a disk does can end a program")
  func noCrashes() throws {
    expectNone(try sources().flatMap(HouseRules.crashes))
  }

  @Test("no file is longer than a reader holds in mind")
  func filesAreShort() throws {
    let files =
      try repository.files(under: "Sources", extensions: ["swift", "c", "h"])
      + repository.files(under: "Tests", extensions: ["swift", "py"])
    expectNone(files.flatMap(HouseRules.length))
  }

  @Test("nothing is left open, nothing names this machine")
  func textIsFinished() throws {
    let binary: Set = ["png", "gz", "db", "sqlite", "der"]
    let tracked = try #require(try repository.trackedFiles(), "git does not know this checkout")
    for path in tracked where !binary.contains(String(path.split(separator: ".").last ?? "")) {
      guard repository.exists(path), let text = try? repository.text(path) else { continue }
      let file = SourceFile(path: path, text: text)
      expectNone(HouseRules.leftOpen(file))
      expectNone(HouseRules.machinePaths(file, places: repository.machinePlaces))
    }
  }

  @Test("tests wait for conditions, not for time")
  func testsDoNotSleep() throws {
    expectNone(try repository.files(under: "Tests", extensions: ["swift"]).flatMap(HouseRules.sleeps))
  }

  @Test("the top level holds what the design names and nothing else")
  func topLevel() throws {
    let tracked = try #require(try repository.trackedFiles(), "git does not know this checkout")
    expectNone(HouseShape.topLevel(of: tracked))
  }

  @Test("Package.swift, Sources, Tests and the table name the same rooms, each with its front page")
  func roomsAgree() throws {
    expectNone(
      HouseShape.rooms(
        targets: HouseShape.targets(inManifest: try repository.text("Package.swift")),
        folders: try repository.folders(in: "Sources"), exists: repository.exists))
  }
}
