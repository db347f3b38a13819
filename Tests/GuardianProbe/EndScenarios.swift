import SessionModel
import Glibc
import PTY

/// Signals, hangups and ends.
enum EndScenarios {
  static func signals(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    for name in ["HUP", "INT", "QUIT", "TERM", "KILL", "USR1", "USR2", "ALRM", "PIPE", "ABRT", "SEGV", "FPE", "ILL"] {
      let process = try session.keeper.spawn(
        session.request(["/bin/sh", "-c", "ulimit -c 0; echo ready; exec sleep 31300"]))
      _ = session.read(process, until: "ready\n")
      Probe.must { Processes.name(process.pid) == "sleep" }
      Probe.check(session.keeper.signal(process: process.pid, name: name), "\(name) is known")
      guard case .signal(_, name, false) = session.waitForExit(process.pid) else {
        Probe.check(false, "\(name) arrives")
        continue
      }
    }
    for unknown in ["", "STOP", "TERM ", "SIGTERM", "9", "info@openssh.com"] {
      Probe.check(!session.keeper.signal(process: 1, name: unknown), "\(unknown) is refused")
    }
    // A pid that is not the session's is never signalled, however often it is asked for.
    let other = try ProbeSession(guardian)
    let innocent = try other.spawn(shell: "exec sleep 31301")
    for pid in [innocent.pid, getpid(), guardian.pid, 1, 0, -1, Int32.min] {
      session.keeper.signal(process: pid, name: "KILL")
      session.keeper.hangUp(process: pid)
    }
    Probe.check(try session.run(shell: "exit 2").cause == .status(2), "they were taken")
    let asleep = Probe.wait { Processes.name(innocent.pid) == "sleep" && Processes.state(innocent.pid) == "S" }
    other.takeEvents()
    Probe.check(asleep && other.exits.isEmpty, "and did nothing: \(other.exits)")
    // On a terminal the foreground program gets it too.
    let shell = try session.keeper.spawn(
      session.request(
        ["/bin/bash", "--norc", "--noprofile", "-i"], terminal: TerminalSize(columns: 80, rows: 24)))
    session.write(shell, "sleep 31302\n")
    Probe.must { session.left.contains { $0.name == "sleep" } }
    let sleeper = session.left.first { $0.name == "sleep" }
    Probe.must { Processes.fields(shell.pid).dropFirst(5).first == sleeper.map { "\($0.pid)" } }
    session.keeper.signal(process: shell.pid, name: "INT")
    let gone = Probe.wait { !session.left.contains { $0.name == "sleep" } }
    Probe.check(gone, "the program in the foreground is interrupted")
    Probe.check(session.cause(shell.pid) == nil, "the shell is not ended by it")
  }

  static func hangUpOne(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let first = try session.spawn(shell: "setsid sleep 31310 & nohup sleep 31311 2>/dev/null & echo ready; wait")
    let second = try session.spawn(shell: "echo ready; exec sleep 31312")
    _ = session.read(first, until: "ready\n")
    _ = session.read(second, until: "ready\n")
    Probe.must { session.left.filter { $0.name == "sleep" }.count == 3 }
    session.keeper.hangUp(process: first.pid)
    Probe.check(
      session.waitForExit(first.pid) == .signal(number: SIGHUP, name: "HUP", coreDumped: false), "it is hung up")
    Probe.check(session.left.filter { $0.name == "sleep" }.count == 3, "the rest of the session lives: \(session.left)")
    Probe.check(Processes.state(second.pid) == "S", "another channel lives")
    // A stopped process is woken, or it could not take the hangup.
    let stopped = try session.spawn(shell: "kill -STOP $$; echo woken; exec sleep 31313")
    Probe.must { Processes.state(stopped.pid) == "T" }
    session.keeper.hangUp(process: stopped.pid)
    Probe.check(session.waitForExit(stopped.pid) != nil, "a stopped process is hung up")
    session.end()
    Probe.check(session.left.isEmpty, "the session's end ends them all: \(session.left)")
  }

