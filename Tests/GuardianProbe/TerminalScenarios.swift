import SessionModel
import Glibc
import PTY

/// Processes on a terminal.
enum TerminalScenarios {
  static let size = TerminalSize(columns: 101, rows: 37, widthPixels: 1_010, heightPixels: 740)

  static func terminal(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let script = """
      stty size; echo "$TERM"; tty; stat -c %u "$(tty)"; echo direct >/dev/tty; stty -a | grep -o iutf8
      ls -m /proc/$$/fd; true
      """
    let lines = try session.run(shell: script, terminal: size).text.split(separator: "\r\n")
    Probe.check(lines.count == 7, "\(lines)")
    guard lines.count == 7 else { return }
    Probe.check(lines[0] == "37 101", "stty size says \(lines[0])")
    Probe.check(lines[1] == "xterm-256color", "TERM is \(lines[1])")
    Probe.check(lines[2].hasPrefix("/dev/pts/"), "tty says \(lines[2])")
    Probe.check(lines[3] == "\(geteuid())", "the terminal belongs to \(lines[3])")
    Probe.check(lines[4] == "direct", "it is the controlling terminal")
    Probe.check(lines[5] == "iutf8", "whole characters are erased")
    Probe.check(lines[6] == "0, 1, 2, 255" || lines[6] == "0, 1, 2", "nothing else is open: \(lines[6])")

    // An interactive shell: resized, interrupted, ended.
    var request = session.request(["/bin/bash", "--norc", "--noprofile", "-i"], terminal: size)
    request.environment.append("PS1=> ")
    let shell = try session.keeper.spawn(request)
    let prompt = session.read(shell, until: "> ")
    Probe.check(!prompt.contains("no job control"), "job control works: \(prompt)")
    Probe.check(shell.resize(to: TerminalSize(columns: 65_535, rows: 1)), "resizing works")
    session.write(shell, "stty size; echo d\"\"one\n")
    let resized = session.read(shell, until: "done\r\n")
    Probe.check(resized.contains("1 65535\r\n"), "stty size sees the new size: \(resized)")
    session.write(shell, "trap 'echo re''sized' WINCH; echo re''ady\n")
    _ = session.read(shell, until: "ready\r\n")
    shell.resize(to: TerminalSize(columns: 80, rows: 24))
    session.write(shell, "\n")
    Probe.check(session.read(shell, until: "resized").contains("resized"), "SIGWINCH arrives")
    session.write(shell, "echo sta''rt; sleep 31200; echo status=$?\n")
    _ = session.read(shell, until: "start\r\n")
    Probe.must { session.left.contains { $0.name == "sleep" } }
    session.write(shell, "\u{3}")
    // bash may abandon the line: whichever, the sleep is gone and the shell is there.
    let gone = Probe.wait { !session.left.contains { $0.name == "sleep" } }
    Probe.check(gone, "Ctrl-C ends the program in the foreground")
    session.write(shell, "exit 42\n")
    Probe.check(session.finish(shell).cause == .status(42), "and the shell lives on")

    let closed = try session.keeper.spawn(session.request(["/bin/cat"], terminal: size))
    close(closed.output)
    Probe.check(
      session.waitForExit(closed.pid) == .signal(number: SIGHUP, name: "HUP", coreDumped: false),
      "closing the master hangs up")
  }

  /// What was written before the exit can be read after it, to the last byte.
  static func tail(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    for round in 0..<200 {
      let count = 1 + round * 20
      // The second half of the rounds leaves a process behind that holds the terminal open.
      let holder = round >= 100 ? "(trap '' HUP; exec sleep 31201) & " : ""
      let process = try session.spawn(shell: "\(holder)stty -opost; printf '%0\(count)d' 7; exit 3", terminal: size)
      Probe.check(session.waitForExit(process.pid) == .status(3), "it exits")
      let finished = session.finish(process, limit: 5_000)
      Probe.check(
        finished.output.count == count && finished.output.last == UInt8(ascii: "7"),
        "all \(count) bytes are read after the exit, not \(finished.output.count)")
      close(process.output)
    }
    session.end()
    Probe.check(session.left.isEmpty, "\(session.left)")
  }

  static func bulk(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    var expected: [UInt8] = []
    for number in 1...200_000 { expected += Array("\(number)\n".utf8) }
    let finished = try session.run(shell: "stty -opost; seq 1 200000", terminal: size)
    Probe.check(finished.output == expected, "a terminal loses nothing: \(finished.output.count) of \(expected.count)")
    Probe.check(finished.cause == .status(0), "\(String(describing: finished.cause))")
    let piped = try session.run(shell: "seq 1 200000")
    Probe.check(piped.output == expected, "a pipe loses nothing")
    let input = try session.keeper.spawn(session.request(["/usr/bin/md5sum"]))
    var rest = expected[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(input.input, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else { _ = poll(nil, 0, 1) }
    }
    close(input.input)
    let sum = try session.run(shell: "seq 1 200000 | md5sum").text
    Probe.check(session.finish(input).text == sum, "input loses nothing")
  }

  /// The whole as an ordinary user: terminal, ownership, endings.
  static func asNobody(_ guardian: Guardian) throws {
    guard geteuid() == 0 else {
      Probe.say("skipped: not root")
      return
    }
    let session = try ProbeSession(guardian)
    for name in ["terminal", "session-end"] {
      let finished = try session.run(
        shell: """
          d=$(mktemp -d) && chmod 755 $d || exit 90
          \(copyOfOwn)
          trap 'rm -r $d' EXIT
          setpriv --reuid nobody --regid nogroup --clear-groups $d/guardian-probe \(name)
          """)
      Probe.check(finished.cause == .status(0), "\(name) as nobody: \(finished.text)\(finished.errorText)")
    }
  }

  /// Shell lines that put this program where every user can run it: `$d/guardian-probe`.
  static var copyOfOwn: String {
    let own = PromptScenarios.ownPath()
    return """
      cp '\(own)' $d/guardian-probe && chmod 755 $d/guardian-probe || exit 91
      library=$(ldd '\(own)' | sed -n 's/.*=> \\(.*\\)\\/libswiftCore.so .*/\\1/p')
      if [ -n "$library" ]; then export LD_LIBRARY_PATH="$library"; fi
      """
  }
}
