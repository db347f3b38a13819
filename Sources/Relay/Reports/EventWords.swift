import Ledger
import SessionModel

/// What an entry says, in one line for people; what is long or secret stands in the JSON only.
enum EventWords {
  /// What each of a session's entries says, in order. A suspension of which one reason went is no new one.
  static func details(of entries: [Entry], _ currency: Currency?) -> [String] {
    var reasons: Set<SuspendReason> = []
    return entries.map { entry in
      let before = reasons
      switch entry.kind {
      case .sessionSuspended: reasons = Set(SessionSuspended(entry)?.reasons ?? [])
      case .sessionRestored: reasons = [.link, .noChannel]
      case .sessionActivated, .sessionResumed: reasons = []
      default: break
      }
      let words = detail(of: entry, currency)
      let isRest = entry.kind == .sessionSuspended && !reasons.isEmpty && reasons.isSubset(of: before)
      return isRest ? "still suspended: \(words)" : words
    }
  }

  /// Empty where the kind says it all. Amounts are in `currency`, unless the entry names its own.
  private static func detail(of entry: Entry, _ currency: Currency?) -> String {
    agreement(entry, currency) ?? work(entry) ?? ""
  }

  /// What was asked, said, promised and let off; nil for an entry of another kind.
  private static func agreement(_ entry: Entry, _ currency: Currency?) -> String? {
    switch entry.kind {
    case .consentAnswered: (ConsentAnswered(entry)?.accepted ?? false) ? "yes" : "no"
    case .questionAsked: QuestionAsked(entry).map { "question \($0.number), \(words($0.subject))" }
    case .questionAnswered:
      QuestionAnswered(entry).map { "question \($0.number), \(words($0.subject)): \($0.answer.rawValue)" }
    case .limitOverridden:
      LimitOverridden(entry).map { "\(words(.limit($0.limit, workType: $0.workType))), by \($0.by): \($0.reason)" }
    case .allowanceGranted: AllowanceGranted(entry).map { allowance($0, currency) }
    case .amountCorrected:
      AmountCorrected(entry).map { "\(money($0.price.amountMinor, $0.price.currency)), by \($0.by): \($0.reason)" }
    case .workChanged: WorkChanged(entry).map { "\($0.workType), by \($0.by)" }
    case .identityChecked:
      IdentityChecked(entry).map { checked in
        "\(checked.customer)\(checked.fact.map { " by \($0)" } ?? ""): \(checked.result.rawValue), asked by \(checked.by)"
      }
    case .sessionAssigned:
      SessionAssigned(entry).map { assigned in
        "\(assigned.customer), case \(assigned.caseID)"
          + (assigned.price.map { ": \(money($0.amountMinor, $0.currency))" } ?? "")
      }
    case .quoteAnswered: QuoteAnswered(entry).map { "\($0.quote): \($0.isAccepted ? "yes" : "no"), by \($0.by)" }
    case .promiseMade: PromiseMade(entry).map { "\($0.number): \($0.text), by \($0.by)" }
    case .promiseBroken: PromiseBroken(entry).map { "\($0.number), by \($0.by): \($0.reason)" }
    case .adviceGiven: AdviceGiven(entry).map { "\($0.text)\($0.isDeclined ? " (declined)" : "")" }
    case .note: LedgerNote(entry).map { "\($0.text) (\($0.by))" }
    default: nil
    }
  }

  /// What was done and what became of the line; nil for an entry of another kind.
  private static func work(_ entry: Entry) -> String? {
    switch entry.kind {
    case .sessionRequested:
      SessionRequested(entry).map { "by \($0.technician), plan \($0.plan.id)" }
    case .sessionSuspended: SessionSuspended(entry)?.reasons.map(\.rawValue).joined(separator: ", ")
    case .channelOpened:
      ChannelOpened(entry).map { opened in
        ([opened.channelKind] + [opened.command, opened.address.map { "(\($0))" }].compactMap(\.self))
          .joined(separator: " ")
      }
    case .channelClosed:
      ChannelClosed(entry).map { "\($0.bytesToMachine) B to, \($0.bytesFromMachine) B from the machine" }
    case .checkpointRefused:
      CheckpointRefused(entry).map { "relay \($0.relayMilliseconds) ms, agent \($0.agentMilliseconds) ms" }
    case .reconciled: Reconciled(entry)?.line
    case .filesReported:
      FilesReported(entry).map { "\(CountText.of($0.events.count, "report")) of channel \($0.channel)" }
    case .forwardRefused: ForwardRefused(entry)?.reason
    case .sessionRestored:
      SessionRestored(entry).map { "epoch \($0.epoch), \($0.activeMilliseconds) ms carried over: \($0.reason)" }
    case .agentDisplaced: AgentDisplaced(entry)?.line
    case .linkRefused: LinkRefused(entry).map { "from \($0.address): \($0.reason)" }
    case .sessionClosed: SessionClosed(entry).map { "by \($0.by)" }
    default: nil
    }
  }

  private static func words(_ subject: QuestionSubject) -> String {
    switch subject {
    case .limit(let limit, let workType, _): "limit \(limit.rawValue)\(workType.map { " (\($0))" } ?? "")"
    case .quote(let quote): "quote \(quote)"
    }
  }

  private static func allowance(_ granted: AllowanceGranted, _ currency: Currency?) -> String {
    let size =
      switch granted.reduction {
      case .waiver: "all"
      case .percent(let percent): "\(percent) %"
      case .amount(let minor): money(minor, currency?.code ?? "")
      }
    return "\(size) off, by \(granted.by): \(granted.reason)"
  }

  private static func money(_ minor: Int64, _ code: String) -> String {
    Currency(code).map { Money(minorUnits: minor, currency: $0).description } ?? "\(minor) \(code)"
  }
}
