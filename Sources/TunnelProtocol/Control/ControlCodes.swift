import SessionModel

// The numbers of SessionModel's words on the wire. They stand here and not there, because they are part of the format.

extension SessionState {
  var wireCode: UInt8 {
    switch self {
    case .requested: 1
    case .awaitingConsent: 2
    case .active: 3
    case .suspended: 4
    case .closed: 5
    }
  }

  init(wireCode: UInt8) throws(Malformation) {
    guard let state = Self.allCases.first(where: { $0.wireCode == wireCode }) else { throw .invalid(field: "state") }
    self = state
  }
}

extension SuspendReason {
  var wireBit: UInt16 {
    switch self {
    case .link: 0x01
    case .noChannel: 0x02
    case .paused: 0x04
    case .limit: 0x08
    case .idle: 0x10
    case .storage: 0x20
    }
  }

  static func wireBits(_ reasons: [SuspendReason]) -> UInt16 { reasons.reduce(0) { $0 | $1.wireBit } }

  /// The reasons in the order of their declaration; unknown bits are refused.
  static func reasons(wireBits: UInt16) throws(Malformation) -> [SuspendReason] {
    if wireBits & ~Self.wireBits(allCases) != 0 { throw .invalid(field: "reasons") }
    return allCases.filter { wireBits & $0.wireBit != 0 }
  }
}

extension QuestionKind {
  var wireCode: UInt8 {
    switch self {
    case .limit: 1
    case .quote: 2
    }
  }

  init(wireCode: UInt8) throws(Malformation) {
    guard let kind = Self.allCases.first(where: { $0.wireCode == wireCode }) else { throw .invalid(field: "question") }
    self = kind
  }
}

extension JournalReport.Condition {
  var wireCode: UInt8 {
    switch self {
    case .damaged: 1
    case .unwritable: 2
    case .writable: 3
    }
  }

  init(wireCode: UInt8) throws(Malformation) {
    guard let condition = Self.allCases.first(where: { $0.wireCode == wireCode }) else {
      throw .invalid(field: "condition")
    }
    self = condition
  }
}

extension Outcome {
  var wireCode: UInt8 {
    switch self {
    case .fixed: 1
    case .onSite: 2
    case .outOfScope: 3
    case .customerEquipment: 4
    case .abandoned: 5
    case .unclosed: 6
    case .declined: 7
    case .unanswered: 8
    case .withdrawn: 9
    }
  }

  init(wireCode: UInt8) throws(Malformation) {
    guard let outcome = Self.allCases.first(where: { $0.wireCode == wireCode }) else {
      throw .invalid(field: "outcome")
    }
    self = outcome
  }
}
