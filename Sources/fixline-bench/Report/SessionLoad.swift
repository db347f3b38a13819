/// What many sessions at once cost the relay. Times are shares of one core.
struct SessionLoad: Sendable {
  /// A while in which the relay was watched.
  struct Stretch: Sendable {
    let seconds: Double
    /// The whole process.
    let whole: Double
    /// The thread that decides: sessions, checkpoints, ledger.
    let core: Double
    /// The thread of the tunnels: pings, TLS, what passes.
    let tunnels: Double
    /// Checkpoints in that time.
    let checkpoints: Int

    /// All other threads: one for each technician's connection.
    var technicians: Double { whole - core - tunnels }

    init(seconds: Double, whole: Double, core: Double, tunnels: Double, checkpoints: Int) {
      self.seconds = seconds
      self.whole = whole
      self.core = core
      self.tunnels = tunnels
      self.checkpoints = checkpoints
    }

    /// Several as one, as long as they are together.
    init(mean stretches: [Stretch]) {
      let seconds = stretches.reduce(0) { $0 + $1.seconds }
      func share(_ part: (Stretch) -> Double) -> Double {
        seconds > 0 ? stretches.reduce(0) { $0 + part($1) * $1.seconds } / seconds : 0
      }
      self.init(
        seconds: seconds, whole: share(\.whole), core: share(\.core), tunnels: share(\.tunnels),
        checkpoints: stretches.reduce(0) { $0 + $1.checkpoints })
    }
  }

  let sessions: Int
  /// A line of text passes through each session every four seconds.
  let atWork: Stretch
  /// Every two seconds: as many checkpoints, twice the text.
  let busy: Stretch
  /// None: no time is stated, only pings go.
  let quiet: Stretch
  let ledgerBefore: (file: Int, log: Int)
  let ledgerAfter: (file: Int, log: Int)

  /// What checkpoints alone cost: the work, less the pings, less the text, which is what as much text again costs.
  var checkpointShare: Double { max(0, (atWork.whole - quiet.whole) - (busy.whole - atWork.whole)) }

  /// How much longer the ledger's file is, in MiB.
  var growthMiB: Double { Double(ledgerAfter.file - ledgerBefore.file) / Double(1 << 20) }
}
