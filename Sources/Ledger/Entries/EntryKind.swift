/// What an entry records. The number is what is stored and hashed, and is never given to anything else; a number this
/// program does not know (a newer relay wrote it) is kept as it is, so that the chain can still be followed.
public enum EntryKind: RawRepresentable, Sendable, CustomStringConvertible {
  /// A relay started on this ledger.
  case relayStarted
  /// A technician was added to the directory.
  case technicianAdded
  /// A technician was removed from the directory.
  case technicianRemoved
  /// A technician asked for a machine: the session's first entry.
  case sessionRequested
  /// The customer was asked.
  case consentAsked
  /// The customer said yes or no.
  case consentAnswered
  /// Time accrues from here on.
  case sessionActivated
  /// Time stopped accruing.
  case sessionSuspended
  /// Time accrues again.
  case sessionResumed
  /// A technician's channel was opened.
  case channelOpened
  /// A technician's channel ended.
  case channelClosed
  /// The last countersigned checkpoint of an epoch.
  case checkpointEpochEnd
  /// The agent refused to sign a checkpoint.
  case checkpointRefused
  /// The session is over, and rated.
  case sessionClosed
  /// Something a person wrote down.
  case note
  /// Payloads of earlier entries were erased.
  case payloadErased
  /// What the machine's side reported of file work.
  case filesReported
  /// A forward that the machine could not, or would not, connect.
  case forwardRefused
  /// A relay that started anew goes on with a session an earlier one left open.
  case sessionRestored
  /// The agent's own record of a session differs from the relay's.
  case reconciled
  /// What was tried on the line of a session's machine and turned away.
  case linkRefused
  /// A plan was put on record, or a new version of one.
  case planAdded
  /// A plan is not offered any more.
  case planWithdrawn
  /// A customer was put on record, or a new version of one.
  case customerAdded
  /// A case was opened.
  case caseOpened
  /// A case was closed.
  case caseClosed
  /// A session was assigned to a customer afterwards.
  case sessionAssigned
  /// Somebody said who he is, and it was looked up.
  case identityChecked
  /// A price was offered for a case.
  case quoteMade
  /// The customer took a quote, or did not.
  case quoteAnswered
  /// A price, a date or a condition was told to the customer.
  case promiseMade
  /// A promise was not kept.
  case promiseBroken
  /// The customer was advised to do something.
  case adviceGiven
  /// A part of a session's price was let off.
  case allowanceGranted
  /// Something was put before the customer after his first yes.
  case questionAsked
  /// The customer chose, or did not.
  case questionAnswered
  /// A supervisor let a session pass a limit.
  case limitOverridden
  /// The relay signed a session's receipt.
  case receiptIssued
  /// The agent signed the receipt it was handed.
  case receiptCountersigned
  /// A closed session costs less than its closing says.
  case amountCorrected
  /// An agent handed the customer a receipt of its own, the relay being out of reach.
  case receiptProvisional
  /// Another kind of work began in a session.
  case workChanged
  /// A second agent with the machine's key took over from one that was still connected.
  case agentDisplaced
  /// A kind from a newer program.
  case unknown(UInt16)

  /// Every kind this program knows, in the order of their numbers.
  public static let known: [EntryKind] = [
    .relayStarted, .technicianAdded, .technicianRemoved, .sessionRequested, .consentAsked, .consentAnswered,
    .sessionActivated, .sessionSuspended, .sessionResumed, .channelOpened, .channelClosed, .checkpointEpochEnd,
    .checkpointRefused, .sessionClosed, .note, .payloadErased, .filesReported,
    .forwardRefused, .sessionRestored, .reconciled, .linkRefused, .planAdded, .planWithdrawn, .customerAdded,
    .caseOpened, .caseClosed, .sessionAssigned, .identityChecked, .quoteMade, .quoteAnswered, .promiseMade,
    .promiseBroken, .adviceGiven, .allowanceGranted, .questionAsked, .questionAnswered, .limitOverridden,
    .receiptIssued, .receiptCountersigned, .amountCorrected, .receiptProvisional, .workChanged,
    .agentDisplaced,
  ]

