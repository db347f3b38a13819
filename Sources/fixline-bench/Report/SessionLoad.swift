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
