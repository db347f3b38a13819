import FileSystem
import Glibc
import NIOCore
import NIOPosix
import PTY
import SessionModel
import Signing
import TLSChannel
import TunnelTransport

/// The whole program, from its arguments to its exit code.
public enum AgentProgram {
  /// Runs until the customer ends it, or it cannot go on. To be called first thing in main: the guardian is forked here,
  /// and must be before any thread exists.
  /// - Parameter arguments: without the program's name.
  /// - Returns: what to exit with; see ``ExitCode``.
  public static func run(arguments: [String]) -> ExitCode {
    let command: AgentCommand
    do throws(UsageError) {
      command = try AgentCommand(arguments: arguments)
    } catch {
      return fail(.usage, error.description)
    }
    switch command {
    case .help:
      print(HelpText.text)
      return .success
    case .version:
      print(HelpText.software)
      return .success
    case .unavailable(let word):
      return fail(.unavailable, "fixline-agent \(word) is not available yet: this version only connects (see --help).")
    case .verify(let options):
      let (line, code) = VerifyCommand(options: options).run()
      guard code != .noInput else { return fail(code, line) }
      print(line)
      return code
    case .run(let options):
      return run(options)
    }
  }

  private static func run(_ options: AgentOptions) -> ExitCode {
    BufferMemory.keep()
    let guardian: Guardian
    do throws(ProcessError) {
      guardian = try Guardian.start()
    } catch {
      return fail(.machine, error.description)
    }
    // After the fork: what sessions run keeps the limits and signals of whoever started the agent.
    OwnProcess.raiseOpenFileLimit()
    signal(SIGXFSZ, SIG_IGN)
    let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
    let output = OutputQueue(loop: loop)
    let parts: AgentParts
    do throws(StartFailure) {
      parts = try prepare(options, guardian: guardian, output: output)
    } catch {
      return fail(error.code, error.line)
    }
    let started = loop.submit { () -> NIOLoopBound<AgentRun> in
      let run = AgentRun(parts, loop: loop)
      run.start()
      return NIOLoopBound(run, eventLoop: loop)
    }
    // Held until the end: everything on the loop refers to it weakly.
    guard let run = try? started.wait() else { return fail(.machine, "The agent could not start.") }
    let ending = withExtendedLifetime(run) { write(output, loop: loop, style: options.style) }
    // The last of the journal; the limit on the program's end holds for it as well.
    try? loop.flatSubmit { run.value.journal.flushed(on: loop) }.wait()
    return ending.line.map { fail(ending.code, Wording.sentence($0)) } ?? ending.code
  }

  private struct StartFailure: Error {
    var code: ExitCode
    var line: String
  }

  private static func prepare(
    _ options: AgentOptions, guardian: Guardian, output: OutputQueue
  ) throws(StartFailure) -> AgentParts {
    let shell = LoginShell.current()
    do {
      let known = try KnownRelayFile(directory: options.stateDirectory, address: options.relay)
      let identity = try TLSIdentity.loadOrCreateAgent(directory: options.stateDirectory)
      guard let key = identity.signingKey else {
        throw StartFailure(code: .stateDirectory, line: "The key in the state directory is not an Ed25519 key.")
      }
      let tls = try TLSConfiguration.client(
        identity: identity,
        verification: options.pin.map { .pin($0) } ?? .systemTrust(name: options.relay.host),
        serverName: options.relay.host)
      let journal = JournalStart(directory: options.stateDirectory, key: key.publicKey, now: SystemClock.now())
      return AgentParts(
        options: options, guardian: guardian, identity: identity, signingKey: key, tls: tls, known: known,
        journal: journal, shell: shell, root: try root(options, shell),
        language: options.language ?? ownLanguage(shell), output: output,
        isOutputTerminal: isatty(STDOUT_FILENO) == 1)
    } catch let error as StartFailure {
      throw error
    } catch let error as SigningError {
      throw StartFailure(code: .stateDirectory, line: Wording.sentence("\(error)"))
    } catch let error as TLSError {
      throw StartFailure(code: code(of: error), line: Wording.sentence("\(error)"))
    } catch {
      throw StartFailure(code: .machine, line: Wording.sentence("\(error)"))
    }
  }

  /// The machine's own root, in which relative paths begin at home, or the directory that file work is confined to.
  private static func root(_ options: AgentOptions, _ shell: LoginShell) throws(StartFailure) -> RootDirectory {
    do throws(FileError) {
      guard let directory = options.filesDirectory else {
        let home = Array(shell.home.utf8)
        let whole = try RootDirectory(path: "/", workingDirectory: home)
        // A service's user may have a home that does not exist; clients ask for the place they start in and give up.
        let isThere = (try? whole.status(home, followLinks: true))?.kind == .directory
        return isThere ? whole : try RootDirectory(path: "/")
      }
      return try RootDirectory(path: directory)
    } catch {
      let path = options.filesDirectory ?? "/"
      throw StartFailure(code: .usage, line: Wording.sentence("--files \(TextSafety.escaped(path)): \(error.text)"))
    }
  }

  private static func code(of error: TLSError) -> ExitCode {
    switch error {
    case .keyFile, .certificateFile: .stateDirectory
    case .noTrustStore, .library: .machine
    case .invalidName: .usage
    case .wrongPin, .wrongName, .expired, .untrusted, .noCertificate, .unsuitableCertificate, .peerRefusedCertificate,
      .alert, .notTLS, .notTLS13, .wrongProtocol, .malformed, .handshakeTimedOut, .handshakeTooLarge,
      .closedDuringHandshake, .truncated, .notConnected:
      .relayRefused
    }
  }

  /// The language of the agent's own surroundings.
  private static func ownLanguage(_ shell: LoginShell) -> String {
    let environment = shell.environment(term: nil)
    for name in ["LC_ALL=", "LC_MESSAGES=", "LANG="] {
      if let entry = environment.first(where: { $0.hasPrefix(name) }) {
        return LanguageTag.from(locale: String(entry.dropFirst(name.utf8.count))) ?? LanguageTag.fallback
      }
    }
    return LanguageTag.fallback
  }

  /// Writes until the end. On the main thread, which may stand still with the terminal.
  private static func write(_ output: OutputQueue, loop: any EventLoop, style: OutputStyle) -> OutputQueue.Ending {
    while true {
      guard let batch = try? output.next().wait() else { return OutputQueue.Ending(code: .machine, line: nil) }
      if let ending = batch.ending {
        // Should standard output take nothing, the program ends nevertheless.
        loop.scheduleTask(in: .milliseconds(OutputQueue.finishGraceMilliseconds)) { _exit(ending.code.rawValue) }
      }
      if !batch.lines.isEmpty || batch.ending != nil { print(output.eraseStatus(), terminator: "") }
      if batch.leftOut > 0 { print("(\(CountText.of(batch.leftOut, "line")) left out)") }
      // Asked for each time: people change the size of their windows.
      let columns = style == .text ? TerminalWidth.ofStandardOutput : nil
      for line in batch.lines { print(columns.map { TextWidth.folded(line, toColumns: $0) } ?? line) }
      if batch.ending == nil { print(output.paintStatus(), terminator: "") }
      fflush(nil)
      if let ending = batch.ending { return ending }
    }
  }

  /// One line on standard error. Nothing is printed after it: standard output is pointed there.
  private static func fail(_ code: ExitCode, _ line: String) -> ExitCode {
    fflush(nil)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    print("fixline-agent: \(line)")
    fflush(nil)
    return code
  }
}
