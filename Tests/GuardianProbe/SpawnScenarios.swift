import SessionModel
import Glibc
import PTY

/// Starting processes on pipes.
enum SpawnScenarios {
  static func exitStatuses(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    for status in 0...255 {
      let cause = try session.run(session.request(["/bin/sh", "-c", "exit \(status)"])).cause
      Probe.check(cause == .status(Int32(status)), "exit \(status) is reported as \(String(describing: cause))")
    }
    Probe.check(session.exits.count == 256, "each exit is reported once")
    Probe.check(Set(session.exits.map(\.pid)).count == 256, "each process is reported once")
  }

  static func exitSignals(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    for (number, name) in [
      (SIGHUP, "HUP"), (SIGINT, "INT"), (SIGQUIT, "QUIT"), (SIGABRT, "ABRT"), (SIGFPE, "FPE"), (SIGKILL, "KILL"),
      (SIGSEGV, "SEGV"), (SIGPIPE, "PIPE"), (SIGALRM, "ALRM"), (SIGTERM, "TERM"), (SIGUSR1, "USR1"),
      (SIGUSR2, "USR2"), (SIGBUS, "BUS"), (SIGXCPU, "XCPU"),
    ] {
      let cause = try session.run(
        session.request(["/bin/sh", "-c", "ulimit -c 0; kill -\(number) $$; exit 99"])
      ).cause
      Probe.check(
        cause == .signal(number: number, name: name, coreDumped: false), "\(name): \(String(describing: cause))")
    }
    let pattern = Probe.readFile("/proc/sys/kernel/core_pattern") ?? []
    if pattern.first == UInt8(ascii: "c") {  // a plain file in the working directory
      let directory = try session.run(shell: "mktemp -d").text.split(separator: "\n").first.map(String.init) ?? "/"
      let script = "ulimit -c unlimited 2>/dev/null || exit 98; kill -QUIT $$"
      let cause = try session.run(session.request(["/bin/sh", "-c", script], directory: directory)).cause
      Probe.check(
        cause == .signal(number: SIGQUIT, name: "QUIT", coreDumped: true) || cause == .status(98),
        "a core dump is told: \(String(describing: cause))")
      _ = try session.run(session.request(["/bin/rm", "-r", directory]))
    }
  }

  static func cleanChild(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let status = try session.run(session.request(["/bin/cat", "/proc/self/status"])).text
    for field in ["SigBlk", "SigIgn", "SigPnd", "ShdPnd"] {
      Probe.check(status.contains("\(field):\t0000000000000000\n"), "\(field) is clean:\n\(status)")
    }
    let descriptors = try session.run(shell: "ls /proc/$$/fd; true").text
    Probe.check(descriptors == "0\n1\n2\n", "only the standard streams are open: \(descriptors)")
    Probe.check(try session.run(shell: "umask").text == "0027\n", "the umask is the agent's")
    let directory = try session.run(session.request(["/bin/pwd"], directory: "/usr/bin")).text
    Probe.check(directory == "/usr/bin\n", "it starts where it was asked to: \(directory)")
    let fallback = try session.run(session.request(["/bin/pwd"], directory: "/nowhere/at/all")).text
    Probe.check(fallback == "/\n", "without that directory it starts in /: \(fallback)")
    let group = try session.run(shell: "read -r pid _ _ _ pgrp sid tty rest < /proc/$$/stat; echo $pid $pgrp $sid $tty")
    let fields = group.text.split(whereSeparator: \.isWhitespace)
    Probe.check(
      fields.count == 4 && fields[0] == fields[1] && fields[1] == fields[2] && fields[3] == "0",
      "it leads a group and a session of its own, without terminal: \(group.text)")
  }

