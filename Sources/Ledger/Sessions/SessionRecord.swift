public import SessionModel

/// Everything on record about one session, folded from its entries in order and its newest checkpoint.
///
/// ```
///  requested ──ConsentAsked──▶ awaiting-consent ──SessionActivated──▶ active ──SessionSuspended──▶ suspended
///      │                              │                               ▲  │                          │  │
///      │                              │                               └──┼──────SessionResumed──────┘  │
///      └──────────────────────────────┴──────────SessionClosed──────────▶┴◀────────────────────────────┘
///                                                                      closed
///  active, suspended ──SessionRestored──▶ suspended (link, no-channel)
/// ```
/// Closed is final: of entries that come later, an assignment tells case and customer, it or a correction may lower the price,
/// and all are kept among ``entries``.
public struct SessionRecord: Hashable, Sendable {
  /// The session.
  public let id: SessionID
  /// The case it belongs to; nil where an earlier program opened it.
  public private(set) var caseID: CaseID?
  /// The customer it belongs to; nil while he is not known.
  public private(set) var customer: Name?
  /// Whom somebody proved to be, and how.
  private var verified: [Name: Identity] = [:]
  /// The machine.
  public private(set) var machine: String?
  /// The technician.
  public private(set) var technician: String?
  /// Why he asked.
  public private(set) var purpose: String?
  /// The plan it is rated by: the one agreed to, or the one it was assigned to later.
  public private(set) var plan: PlanTerms?
  /// Whether anybody asked for it here. An agent may hold this relay's signature under a session of which an older copy of the
  /// ledger knows nothing: then there is no session, only what was noted of that.
  public private(set) var wasRequested = false
  /// Where it stands.
  public private(set) var state: SessionState
  /// Why it accrues no time; empty unless suspended.
  public private(set) var suspendedReasons: [SuspendReason] = []
  /// When the technician asked.
  public private(set) var openedAt: WallTime
  /// When it was closed.
  public private(set) var closedAt: WallTime?
  /// Active time: of a closed session as billed, of an open one as the newest countersigned checkpoint has it. In
  /// milliseconds.
  public private(set) var activeMilliseconds: Int64 = 0
  /// Seconds charged for; nil while it is open, unless the caller rates what there is and says so here.
  public var billedSeconds: Int64?
  /// The price after all corrections, in minor units of ``currency``; nil while it is open, unless the caller sets it.
  public var amountMinor: Int64?
  /// ISO 4217; nil when the details of the request were erased.
  public private(set) var currency: String?
  /// Bytes carried to the machine: by channels that ended, or, once closed, by all.
  public private(set) var bytesToMachine: Int64 = 0
  /// Bytes carried from the machine, likewise.
  public private(set) var bytesFromMachine: Int64 = 0
  /// How it ended.
  public private(set) var outcome: Outcome?
  /// What the technician noted at the end.
  public private(set) var note: String?
  /// The bill; empty while it is open, unless the caller sets it.
  public var lines: [LedgerLine] = []
  /// How it was rated.
  public private(set) var rating = RatingFacts()
  /// When time accrued, as billed; empty while it is open.
  public private(set) var intervals: [LedgerInterval] = []
  /// The customer's answer.
  public private(set) var consent: ConsentAnswered?
  /// What was asked for; nil when the details were erased.
  public private(set) var request: SessionRequested?
  /// What the customer was asked; nil when he was not, or the details were erased.
  public private(set) var question: ConsentAsked?
  /// How it became active; nil when it did not, or the details were erased.
  public private(set) var activation: SessionActivated?
  /// When it became active.
  public private(set) var activatedAt: WallTime?
  /// How long it has been suspended in all, in milliseconds, up to its last entry.
  public private(set) var suspendedMilliseconds: Int64 = 0
  /// Since when no time has counted.
  private var suspendedSince: WallTime?
  /// When the suspension before it ended: no moment is suspended twice.
  private var suspendedUntil: WallTime?
  /// The highest epoch heard of; 0 before it became active.
  public private(set) var epoch: UInt32 = 0
  /// The highest epoch whose end is among the entries; 0 for none.
  public private(set) var endedEpoch: UInt32 = 0
  /// The kinds of work there were, in order.
  public private(set) var workChanges: [WorkChanged] = []
  /// The number of the newest question; 0 for none.
  public private(set) var lastQuestion: UInt64 = 0
  /// The highest channel number on record.
  public private(set) var lastChannel: UInt64 = 0
  /// The newest checkpoint.
  public private(set) var latestCheckpoint: StoredCheckpoint?
  private var fileList = SessionFiles()
  /// Whether what was done with files was erased, in whole or in part.
  public private(set) var areFilesErased = false
  /// What was done with files, as the agent reported it: the first ``SessionFiles/maximumHeld``.
  public var files: [SessionFile] { fileList.held }
  /// How many more there are.
  public var filesNotHeld: Int { fileList.notHeld }
  /// Its entries, in order: the first ``LedgerLimits/maximumEntriesHeld`` of them.
  public private(set) var entries: [Entry] = []
  /// How many more there are; they count in everything else.
  public private(set) var entriesNotHeld = 0

