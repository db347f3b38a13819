import Foundation

extension Shop {
  /// A technician comes at a terminal, works for two seconds, and closes as fixed.
  func visit(_ technician: Technician, _ destination: String) throws -> Bill {
    try finish(technician, adopt(try technician.terminal(destination)))
  }

  /// Works for two seconds at a terminal that is open, or asks the customer first, and closes as fixed.
  func finish(_ technician: Technician, _ shell: Child) throws -> Bill {
    try shell.busy(seconds: 2)
    try shell.expect("done-11")
    let bill = try close(by: technician)
    try waitUntil("the end of the shell", seen: { shell.seen }) { shell.exit != nil }
    return bill
  }
}

extension AgentProcess {
  /// The code that follows one that was used up.
  func code(after code: String) throws -> String {
    var next: String?
    try waitUntil("another code", seen: { child.seen }) {
      next = events.last { $0["event"]?.string == "ready" }?["code"]?.string
      return next != nil && next != code
    }
    return try unwrap(next)
  }
}
