import SessionModel

/// What the technician reads about what was refused.
extension Connection {
  /// What every line of the front door's own begins with.
  private static let speaker = "Fixline: "

  /// Something that is not offered was asked for: said at once where somebody sits at a terminal, else when something starts.
  func refuseForGood(_ kind: Refusals.Kind) {
    refusals.refused(kind)
    if let record = interactiveChannel { explainRefusals(on: record) }
  }

  /// Says what is owed. For a channel somebody reads.
  func explainRefusals(on record: ChannelRecord) {
    for line in refusals.take() { record.queueNotice(line) }
  }

  /// Refuses a connection of a forward. The debugging line goes first, since `ssh -W` leaves at the refusal; the terminal's
  /// comes behind the line that `ssh` itself shows there.
  func refuseForward(_ message: Message, _ line: String) {
    guard !line.isEmpty else { return message.refuse() }
    let text = String(line.prefix(SSHLimits.refusalLineCharacters))
    let named = text.hasPrefix(Self.speaker) ? text : Self.speaker + text
    // One line: what comes from elsewhere must not look like several of ours.
    let shown = forwardRefusals.refused(TextSafety.escaped(named), at: .now)
    if let shown { showToTheCurious(shown) }
    message.refuse()
    if let shown { showOnTerminal(shown) }
  }

  /// Shows what was held back, once its time has come.
  func showHeldRefusals(at now: ContinuousClock.Instant) {
    guard let line = forwardRefusals.due(at: now) else { return }
    showToTheCurious(line)
    showOnTerminal(line)
    // This turn's writing is done.
    isBusy = true
  }

  private func showToTheCurious(_ line: String) {
    guard !session.hasPendingOutput else { return }
    session.sendDebug(line)
    // libssh reads while it sends.
    isBusy = true
  }

  private func showOnTerminal(_ line: String) {
    guard let record = interactiveChannel, record.waitingNoticeBytes < SSHLimits.waitingNoticeBytes else { return }
    record.queueNotice(line)
  }

  /// Where somebody sits: a terminal before a shell without one.
  private var interactiveChannel: ChannelRecord? {
    let candidates = channels.filter(\.isInteractive)
    return candidates.first(where: \.hasTerminal) ?? candidates.first
  }
}
