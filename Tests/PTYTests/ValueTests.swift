import SessionModel
import Foundation
import Testing

@testable import PTY

@Suite struct PasswordFileTests {
  private let text = Array(
    """
    root:x:0:0:root:/root:/bin/bash
    # a comment
    broken:line
    noshell:x:1001:1001::/home/noshell:
    +::::::
    ursula:x:1000:1000:Ursula,,,:/home/ursula:/usr/bin/zsh
    second:x:1000:1000::/home/second:/bin/sh
    big:x:4294967294:1::/:/bin/sh
    """.utf8)

  @Test("The first line of a user counts, others are passed over")
  func lookup() {
    #expect(
      PasswordFile.entry(uid: 1000, in: text)
        == PasswordFile.Entry(user: "ursula", home: "/home/ursula", shell: "/usr/bin/zsh"))
    #expect(PasswordFile.entry(uid: 0, in: text)?.home == "/root")
    #expect(PasswordFile.entry(uid: 1001, in: text)?.shell == "")
    #expect(PasswordFile.entry(uid: 4_294_967_294, in: text)?.user == "big")
    #expect(PasswordFile.entry(uid: 7, in: text) == nil)
    #expect(PasswordFile.entry(uid: 7, in: []) == nil)
    #expect(PasswordFile.entry(uid: 0, path: "/nowhere") == nil)
  }

  @Test("The name service knows the same")
  func nameService() {
    #expect(PasswordFile.entryFromNameService(uid: 0) == PasswordFile.entry(uid: 0, path: "/etc/passwd"))
    #expect(PasswordFile.entryFromNameService(uid: 4_000_000_000) == nil)
  }
}

@Suite struct LoginShellTests {
  private let shell = LoginShell(path: "/bin/bash", home: "/home/u", user: "u")

  @Test("Whoever runs this has a shell that can be executed and a home")
  func current() {
    let current = LoginShell.current()
    #expect(FileManager.default.isExecutableFile(atPath: current.path))
    #expect(current.home.hasPrefix("/"))
    #expect(!current.user.isEmpty)
  }

  @Test("A login shell's name begins with a dash; a command is run with -c, as bytes")
  func requests() {
    let size = TerminalSize(columns: 80, rows: 24)
    let login = shell.shellRequest(environment: [], terminal: size)
    #expect(login.argumentVector == [Array("-bash".utf8)])
    #expect(login.executable == "/bin/bash" && login.workingDirectory == "/home/u" && login.terminal == size)
    let command = shell.commandRequest([0xFF, 0x20], environment: ["A=B"], terminal: nil)
    #expect(command.argumentVector == [Array("bash".utf8), Array("-c".utf8), [0xFF, 0x20]])
    #expect(command.environment == ["A=B"] && command.terminal == nil)
  }

  @Test("The environment is a login's; what is added replaces what was there")
  func environment() {
    let entries = shell.environment(term: "vt100", extra: [("LANG", "de_DE.UTF-8"), ("HOME", "/x"), ("LANG", "C")])
    #expect(entries.filter { $0.hasPrefix("LANG=") } == ["LANG=C"])
    #expect(entries.filter { $0.hasPrefix("HOME=") } == ["HOME=/x"])
    #expect(entries.contains("TERM=vt100") && entries.contains("USER=u") && entries.contains("LOGNAME=u"))
    #expect(entries.contains { $0.hasPrefix("PATH=/") })
    #expect(!shell.environment(term: nil).contains { $0.hasPrefix("TERM=") })
  }
}

@Suite struct ProcessErrorTests {
  @Test("Every error is one line that names what was wrong")
  func lines() {
    let errors: [ProcessError] = [
      .threadsRunning(count: 3), .procUnavailable(errno: 2), .startFailed(errno: 11), .sessionFailed(errno: 24),
      .tooManySessions, .tooManyProcesses, .tooLarge, .containsNUL, .resourcesUnavailable(what: "a terminal", errno: 2),
      .cannotExecute(path: "/bin/x", errno: 2), .executionStalled(path: "/bin/x"), .sessionEnding, .noAnswer, .gone,
      .noTerminal(errno: 6),
    ]
    for error in errors {
      let line = "\(error)"
      #expect(line.hasSuffix(".") && !line.contains("\n") && line.count < 120, "\(line)")
    }
    #expect("\(ProcessError.startFailed(errno: 99_999))".contains("unknown error"))
  }
}
