// The helper program of PTYTests: a process without threads, as the guardian needs one, that runs one scenario against
// real processes and exits with 0 when every rule held. The rules that failed are printed.
import Glibc
import PTY

let scenarios: [String: (Guardian) throws -> Void] = [
  "guardian-is-immune": GuardianScenarios.immune,
  "guardian-refuses-a-second-thread": GuardianScenarios.refusesThreads,
  "too-many-sessions": GuardianScenarios.tooManySessions,
  "keeper-killed": GuardianScenarios.keeperKilled,
  "keeper-stopped": GuardianScenarios.keeperStopped,
  "guardian-killed": GuardianScenarios.guardianKilled,
  "exit-statuses": SpawnScenarios.exitStatuses,
  "exit-signals": SpawnScenarios.exitSignals,
  "clean-child": SpawnScenarios.cleanChild,
  "exact-strings": SpawnScenarios.exactStrings,
  "large-strings": SpawnScenarios.largeStrings,
  "pipes": SpawnScenarios.pipes,
  "exec-errors": SpawnScenarios.execErrors,
  "too-many-processes": SpawnScenarios.tooManyProcesses,
  "thousand-spawns": SpawnScenarios.thousandSpawns,
  "events-queue": SpawnScenarios.eventsQueue,
  "terminal": TerminalScenarios.terminal,
  "terminal-tail": TerminalScenarios.tail,
  "terminal-bulk": TerminalScenarios.bulk,
  "terminal-as-nobody": TerminalScenarios.asNobody,
  "signals": EndScenarios.signals,
  "hang-up-one-channel": EndScenarios.hangUpOne,
  "session-end": EndScenarios.sessionEnd,
  "session-end-gently": EndScenarios.gently,
  "session-end-many": EndScenarios.many,
  "session-end-chains": EndScenarios.chains,
  "session-end-phoenix": EndScenarios.phoenix,
  "session-end-while-spawning": EndScenarios.whileSpawning,
  "session-let-go": EndScenarios.letGo,
  "guardian-let-go": EndScenarios.guardianLetGo,
  "survivor": EndScenarios.survivor,
  "survivor-inside": EndScenarios.survivorInside,
  "live": EndScenarios.live,
  "prompt": PromptScenarios.prompt,
  "storm": StormScenario.run,
]

let name = CommandLine.arguments.dropFirst().first ?? ""
if name == "prompt-inside" {
  PromptScenarios.inside()
}
guard let scenario = scenarios[name] else {
  Probe.say("unknown scenario: \(name)")
  exit(2)
}
umask(0o027)
// What a careless parent might hand down: children must not see any of it.
signal(SIGPIPE, SIG_IGN)
signal(SIGHUP, SIG_IGN)
signal(SIGCHLD, SIG_IGN)
var blocked = sigset_t()
_ = unsafe sigfillset(&blocked)
_ = unsafe sigprocmask(SIG_BLOCK, &blocked, nil)
_ = unsafe open("/etc/passwd", O_RDONLY)
do {
  let guardian = try Guardian.start()
  try scenario(guardian)
} catch {
  Probe.check(false, "\(error)")
}
Probe.finish()
