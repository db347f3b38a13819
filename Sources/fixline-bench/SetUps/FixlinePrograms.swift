import Foundation
import SessionModel

/// Where relay and agent are.
struct FixlinePrograms: Sendable {
  let relay: String
  let agent: String

  /// Those named, else those beside this program, else the release programs that `Tests/run` leaves.
  static func find(relay: String?, agent: String?) throws(BenchFailure) -> FixlinePrograms {
    FixlinePrograms(
      relay: try locate("fixline-relay", named: relay, option: "--relay-program"),
      agent: try locate("fixline-agent", named: agent, option: "--agent-program"))
  }

  private static func locate(_ name: String, named: String?, option: String) throws(BenchFailure) -> String {
    let here = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let places = named.map { [$0] } ?? ["\(here)/\(name)", ".build-programs/\(name)"]
    guard let found = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw BenchFailure(
        "there is no program at \(places.joined(separator: " or ")): build it, or name it by \(option)")
    }
    return URL(filePath: found).path
  }
}