  /// The kind of a stored number; never fails, since unknown numbers are kept.
  public init(rawValue: UInt16) {
    self = Self.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue)
  }

  /// The stored number.
  public var rawValue: UInt16 {
    switch self {
    case .relayStarted: 1
    case .technicianAdded: 2
    case .technicianRemoved: 3
    case .sessionRequested: 4
    case .consentAsked: 5
    case .consentAnswered: 6
    case .sessionActivated: 7
    case .sessionSuspended: 8
    case .sessionResumed: 9
    case .channelOpened: 10
    case .channelClosed: 11
    case .checkpointEpochEnd: 12
    case .checkpointRefused: 13
    case .sessionClosed: 14
    case .note: 15
    case .payloadErased: 16
    case .filesReported: 17
    case .forwardRefused: 18
    case .sessionRestored: 19
    case .reconciled: 20
    case .linkRefused: 21
    case .planAdded: 22
    case .planWithdrawn: 23
    case .customerAdded: 24
    case .caseOpened: 25
    case .caseClosed: 26
    case .sessionAssigned: 27
    case .identityChecked: 28
    case .quoteMade: 29
    case .quoteAnswered: 30
    case .promiseMade: 31
    case .promiseBroken: 32
    case .adviceGiven: 33
    case .allowanceGranted: 34
    case .questionAsked: 35
    case .questionAnswered: 36
    case .limitOverridden: 37
    case .receiptIssued: 38
    case .receiptCountersigned: 39
    case .amountCorrected: 40
    case .receiptProvisional: 41
    case .workChanged: 42
    case .agentDisplaced: 43
    case .unknown(let number): number
    }
  }

  /// The kind as scripts read it.
  public var description: String {
    switch self {
    case .relayStarted: "relay-started"
    case .technicianAdded: "technician-added"
    case .technicianRemoved: "technician-removed"
    case .sessionRequested: "session-requested"
    case .consentAsked: "consent-asked"
    case .consentAnswered: "consent-answered"
    case .sessionActivated: "session-activated"
    case .sessionSuspended: "session-suspended"
    case .sessionResumed: "session-resumed"
    case .channelOpened: "channel-opened"
    case .channelClosed: "channel-closed"
    case .checkpointEpochEnd: "checkpoint-epoch-end"
    case .checkpointRefused: "checkpoint-refused"
    case .sessionClosed: "session-closed"
    case .note: "note"
    case .payloadErased: "payload-erased"
    case .filesReported: "files-reported"
    case .forwardRefused: "forward-refused"
    case .sessionRestored: "session-restored"
    case .reconciled: "reconciled"
    case .linkRefused: "link-refused"
    case .planAdded: "plan-added"
    case .planWithdrawn: "plan-withdrawn"
    case .customerAdded: "customer-added"
    case .caseOpened: "case-opened"
    case .caseClosed: "case-closed"
    case .sessionAssigned: "session-assigned"
    case .identityChecked: "identity-checked"
    case .quoteMade: "quote-made"
    case .quoteAnswered: "quote-answered"
    case .promiseMade: "promise-made"
    case .promiseBroken: "promise-broken"
    case .adviceGiven: "advice-given"
    case .allowanceGranted: "allowance-granted"
    case .questionAsked: "question-asked"
    case .questionAnswered: "question-answered"
    case .limitOverridden: "limit-overridden"
    case .receiptIssued: "receipt-issued"
    case .receiptCountersigned: "receipt-countersigned"
    case .amountCorrected: "amount-corrected"
    case .receiptProvisional: "receipt-provisional"
    case .workChanged: "work-changed"
    case .agentDisplaced: "agent-displaced"
    case .unknown(let number): "unknown-\(number)"
    }
  }
}

extension EntryKind: Hashable {
  /// By number.
  public static func == (left: EntryKind, right: EntryKind) -> Bool { left.rawValue == right.rawValue }
  /// By number.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
