import Glibc
import PTY

/// The guardian and its keepers as processes.
enum GuardianScenarios {
  static func immune(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let keeper = session.keeperPID
    let names = [Processes.name(guardian.pid), Processes.name(keeper)]
    Probe.check(names == ["fixline-guard", "fixline-keep"], "ps tells them: \(names)")
    Probe.check(Processes.parent(keeper) == guardian.pid, "the guardian is the keeper's parent")
    for pid in [guardian.pid, keeper] {
      let title = String(decoding: Probe.readFile("/proc/\(pid)/cmdline")?.prefix { $0 != 0 } ?? [], as: UTF8.self)
      Probe.check(title.hasPrefix("fixline-"), "ps shows what it is, not: \(title)")
      Probe.check(Processes.session(pid) == pid, "it has a session of its own")
      let tasks = Probe.names(in: "/proc/\(pid)/task").count
      Probe.check(tasks == 1, "it has one thread, not \(tasks)")
      for signal in [SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE, SIGUSR1, SIGALRM] { kill(pid, signal) }
    }
    let finished = try session.run(shell: "echo still there")
    Probe.check(finished.text == "still there\n", "signals from the terminal do not touch it")
    // Standard streams, socket, /proc, signals, two ends of the lifeline.
    Probe.check(Processes.descriptorCount(guardian.pid) == 8, "the guardian holds nothing of the agent's")
    Probe.check(Processes.descriptorCount(keeper) == 8, "a keeper holds nothing but its own")
    for standard in 0...2 {
      var path = [CChar](repeating: 0, count: 64)
      _ = unsafe readlink("/proc/\(guardian.pid)/fd/\(standard)", &path, 63)
      let target = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      Probe.check(target == "/dev/null", "it does not keep the agent's terminal or log open: \(target)")
    }
  }

  static func refusesThreads(_ guardian: Guardian) throws {
    // Two in one process are allowed as long as there is no thread.
    let second = try Guardian.start()
    Probe.check(second.pid != guardian.pid, "a second guardian is another process")
    var thread = pthread_t()
    let made = unsafe pthread_create(&thread, nil, { _ in pause() == 0 ? nil : nil }, nil)
    Probe.check(made == 0, "a thread could be made")
    do {
      _ = try Guardian.start()
      Probe.check(false, "a guardian was started beside a thread")
    } catch {
      Probe.check(error == .threadsRunning(count: 2), "\(error)")
      Probe.check("\(error)".contains("before any thread"), "the line says what to do: \(error)")
    }
  }

  static func tooManySessions(_ guardian: Guardian) throws {
    var sessions: [ProbeSession] = []
    let before = Processes.descriptorCount(getpid())
    for _ in 0..<GuardianLimits.maximumSessions { sessions.append(try ProbeSession(guardian)) }
    do {
      _ = try guardian.openSession()
      Probe.check(false, "one session too many was opened")
    } catch {
      Probe.check(error == .tooManySessions, "\(error)")
    }
    let finished = try sessions[sessions.count - 1].run(shell: "exit 7")
    Probe.check(finished.cause == .status(7), "the last session works")
    sessions.removeAll()
    let all = Probe.wait { Processes.children(guardian.pid).isEmpty }
    Probe.check(all, "every keeper goes with its session")
    Probe.check(Processes.descriptorCount(getpid()) == before, "sessions leave no descriptor behind")
    let again = try ProbeSession(guardian)
    Probe.check(try again.run(shell: "exit 8").cause == .status(8), "a new session can be opened")
  }

  static func keeperKilled(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let other = try ProbeSession(guardian)
    let neighbour = try other.spawn(shell: "sleep 31100")
    let keeper = session.keeperPID
    for script in Hardship.quiet { _ = try session.spawn(shell: script + " wait") }
    session.waitForProcesses(named: ["sleep", "python3", "bash"])
    kill(keeper, SIGKILL)
    let lost = Probe.wait {
      session.takeEvents()
      return session.isLost
    }
    Probe.check(lost, "the loss of a keeper is reported")
    Probe.check(Probe.wait { session.left.isEmpty }, "the guardian ends what it left: \(session.left)")
    do {
      _ = try session.spawn(shell: "true")
      Probe.check(false, "something was started without a keeper")
    } catch {
      Probe.check(error as? ProcessError == .gone, "\(error)")
    }
    Probe.check(Processes.state(neighbour.pid) == "S", "another session is not touched")
    Probe.check(try other.run(shell: "exit 3").cause == .status(3), "another session works on")
    let third = try ProbeSession(guardian)
    Probe.check(try third.run(shell: "exit 4").cause == .status(4), "new sessions can be opened")
  }

  static func keeperStopped(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let keeper = session.keeperPID
    for _ in 0..<20 {
      kill(keeper, SIGSTOP)
      Probe.check(try session.run(shell: "exit 5").cause == .status(5), "the guardian wakes a stopped keeper")
    }
  }

  static func guardianKilled(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    for script in Hardship.quiet { _ = try session.spawn(shell: script + " wait") }
    session.waitForProcesses(named: ["sleep", "python3", "bash"])
    kill(guardian.pid, SIGKILL)
    Probe.check(Probe.wait { session.left.isEmpty }, "keepers end their sessions without it: \(session.left)")
    var watched = pollfd(fd: guardian.descriptor, events: Int16(POLLIN), revents: 0)
    Probe.check(unsafe poll(&watched, 1, 5_000) == 1, "its descriptor tells that it is gone")
    do {
      _ = try guardian.openSession()
      Probe.check(false, "a session was opened without a guardian")
    } catch {
      Probe.check(error == .gone, "\(error)")
    }
  }
}
