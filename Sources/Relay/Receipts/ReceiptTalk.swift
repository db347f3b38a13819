import SessionModel
import TunnelProtocol

/// What is said of receipts on one connection. Each costs a look into the ledger, and has a limit.
struct ReceiptTalk: Sendable {
  /// Bytes of receipts handed over on one connection: half of what the tunnel keeps of messages that were not sent yet.
  static let maximumBytes = 512 * 1024

  /// Handed over and not answered.
  private var offered: Set<SessionID> = []
  private var bytes = 0
  private var provisionals = 0

  /// One is handed over. False when there have been too many: the shop can still export it.
  mutating func offer(_ session: SessionID, _ count: Int) -> Bool {
    guard bytes + count <= Self.maximumBytes else { return false }
    bytes += count
    offered.insert(session)
    return true
  }

  /// One was answered. False when none was handed over, or it was answered before.
  mutating func take(_ session: SessionID) -> Bool { offered.remove(session) != nil }

  /// The machine tells of one it made alone. False when it told of too many.
  mutating func hearProvisional() -> Bool {
    provisionals += 1
    return provisionals <= HeldSession.maximumSessions
  }
}
