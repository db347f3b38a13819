import Testing

/// Rules that need a process without threads: each is a scenario of guardian-probe, whose output names what failed.
@Suite(.serialized) struct ScenarioTests {
  private func hold(_ scenario: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let result = try Helper.run(scenario)
    #expect(result.status == 0, "\(scenario): \(result.output)", sourceLocation: sourceLocation)
  }

  @Test("The guardian has a session, a name and descriptors of its own, and no signal reaches it")
  func immune() throws { try hold("guardian-is-immune") }

  @Test("The guardian refuses to be forked from a process with threads")
  func threads() throws { try hold("guardian-refuses-a-second-thread") }

  @Test("Sessions are limited, and closing one makes room")
  func sessions() throws { try hold("too-many-sessions") }

  @Test("When a keeper is killed, the guardian ends what it left, and other sessions live")
  func keeperKilled() throws { try hold("keeper-killed") }

  @Test("A stopped keeper is woken")
  func keeperStopped() throws { try hold("keeper-stopped") }

  @Test("When the guardian is killed, the keepers end their sessions")
  func guardianKilled() throws { try hold("guardian-killed") }

  @Test("Exit statuses 0 to 255 are reported as they are, once")
  func statuses() throws { try hold("exit-statuses") }

  @Test("Death by signal is reported with name and core flag")
  func exitSignals() throws { try hold("exit-signals") }

  @Test("A child inherits no signal mask, ignored signal or descriptor, but the umask")
  func cleanChild() throws { try hold("clean-child") }

  @Test("Arguments and environment are passed exactly")
  func strings() throws { try hold("exact-strings") }

  @Test("A megabyte of environment passes, more is refused")
  func largeStrings() throws { try hold("large-strings") }

  @Test("Output, error and input are three pipes, each of which may be closed early")
  func pipes() throws { try hold("pipes") }

  @Test("A program that cannot be executed is an error and no exit")
  func execErrors() throws { try hold("exec-errors") }

  @Test("Processes of a session are limited")
  func processes() throws { try hold("too-many-processes") }

  @Test("A thousand spawns leave neither descriptors nor zombies")
  func thousand() throws { try hold("thousand-spawns") }

  @Test("Exits nobody asks for are kept in order")
  func queue() throws { try hold("events-queue") }

  @Test("A terminal has size, owner, job control; resizing and Ctrl-C work")
  func terminal() throws { try hold("terminal") }

  @Test("The last bytes before an exit can be read after it")
  func tail() throws { try hold("terminal-tail") }

  @Test("Neither terminal nor pipe loses a byte of a large output")
  func bulk() throws { try hold("terminal-bulk") }

  @Test("An ordinary user can do what root can")
  func nobody() throws { try hold("terminal-as-nobody") }

  @Test("Signals reach the process, its foreground program, and never a stranger")
  func signals() throws { try hold("signals") }

  @Test("The end of one channel hangs up its group only")
  func hangUp() throws { try hold("hang-up-one-channel") }

  @Test("The end of a session ends and lists every process of it, and of no other")
  func sessionEnd() throws { try hold("session-end") }

  @Test("Processes get time to tidy up")
  func gently() throws { try hold("session-end-gently") }

  @Test("Five hundred processes are ended, counted, and named in part")
  func many() throws { try hold("session-end-many") }

  @Test("Processes that fork and exit for ever are ended")
  func chains() throws { try hold("session-end-chains") }

  @Test("Processes that replace each other are ended")
  func phoenix() throws { try hold("session-end-phoenix") }

  @Test("A session may end between a spawn and its answer")
  func whileSpawning() throws { try hold("session-end-while-spawning") }

  @Test("Letting go of a keeper ends its session")
  func letGo() throws { try hold("session-let-go") }

  @Test("Letting go of the guardian ends all sessions")
  func guardianLetGo() throws { try hold("guardian-let-go") }

  @Test("What may not be ended is reported, not waited for")
  func survivor() throws { try hold("survivor") }

  @Test("A question on the terminal cannot be answered ahead, and leaves the terminal as it was")
  func prompt() throws { try hold("prompt") }

  @Test("In any order of commands every process has one exit and none is left")
  func storm() throws { try hold("storm") }
}