  static func sessionEnd(_ guardian: Guardian) throws {
    for terminal in [nil, TerminalSize(columns: 80, rows: 24)] {
      let session = try ProbeSession(guardian)
      let other = try ProbeSession(guardian)
      let neighbour = try other.spawn(shell: "exec sleep 31320")
      // Each way alone with its parent still there, and all orphaned.
      for script in Hardship.quiet {
        _ = try session.spawn(shell: script + "\nwait; sleep 31321", terminal: terminal)
        _ = try session.spawn(shell: "trap '' HUP\n" + script, terminal: terminal)
      }
      session.waitForHardships()
      let took = session.end()
      Probe.check(session.left.isEmpty, "no process is left: \(session.left)")
      let ended = session.ended
      let names = Set(ended?.list.map(\.command) ?? [])
      Probe.check(names.isSuperset(of: ["sleep", "python3", "bash"]), "\(String(describing: ended))")
      Probe.check(ended?.survivors == 0 && ended?.list.allSatisfy { !$0.survives } == true, "nothing survives")
      Probe.check(ended?.total == ended?.list.count, "all are listed: \(String(describing: ended))")
      Probe.check(Set(ended?.list.map(\.pid) ?? []).count == ended?.list.count, "each is listed once")
      Probe.check(took < GuardianLimits.longestEndMilliseconds, "it took \(took) ms")
      Probe.say("ended \(ended?.total ?? 0) processes in \(took) ms")
      SpawnScenarios.expectRefusal(session)
      Probe.check(Processes.state(neighbour.pid) == "S", "another session's process is not touched")
      Probe.check(try other.run(shell: "exit 6").cause == .status(6), "another session works on")
      other.end()
      Probe.check(other.ended?.list.map(\.command) == ["sleep"], "\(String(describing: other.ended))")
    }
    let empty = try ProbeSession(guardian)
    let took = empty.end()
    Probe.check(empty.ended == EndedProcesses(list: [], total: 0, survivors: 0), "an empty session ends too")
    Probe.check(took < 1_000, "and at once: \(took) ms")
  }

  /// Who wants to tidy up gets the time to, and nobody waits longer than needed.
  static func gently(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let hung = try session.spawn(shell: "trap 'echo tidy; exit 21' HUP; echo ready; while :; do read -t 60; done")
    let terminated = try session.spawn(
      shell: "trap '' HUP; trap 'echo tidy; exit 22' TERM; echo ready; while :; do read -t 60; done")
    _ = session.read(hung, until: "ready\n")
    _ = session.read(terminated, until: "ready\n")
    let took = session.end()
    Probe.check(session.cause(hung.pid) == .status(21), "\(String(describing: session.cause(hung.pid)))")
    Probe.check(session.cause(terminated.pid) == .status(22), "\(String(describing: session.cause(terminated.pid)))")
    Probe.check(session.finish(hung).text == "tidy\n", "the last words can be read")
    Probe.check(took < GuardianLimits.hangUpGraceMilliseconds + 900, "it took \(took) ms")
  }

  static func many(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let parent = try session.spawn(shell: Hardship.bomb + "\nwait; sleep 31330")
    Probe.must { session.left.count > GuardianLimits.maximumEndedNames * 8 }
    let count = session.left.count
    let took = session.end()
    Probe.check(session.left.isEmpty, "\(session.left.count) are left")
    Probe.check((session.ended?.total ?? 0) >= count, "all \(count) are counted: \(session.ended?.total ?? 0)")
    Probe.check(session.cause(parent.pid) != nil, "the parent's exit is reported")
    Probe.say("ended \(session.ended?.total ?? 0) processes in \(took) ms")
  }

  static func chains(_ guardian: Guardian) throws { try hardest(guardian, Hardship.chains) }
  static func phoenix(_ guardian: Guardian) throws { try hardest(guardian, Hardship.phoenix) }

  /// Processes that fork all the time, without end.
  private static func hardest(_ guardian: Guardian, _ script: String) throws {
    let session = try ProbeSession(guardian)
    _ = try session.spawn(shell: script + "\nwait")
    Probe.must { session.left.filter { $0.name == "python3" }.count > 5 }
    let took = session.end()
    Probe.check(session.left.isEmpty, "no process is left: \(session.left.count)")
    Probe.check(session.ended?.survivors == 0, "nothing survives: \(String(describing: session.ended))")
    Probe.say("ended at least \(session.ended?.total ?? 0) processes in \(took) ms")
  }