  static func exactStrings(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    var request = session.request(["/usr/bin/env", "-0"])
    request.environment = ["A=1", "EMPTY=", "NAME WITH SPACE=x=y", "UMLAUT=äöü€", "A=2", "LINES=a\nb"]
    let environment = try session.run(request).text
    Probe.check(
      environment == request.environment.map { $0 + "\0" }.joined(), "the environment is passed exactly: \(environment)"
    )
    request = session.request(["/usr/bin/printf"])
    let odd: [[UInt8]] = [[], [0xFF, 0xFE, 1, 2, 10, 13, 27], Array("-x".utf8), Array(repeating: 0x80, count: 5000)]
    request.argumentVector = [Array("other-name".utf8), Array("%s|".utf8)] + odd
    let arguments = try session.run(request).output
    Probe.check(arguments == odd.flatMap { $0 + [UInt8(ascii: "|")] }, "arguments are bytes and passed exactly")
    request = session.request(["/bin/bash"])
    request.argumentVector = ["-bash", "-c", "echo $0; shopt -q login_shell && echo login"].map { Array($0.utf8) }
    let shell = try session.run(request).text
    Probe.check(shell.hasSuffix("-bash\nlogin\n"), "argv[0] may differ from the path: \(shell)")
  }

  static func largeStrings(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    var request = session.request(["/usr/bin/env", "-0"])
    let value = String(repeating: "v", count: 100_000)
    request.environment = (0..<10).map { "VARIABLE_\($0)=\(value)" }
    let large = try session.run(request)
    Probe.check(large.output.count == 10 * 100_012, "a megabyte of environment passes: \(large.output.count)")
    request.environment.append("ONE_MORE=\(value)")
    expect(.tooLarge, session, request)
    request.environment = ["X=" + String(repeating: "v", count: GuardianLimits.maximumStringBytes - 2)]
    Probe.check(try session.run(request).cause == .status(0), "the longest possible entry passes")
    request.environment = ["X=" + String(repeating: "v", count: GuardianLimits.maximumStringBytes - 1)]
    expect(.tooLarge, session, request)
    request.environment = Array(repeating: "A=B", count: GuardianLimits.maximumStrings - 2)
    Probe.check(try session.run(request).cause == .status(0), "the largest number of entries passes")
    request.environment.append("A=B")
    expect(.tooLarge, session, request)
    request.environment = ["A=B\0C=D"]
    expect(.containsNUL, session, request)
    request.environment = []
    request.argumentVector = [Array("env".utf8)]
    Probe.check(try session.run(request).output.isEmpty, "an empty environment is passed exactly too")
  }

  static func pipes(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let both = try session.run(shell: "echo out; echo err >&2")
    Probe.check(both.text == "out\n" && both.errorText == "err\n", "output and error are kept apart")
    // Input closed early, while the process still writes.
    let early = try session.run(shell: "exec 0<&-; seq 1 100000 | md5sum")
    Probe.check(early.text.hasPrefix("dea9193b768319cbb4ff1a137ac03113"), "closed input does no harm: \(early.text)")
    // End of input reaches the process; half-close leaves its output open.
    let cat = try session.keeper.spawn(session.request(["/usr/bin/wc", "-c"]))
    session.write(cat, "seven b")
    close(cat.input)
    Probe.check(session.finish(cat).text == "7\n", "end of input is seen, and the answer arrives after it")
    // The reader goes away: the writer gets SIGPIPE.
    let yes = try session.keeper.spawn(session.request(["/usr/bin/yes"]))
    Probe.waitReadable([yes.output])
    close(yes.output)
    let cause = session.waitForExit(yes.pid)
    let broken = ProcessExit.Cause.signal(number: SIGPIPE, name: "PIPE", coreDumped: false)
    Probe.check(cause == broken, "yes | head ends: \(String(describing: cause))")
    for descriptor in [cat.output, yes.input] {
      Probe.check(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0, "descriptors are non-blocking")
      Probe.check(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "descriptors are close-on-exec")
    }
  }

