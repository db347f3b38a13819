/// What is not offered and was asked for all the same: each kind is explained once per connection, to the first shell or
/// command that starts, because a client may ask before there is anybody to tell.
///
/// ```
///   unheard ──asked──▶ owed ──somebody reads──▶ said
/// ```
struct Refusals {
  /// What a technician may ask for in vain, in the order in which it is explained.
  enum Kind: CaseIterable {
    /// `ssh -X`, `ssh -Y`.
    case x11
    /// `ssh -A`, `ForwardAgent yes`.
    case agent
    /// `ssh -R`.
    case remoteForward

    /// What he reads.
    var line: String {
      switch self {
      case .x11: "Fixline: X11 forwarding is not offered here; programs run without a display."
      case .agent: "Fixline: agent forwarding is not offered here; use ssh -J to go on from this machine."
      case .remoteForward: "Fixline: -R is not offered here; use -L to reach the machine's network."
      }
    }
  }

  private var owed: Set<Kind> = []
  private var said: Set<Kind> = []

  /// It was asked for.
  mutating func refused(_ kind: Kind) {
    if !said.contains(kind) { owed.insert(kind) }
  }

  /// The lines for somebody who reads now.
  mutating func take() -> [String] {
    defer {
      said.formUnion(owed)
      owed = []
    }
    return Kind.allCases.filter(owed.contains).map(\.line)
  }
}

/// Why connections of a forward were refused, told at a pace a terminal bears: SSH_MSG_CHANNEL_OPEN_FAILURE has room for a
/// reason, libssh has not. A browser at a dead port is told once, and then about its last attempt, with the others counted.
///
/// ```
///             refused: shown               refused: kept and counted
///   quiet ───────────────────▶ resting ──┐◀───────────────────────┘
///     ▲                          │   ▲   │
///     │ time is up, nothing kept │   └───┘ time is up: the last one is shown
///     └──────────────────────────┘
/// ```
struct ForwardRefusals {
  private enum State {
    case quiet
    case resting(until: ContinuousClock.Instant, kept: (line: String, count: Int)?)
  }

  private static let rest: Duration = .milliseconds(SSHLimits.refusalLineMilliseconds)
  private var state = State.quiet

  /// When `due` should be asked; nil while there is nothing to wait for.
  var deadline: ContinuousClock.Instant? {
    switch state {
    case .quiet: nil
    case .resting(let until, _): until
    }
  }

  /// A connection was refused; gives the line to be shown now.
  mutating func refused(_ line: String, at now: ContinuousClock.Instant) -> String? {
    switch state {
    case .quiet:
      state = .resting(until: now.advanced(by: Self.rest), kept: nil)
      return line
    case .resting(let until, let kept):
      state = .resting(until: until, kept: (line, (kept?.count ?? 0) + 1))
      return nil
    }
  }

  /// Time has passed; gives the line to be shown now.
  mutating func due(at now: ContinuousClock.Instant) -> String? {
    guard case .resting(let until, let kept) = state, now >= until else { return nil }
    guard let kept else {
      state = .quiet
      return nil
    }
    state = .resting(until: now.advanced(by: Self.rest), kept: nil)
    return kept.count > 1 ? "\(kept.line) (and \(kept.count - 1) more)" : kept.line
  }
}