  /// How it is known who the customer is: by what he told while it was open, else as it was known before.
  public var identity: Identity {
    customer.flatMap { verified[$0] } ?? request?.identity ?? .unknown
  }

  /// Folds `entries`, which are in order; entries of other sessions are passed over. Nil when there is none of this one.
  public init?(session: SessionID, entries: [Entry], checkpoints: [StoredCheckpoint] = []) {
    let own = entries.filter { $0.session == session }
    guard let first = own.first else { return nil }
    id = session
    state = .requested
    openedAt = first.time
    for entry in own { apply(entry) }
    for checkpoint in checkpoints { apply(checkpoint) }
  }

  /// Takes one more entry of this session.
  public mutating func apply(_ entry: Entry) {
    guard entry.session == id else { return }
    // What was done last may be reported while the session closes.
    if let report = FilesReported(entry) {
      fileList.apply(report, at: entry.time)
    } else if entry.kind == .filesReported {
      areFilesErased = true
    }
    if entries.count < LedgerLimits.maximumEntriesHeld { entries.append(entry) } else { entriesNotHeld += 1 }
    applyAfterwards(entry)
    guard state != .closed else { return }
    switch entry.kind {
    case .sessionRequested:
      wasRequested = true
      requested(SessionRequested(entry))
    case .consentAsked:
      state = .awaitingConsent
      question = ConsentAsked(entry)
    case .consentAnswered: consent = ConsentAnswered(entry) ?? consent
    case .sessionActivated:
      activation = SessionActivated(entry)
      activatedAt = entry.time
      epoch = max(epoch, 1)
      becomeActive()
    case .sessionResumed:
      endSuspension(at: entry.time)
      becomeActive()
    case .sessionRestored:
      epoch = max(epoch, SessionRestored(entry)?.epoch ?? 0)
      state = .suspended
      suspendedReasons = [.link, .noChannel].sorted()
      suspendedSince = suspendedSince ?? entry.time
    case .channelOpened: lastChannel = max(lastChannel, ChannelOpened(entry)?.channel ?? 0)
    case .forwardRefused: lastChannel = max(lastChannel, ForwardRefused(entry)?.channel ?? 0)
    case .workChanged: WorkChanged(entry).map { workChanges.append($0) }
    case .questionAsked: lastQuestion = max(lastQuestion, QuestionAsked(entry)?.number ?? 0)
    case .sessionSuspended:
      state = .suspended
      let details = SessionSuspended(entry)
      suspendedReasons = details?.reasons ?? []
      let since = details?.since ?? entry.time
      suspendedSince = suspendedSince ?? max(since, suspendedUntil ?? since)
    case .channelClosed:
      guard let channel = ChannelClosed(entry) else { break }
      bytesToMachine = bytesToMachine.addingSaturated(channel.bytesToMachine)
      bytesFromMachine = bytesFromMachine.addingSaturated(channel.bytesFromMachine)
    case .checkpointEpochEnd:
      guard let end = CheckpointEpochEnd(entry) else { break }
      endedEpoch = max(endedEpoch, end.checkpoint.epoch)
      apply(end.checkpoint)
    case .sessionClosed:
      endSuspension(at: entry.time)
      closed(SessionClosed(entry), at: entry.time)
    case .relayStarted, .technicianAdded, .technicianRemoved, .checkpointRefused, .note, .payloadErased,
      .filesReported, .reconciled, .linkRefused, .planAdded, .planWithdrawn, .customerAdded, .caseOpened, .caseClosed,
      .sessionAssigned, .identityChecked, .quoteMade, .quoteAnswered, .promiseMade, .promiseBroken, .adviceGiven,
      .allowanceGranted, .questionAnswered, .limitOverridden, .receiptIssued, .receiptCountersigned,
      .amountCorrected, .receiptProvisional, .agentDisplaced, .unknown:
      break
    }
  }

