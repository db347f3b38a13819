/// What a technician may do beyond his own sessions.
public enum TechnicianRole: String, Sendable, CaseIterable {
  /// Works on machines.
  case technician
  /// Also sees and overrides what other technicians do.
  case supervisor
  /// Also runs the relay.
  case `operator`
}

/// A session's state as scripts read it.
public enum SessionState: String, Sendable, CaseIterable {
  /// A technician asked; nothing has been put before the customer yet.
  case requested
  /// The customer is being asked.
  case awaitingConsent = "awaiting-consent"
  /// Work is going on and time accrues.
  case active
  /// Open, but no time accrues; the reasons say why.
  case suspended
  /// Over, for good.
  case closed
}

/// Why an open session accrues no time. A session is active when none holds.
public enum SuspendReason: String, Sendable, CaseIterable, Comparable {
  /// The tunnel is down.
  case link
  /// No channel of the technician is open.
  case noChannel = "no-channel"
  /// The technician or the customer paused it.
  case paused
  /// A limit of the plan would be passed.
  case limit
  /// Nothing was typed or shown for longer than the plan allows.
  case idle
  /// The relay cannot write its ledger.
  case storage

  /// In the order of declaration, which is the order people are told.
  public static func < (left: SuspendReason, right: SuspendReason) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}

/// How a session ended.
public enum Outcome: String, Sendable, CaseIterable {
  /// The problem is solved.
  case fixed
  /// Somebody has to go there.
  case onSite = "on-site"
  /// The problem is not one the plan covers.
  case outOfScope = "out-of-scope"
  /// The customer's own equipment is at fault.
  case customerEquipment = "customer-equipment"
  /// Given up.
  case abandoned
  /// It ended and nobody named an outcome.
  case unclosed
  /// The customer said no.
  case declined
  /// The customer did not answer in time.
  case unanswered
  /// The technician went away before the customer answered.
  case withdrawn

  /// What a technician may name at the desk.
  public static let closable: [Outcome] = [.fixed, .onSite, .outOfScope, .customerEquipment, .abandoned]
}
