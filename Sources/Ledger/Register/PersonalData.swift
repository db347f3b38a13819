public import SessionModel

/// Which details of an entry are personal, and what is left when they are erased.
///
/// Erased: what a customer's person, machine or problem could be told by, in words, addresses, paths and commands. Kept: what money
/// rests on (plan, time, lines, amounts, quotes, reasons of allowances and corrections), who of the shop did it, hashes and
/// signatures, by which papers in the customer's hand can still be checked, and the customer's number, which stands for him without
/// saying who he is.
public enum PersonalData {
  /// What erasing does to an entry.
  public enum Erasure: Hashable, Sendable {
    /// Nothing in it is personal.
    case nothing
    /// The details go; these stay.
    case details(kept: JSONValue)
  }

  /// What erasing does to `entry`.
  public static func erasure(of entry: Entry) -> Erasure {
    guard entry.payload != nil, let details = entry.details else { return .nothing }
    switch entry.kind {
    case .customerAdded: return keep(["id"], of: details)
    case .sessionRequested:
      return keep(["technician", "technician_key", "plan", "case", "customer", "identity", "language"], of: details)
    case .consentAsked: return keep(["words_hash", "allowances"], of: details)
    case .consentAnswered: return without("reason", details)
    case .channelOpened: return keep(["channel", "kind"], of: details)
    case .filesReported: return keep(["channel", "source"], of: details)
    case .forwardRefused: return keep(["channel"], of: details)
    case .linkRefused: return keep(["reason"], of: details)
    case .agentDisplaced: return keep(["silent_ms"], of: details)
    case .sessionClosed: return without("note", details)
    case .note: return keep(["by"], of: details)
    case .caseOpened: return without("title", details)
    case .quoteMade, .promiseMade, .adviceGiven: return without("text", details)
    case .promiseBroken: return without("reason", details)
    case .questionAsked: return without("words", details)
    case .receiptIssued, .receiptProvisional: return without("receipt", details)
    case .relayStarted, .technicianAdded, .technicianRemoved, .sessionActivated, .sessionSuspended, .sessionResumed,
      .channelClosed, .checkpointEpochEnd, .checkpointRefused, .payloadErased, .sessionRestored, .reconciled,
      .planAdded, .planWithdrawn, .caseClosed, .sessionAssigned, .identityChecked, .quoteAnswered, .allowanceGranted,
      .questionAnswered, .limitOverridden, .receiptCountersigned, .amountCorrected, .workChanged, .unknown:
      return .nothing
    }
  }

  private static func keep(_ keys: [String], of details: JSONValue) -> Erasure {
    var kept = JSONObject()
    for key in keys { kept[key] = details[key] }
    return .details(kept: .object(kept))
  }

  /// Everything but one text; nothing is erased where that says nothing.
  private static func without(_ key: String, _ details: JSONValue) -> Erasure {
    guard let text = details[key], !text.isNull, text.string != "" else { return .nothing }
    var kept = details
    kept[key] = nil
    return .details(kept: kept)
  }
}
