import Foundation

/// Where the programs and tools are.
enum Programs {
  private static let environment = ProcessInfo.processInfo.environment

  /// FIXLINE_RELAY, or FIXLINE_BIN's, or the one built beside the tests.
  static let relay = environment["FIXLINE_RELAY"] ?? "\(folder)/fixline-relay"
  /// FIXLINE_AGENT, or FIXLINE_BIN's, or the one built beside the tests.
  static let agent = environment["FIXLINE_AGENT"] ?? "\(folder)/fixline-agent"
  /// A Python that has asyncssh.
  static let python = environment["FIXLINE_PYTHON"] ?? "/usr/bin/python3"

  private static let folder =
    environment["FIXLINE_BIN"]
    ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

  /// A script of EndToEndTests/Scripts.
  static func script(_ name: String) -> String { repository("Tests/EndToEndTests/Scripts/\(name)") }

  /// A file of the repository, by its path from the top.
  static func repository(_ path: String) -> String {
    var top = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<4 { top.deleteLastPathComponent() }
    return top.appending(path: path).path
  }

  /// The environment children get: small, the same everywhere, and never the tests' own.
  static func variables(home: String, _ more: [String: String] = [:]) -> [String: String] {
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return ["PATH": path, "HOME": home, "LANG": "C.UTF-8", "TERM": "xterm-256color"].merging(more) { $1 }
  }
}