  static func execErrors(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let before = Processes.descriptorCount(getpid())
    for terminal in [nil, TerminalSize(columns: 80, rows: 24)] {
      for (path, error) in [
        ("/bin/no-such-shell", ENOENT), ("/etc", EACCES), ("/etc/passwd", EACCES), ("/etc/passwd/x", ENOTDIR),
        ("", ENOENT), ("/" + String(repeating: "x", count: 5_000), ENAMETOOLONG),
      ] {
        expect(
          .cannotExecute(path: path, errno: error), session,
          SpawnRequest(executable: path, argumentVector: [[]], environment: [], terminal: terminal))
      }
    }
    let line = "\(ProcessError.cannotExecute(path: "/bin/no-such-shell", errno: ENOENT))"
    Probe.check(line == "/bin/no-such-shell could not be started: No such file or directory.", line)
    Probe.check(try session.run(shell: "exit 1").cause == .status(1), "the session works on")
    session.takeEvents()
    Probe.check(session.exits.count == 1, "what was never started has no exit: \(session.exits)")
    Probe.check(Processes.descriptorCount(getpid()) == before, "nothing is left open")
  }

  static func tooManyProcesses(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    var running: [SpawnedProcess] = []
    for _ in 0..<GuardianLimits.maximumProcesses {
      running.append(try session.keeper.spawn(session.request(["/bin/cat"])))
    }
    expect(.tooManyProcesses, session, session.request(["/bin/cat"]))
    close(running[17].input)
    Probe.check(session.waitForExit(running[17].pid) == .status(0), "one ends")
    Probe.check(try session.run(shell: "exit 9").cause == .status(9), "and another can be started")
    session.end()
    Probe.check(session.exits.count == GuardianLimits.maximumProcesses + 1, "every exit is reported before the end")
    Probe.check(session.ended?.total == GuardianLimits.maximumProcesses - 1, "the end counts them all")
    Probe.check(session.ended?.list.count == GuardianLimits.maximumEndedNames, "and names a bounded number")
  }

  static func thousandSpawns(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let keeper = session.keeperPID
    let before = (Processes.descriptorCount(getpid()), Processes.descriptorCount(keeper))
    let size = TerminalSize(columns: 80, rows: 24)
    let began = Probe.now()
    for index in 0..<1_000 {
      let request = session.request(["/bin/true"], terminal: index % 10 == 0 ? size : nil)
      Probe.check(try session.run(request).cause == .status(0), "spawn \(index)")
    }
    Probe.say("1000 spawns took \(Probe.now() - began) ms")
    let after = (Processes.descriptorCount(getpid()), Processes.descriptorCount(keeper))
    Probe.check(after == before, "no descriptor leaks: \(before), then \(after)")
    Probe.check(Processes.children(keeper).isEmpty, "no zombie is left")
    Probe.check(session.exits.count == 1_001, "each exit is reported once: \(session.exits.count)")
  }

  /// Nobody reads the events for a while: all are there afterwards, in order.
  static func eventsQueue(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    var pids: [Int32] = []
    for index in 0..<100 {
      let process = try session.keeper.spawn(session.request(["/bin/sh", "-c", "exit \(index)"]))
      pids.append(process.pid)
      let gone = Probe.wait { Processes.state(process.pid).isEmpty }
      Probe.check(gone, "it is reaped without anybody asking")
    }
    session.takeEvents()
    Probe.check(session.exits.map(\.pid) == pids, "exits are reported in their order")
    Probe.check(session.exits.map(\.cause) == (0..<100).map { .status($0) }, "with their statuses")
  }

  static func expect(_ wanted: ProcessError, _ session: ProbeSession, _ request: SpawnRequest, line: Int = #line) {
    do {
      _ = try session.keeper.spawn(request)
      Probe.check(false, "expected: \(wanted)", line: line)
    } catch {
      Probe.check(error == wanted, "expected \(wanted), got \(error)", line: line)
    }
  }

  static func expectRefusal(_ session: ProbeSession) {
    do {
      _ = try session.spawn(shell: "true")
      Probe.check(false, "something was started after the end")
    } catch {
      let refusal = error as? ProcessError
      Probe.check(refusal == .sessionEnding || refusal == .gone, "\(error)")
    }
  }
}
