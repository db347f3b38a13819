internal import Glibc

extension SpawnedProcess {
  /// Looks for output of the terminal without falling asleep, for at most `longest`; meanwhile others may have the processor. To
  /// be called only while the master is open.
  /// - Returns: whether there is anything to be read, or the terminal is at its end; false when there is no terminal.
  public func hasOutput(within longest: Duration) -> Bool {
    guard let terminal else { return false }
    let start = ContinuousClock.now
    var slot = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    while true {
      if unsafe poll(&slot, 1, 0) != 0 { return true }
      if start.duration(to: .now) >= longest { return false }
      sched_yield()
    }
  }
}