  /// Takes one more checkpoint; one of another session, or older than what is known, changes nothing.
  public mutating func apply(_ checkpoint: StoredCheckpoint) {
    guard checkpoint.session == id else { return }
    epoch = max(epoch, checkpoint.epoch)
    if let latest = latestCheckpoint {
      let (new, old) = (checkpoint.statement, latest.statement)
      guard (new.epoch, new.sequence) > (old.epoch, old.sequence) else { return }
    }
    latestCheckpoint = checkpoint
    if state != .closed { activeMilliseconds = max(activeMilliseconds, checkpoint.statement.activeMilliseconds) }
  }

  /// What holds whether the session is open or not.
  private mutating func applyAfterwards(_ entry: Entry) {
    if let assigned = SessionAssigned(entry) {
      (customer, caseID) = (assigned.customer, assigned.caseID)
      plan = assigned.plan ?? plan
      if let price = assigned.price { lower(to: price) }
    } else if let corrected = AmountCorrected(entry) {
      lower(to: corrected.price)
    } else if let checked = IdentityChecked(entry), checked.result == .verified {
      verified[checked.customer] = checked.identity
    }
  }

  private mutating func lower(to price: NewPrice) {
    guard state == .closed, let amountMinor, price.isLower(than: amountMinor, currency) else { return }
    billedSeconds = price.billedSeconds
    self.amountMinor = price.amountMinor
    lines = price.lines
    rating = price.rating
  }

  private mutating func endSuspension(at time: WallTime) {
    guard let since = suspendedSince.take() else { return }
    suspendedUntil = time
    suspendedMilliseconds = suspendedMilliseconds.addingSaturated(max(0, time.milliseconds(since: since)))
  }

  private mutating func becomeActive() {
    state = .active
    suspendedReasons = []
  }

  private mutating func requested(_ details: SessionRequested?) {
    request = details
    // Empty is what was erased.
    machine = details.flatMap { $0.machine.isEmpty ? nil : $0.machine }
    technician = details?.technician.rawValue
    purpose = details.flatMap { $0.purpose.isEmpty ? nil : $0.purpose }
    caseID = details?.caseID
    customer = details?.customer
    plan = details?.plan
    currency = details?.plan.currency
  }

  private mutating func closed(_ details: SessionClosed?, at time: WallTime) {
    state = .closed
    suspendedReasons = []
    closedAt = time
    guard let details else { return }
    outcome = details.outcome
    note = details.note
    activeMilliseconds = details.activeMilliseconds
    billedSeconds = details.billedSeconds
    amountMinor = details.amountMinor
    currency = details.currency
    bytesToMachine = details.bytesToMachine
    bytesFromMachine = details.bytesFromMachine
    lines = details.lines
    rating = details.rating
    intervals = details.intervals
  }
}
