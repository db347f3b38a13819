import SessionModel

/// Some things may be on record only once, for ever: a session's request (so that an identifier drawn twice is noticed),
/// its closing (so that nothing is billed twice), the end of each epoch and the restoring that began one (so that no two
/// relays go on with a session side by side), a case and a quote (drawn twice), a quote's answer, and a receipt that an
/// agent made and delivers more than once. The store keeps a unique text for each.
enum UniqueKey: Hashable, Sendable {
  /// The text; nil for an entry of which there may be many.
  case known(String?)
  /// The details are needed to tell and are gone, or a newer program wrote the entry.
  case unknowable

  static func of(kind: EntryKind, session: SessionID?, details: JSONValue?) -> UniqueKey {
    switch kind {
    case .sessionRequested: return .known(session.map { "requested/\($0)" })
    case .sessionClosed: return .known(session.map { "closed/\($0)" })
    case .checkpointEpochEnd:
      guard let session, let epoch = details?["epoch"]?.integer else { return .unknowable }
      return .known("epoch/\(session)/\(epoch)")
    case .sessionRestored:
      guard let session, let epoch = details?["epoch"]?.integer else { return .unknowable }
      return .known("restored/\(session)/\(epoch)")
    case .caseOpened: return named("case", details?["case"])
    case .quoteMade: return named("quote", details?["quote"])
    case .quoteAnswered: return named("answered", details?["quote"])
    case .receiptProvisional: return named("provisional", details?["receipt_hash"])
    case .relayStarted, .technicianAdded, .technicianRemoved, .consentAsked, .consentAnswered, .sessionActivated,
      .sessionSuspended, .sessionResumed, .channelOpened, .channelClosed, .checkpointRefused, .note, .payloadErased,
      .filesReported, .forwardRefused, .reconciled, .linkRefused, .planAdded, .planWithdrawn, .customerAdded,
      .caseClosed, .sessionAssigned, .identityChecked, .promiseMade, .promiseBroken, .adviceGiven,
      .allowanceGranted, .questionAsked, .questionAnswered, .limitOverridden, .receiptIssued, .receiptCountersigned,
      .amountCorrected, .workChanged, .agentDisplaced:
      return .known(nil)
    case .unknown: return .unknowable
    }
  }

  private static func named(_ what: String, _ name: JSONValue?) -> UniqueKey {
    name?.string.map { .known("\(what)/\($0)") } ?? .unknowable
  }
}

extension EntryDraft {
  /// The text that may be on record only once: `requested/SESSION`, `closed/SESSION`, `epoch/SESSION/N`,
  /// `restored/SESSION/N`, `case/CASE`, `quote/QUOTE`, `answered/QUOTE`, `provisional/HASH`; nil when there may be many such
  /// entries.
  public var uniqueKey: String? {
    switch UniqueKey.of(kind: kind, session: session, details: payload) {
    case .known(let key): key
    case .unknowable: nil
    }
  }
}

extension Entry {
  /// What its row's unique key has to be.
  var uniqueKeyRule: UniqueKey { UniqueKey.of(kind: kind, session: session, details: details) }
}
