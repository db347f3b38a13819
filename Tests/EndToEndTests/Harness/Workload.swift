import Foundation
import Glibc

/// Something a technician does that moves bytes which can be compared afterwards.
enum Workload: String, CaseIterable, Sendable {
  case shell, execIn, execOut, put, get, rsyncUp, rsyncDown, forward

  /// Makes what is to be moved.
  func prepare(_ place: Place, bytes: Int) throws {
    try place.prepare("head -c \(bytes) /dev/urandom >desk/in; head -c \(bytes) /dev/urandom >machine/in")
  }

  /// Most bytes a second where the client can be told, so that it lasts: about 20 MB.
  private static let pace = "160000"
  /// Lines a shell prints, with some pause after each hundred.
  static let lines = 3000

  /// Starts it. `target` is a `targets.py answer` on the machine. `again` when a shell may wait with such work half done.
  func start(_ place: Place, target: Target?, again: Bool = false) throws -> Child {
    let (alice, code, machine, desk) = (place.alice, place.code, place.machine, place.desk)
    switch self {
    case .shell:
      let shell = place.shop.adopt(try alice.terminal(code, columns: 200))
      // Before a shell has printed anything, a Ctrl+C ends it.
      if again {
        try waitUntil("the shell", seen: { shell.seen }) { shell.output.total > 0 }
        try shell.type("\u{3}")
      }
      try shell.type(
        "stty -echo; echo begin-$((\(shell.pid) + 0)); i=0; while [ $i -lt \(Self.lines) ]; do i=$((i+1)); echo \"<$i>\"; "
          + "[ $((i % 100)) = 0 ] && sleep 0.03; done; echo all-$((\(shell.pid) + 0)); stty echo\n")
      return shell
    case .execIn:
      return place.shop.adopt(try alice.start(code, ["cat >\(machine)/out"], input: .file("\(desk)/in")))
    case .execOut: return try redirected(place, alice.line(code, ["cat \(machine)/in"]), input: .nothing)
    case .put:
      return place.shop.adopt(
        try alice.launch(alice.sftpLine(code, "put \(desk)/in \(machine)/out", options: ["-l", Self.pace])))
    case .get:
      return place.shop.adopt(
        try alice.launch(alice.sftpLine(code, "get \(machine)/in \(desk)/out", options: ["-l", Self.pace])))
    case .rsyncUp, .rsyncDown:
      let there = alice.path("\(machine)/", of: code)
      let line = ["rsync", "-W", "--inplace", "-e", "ssh -F \(alice.configuration)"]
      return place.shop.adopt(
        try alice.launch(line + (self == .rsyncUp ? ["\(desk)/in", there + "out"] : [there + "in", "\(desk)/out"])))
    case .forward:
      let port = try unwrap(target, "a target").port
      // By a path, since nobody else has that. What ends, ssh or the connection, ends the other.
      let socket = "\(desk)/s\(UInt32.random(in: 0 ... .max))"
      let ssh = alice.line(code, options: ["-N", "-L", "\(socket):127.0.0.1:\(port)"])
      return try redirected(
        place, [Programs.python, Programs.script("connections.py"), "pass", socket] + ssh, input: .file("\(desk)/in"))
    }
  }

  /// The process is the client itself: a signal meets nobody else.
  private func redirected(_ place: Place, _ line: [String], input: Child.Input) throws -> Child {
    place.shop.adopt(
      try place.alice.launch(["sh", "-c", "exec \"$@\" >\(place.desk)/out", "sh"] + line, input: input))
  }

  /// Waits until it has done its work, and compares what arrived with what was sent.
  func finish(_ client: Child, _ place: Place, within limit: Duration = .seconds(60)) throws {
    if self == .shell {
      try client.expect("all-\(client.pid)\r\n", within: limit)
      // Before the beginning stands what an earlier terminal had shown.
      let shown = client.output.text.components(separatedBy: "begin-\(client.pid)\r\n").last ?? ""
      let numbers = shown.matches(of: /<([0-9]+)>/).compactMap { Int($0.1) }
      guard numbers == Array(1...Self.lines) else {
        let wrong = zip(numbers, 1...Self.lines).first { $0 != $1 }
        throw Failure("\(numbers.count) of \(Self.lines) lines, first wrong \(String(describing: wrong))")
      }
      try client.type("exit\n")
    }
    let exit = try client.wait(within: limit)
    guard exit == .status(0) else { throw Failure("\(self) ended with \(exit): \(client.seen)") }
    switch self {
    case .shell: break
    case .execIn, .put, .rsyncUp: try place.expectSame("desk/in", "machine/out")
    case .execOut, .get, .rsyncDown: try place.expectSame("machine/in", "desk/out")
    case .forward:
      try place.prepare("(printf +; cat desk/in) >desk/answer")
      try place.expectSame("desk/answer", "desk/out")
    }
  }

  /// Takes away what arrived, so that the next comparison means something.
  func clear(_ place: Place) throws { try place.prepare("rm -f desk/out machine/out") }
}