  /// The session ends between a request and its answer, at every point of it.
  static func whileSpawning(_ guardian: Guardian) throws {
    for round in 0..<40 {
      let session = try ProbeSession(guardian)
      let keeper = session.keeper
      let thread = OneThread {
        for _ in 0..<round { _ = sched_yield() }
        keeper.endEverything()
      }
      var pids: Set<Int32> = []
      var refusal: ProcessError?
      while refusal == nil {
        do {
          let process = try session.keeper.spawn(session.request(["/bin/sleep", "31340"]))
          pids.insert(process.pid)
          close(process.input)
          close(process.output)
          if let error = process.error { close(error) }
        } catch {
          refusal = error
        }
      }
      thread.join()
      Probe.check(
        refusal == .sessionEnding || refusal == .gone || refusal == .tooManyProcesses, "\(String(describing: refusal))")
      Probe.must {
        session.takeEvents()
        return session.ended != nil || session.isLost
      }
      Probe.check(session.ended != nil, "the end is reported")
      Probe.check(Set(session.exits.map(\.pid)) == pids, "every process that started has its exit, no other")
      Probe.check(session.exits.count == pids.count, "once")
      Probe.check(session.left.isEmpty, "\(session.left)")
    }
  }

  static func letGo(_ guardian: Guardian) throws {
    var session: ProbeSession? = try ProbeSession(guardian)
    let mark = session?.mark ?? ""
    for script in Hardship.quiet { _ = try session?.spawn(shell: script + " wait") }
    session?.waitForProcesses(named: ["sleep", "python3", "bash"])
    session = nil
    Probe.check(Probe.wait { Processes.marked(mark).isEmpty }, "letting go of a keeper ends its session")
    Probe.check(Probe.wait { Processes.children(guardian.pid).isEmpty }, "and the keeper")
  }

  /// The agent closes its end of the guardian's socket, and keeps the sessions'.
  static func guardianLetGo(_ guardian: Guardian) throws {
    let session: ProbeSession
    let pid: Int32
    do {
      let second = try Guardian.start()
      pid = second.pid
      session = try ProbeSession(second)
      _ = try session.spawn(shell: Hardship.stubborn + " wait")
      session.waitForProcesses(named: ["sleep"])
    }
    Probe.must {
      session.takeEvents()
      return session.ended != nil
    }
    Probe.check(session.left.isEmpty, "\(session.left)")
    Probe.check(Probe.wait(3_000) { ["Z", ""].contains(Processes.state(pid)) }, "the guardian is gone, too")
  }

  /// A process that may not be ended is reported, not waited for.
  static func survivor(_ guardian: Guardian) throws {
    guard geteuid() == 0 else {
      Probe.say("skipped: not root")
      return
    }
    let session = try ProbeSession(guardian)
    let finished = try session.run(
      shell: """
        d=$(mktemp -d) && chgrp nogroup $d && chmod 750 $d && install -g nogroup -m 4750 /usr/bin/perl $d/perl || exit 90
        \(TerminalScenarios.copyOfOwn)
        trap 'rm -r $d' EXIT
        setpriv --reuid nobody --regid nogroup --clear-groups $d/guardian-probe survivor-inside $d/perl
        """)
    Probe.check(finished.cause == .status(0), "as nobody: \(finished.text)\(finished.errorText)")
    Probe.say(finished.text)
    Probe.check(!session.left.isEmpty, "what runs as root has survived")
    session.end()
    Probe.check(session.left.isEmpty, "root's keeper ends it: \(session.left)")
  }

  /// As a user without rights, with the path of a program that takes root's.
  static func survivorInside(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let program = CommandLine.arguments[2]
    let process = try session.keeper.spawn(
      session.request([program, "-e", "$< = $> = 0; $| = 1; print $<, qq(root\n); sleep 31350"]))
    let text = session.read(process, until: "root\n")
    Probe.check(text == "0root\n", "\(text)")
    _ = try session.spawn(shell: Hardship.stubborn)
    let took = session.end()
    Probe.say("reported after \(took) ms")
    Probe.check(session.ended?.survivors == 1, "\(String(describing: session.ended))")
    Probe.check(session.ended?.list.first { $0.pid == process.pid }?.survives == true, "it is marked")
    Probe.check(took < GuardianLimits.longestEndMilliseconds, "it took \(took) ms")
  }

  /// Starts every hardship, says so, and lives on until it is killed or its input ends.
  static func live(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let size = TerminalSize(columns: 80, rows: 24)
    for script in Hardship.quiet {
      _ = try session.spawn(shell: script + "\nwait; sleep 31361", terminal: nil)
      _ = try session.spawn(shell: "trap '' HUP\n" + script, terminal: size)
    }
    session.waitForHardships()
    _ = try session.spawn(shell: Hardship.chains + "\nwait")
    Probe.say("ready \(session.mark) \(guardian.pid)")
    Probe.waitReadable([0], 600_000)
    withExtendedLifetime(session) {}
  }
}
