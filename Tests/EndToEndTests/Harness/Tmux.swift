import Foundation

/// A real terminal that keeps a screen, with one program in it.
struct Tmux {
  private let socket: String
  private let shop: Shop

  /// Starts `arguments` in a new terminal.
  init(_ shop: Shop, _ arguments: [String], columns: Int = 100, rows: Int = 40) throws {
    self.shop = shop
    socket = shop.scratch.path("t\(UInt16.random(in: 0 ... .max))")
    let command = arguments.map { "'\($0)'" }.joined(separator: " ")
    let configuration = try shop.scratch.file("tmux.conf", "set -g remain-on-exit on\nset -g status off\n")
    try run("-f", configuration, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", command)
  }

  @discardableResult
  private func run(_ arguments: String...) throws -> String {
    let done = try shop.tool(["tmux", "-S", socket] + arguments)
    guard done.succeeded else { throw Failure("\(done)") }
    return done.output
  }

  /// Sends keys as tmux names them; other text goes letter by letter.
  func send(_ keys: String...) throws {
    for key in keys { try run("send-keys", key) }
  }

  /// What stands on the screen, lines without trailing blanks.
  func screen() throws -> [String] {
    try run("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false).map {
      String($0.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Waits until the screen shows `text`.
  func expect(_ text: String, within limit: Duration = .seconds(20)) throws {
    try waitUntil("\"\(text)\" on the screen", within: limit, seen: { (try? screen().joined(separator: "\n")) ?? "" }) {
      try screen().joined(separator: "\n").contains(text)
    }
  }

  /// The code that the agent in the terminal shows.
  func code() throws -> String {
    var code: String?
    try waitUntil("nine digits on the screen", seen: { (try? screen().joined(separator: "\n")) ?? "" }) {
      code = try screen().joined(separator: "\n").firstMatch(of: /[0-9]{3} [0-9]{3} [0-9]{3}/).map {
        String($0.output.filter(\.isNumber))
      }
      return code != nil
    }
    return try unwrap(code)
  }

  /// Ends the terminal and what runs in it.
  func close() { _ = try? run("kill-server") }
}
