import Ledger
import SessionModel
import TunnelProtocol

/// What the agent reported of file work and is not on record yet: gathered, so that a thousand small files are not a
/// thousand commits. Bounded by the streams' credit, which is returned when it is on record.
struct PendingReports {
  private(set) var events: [FileEvent] = []
  private(set) var pathBytes = 0
  private(set) var creditBytes = 0

  /// Whether it is time to write, whatever the clock says: another event of two longest paths would not fit.
  var isFull: Bool {
    events.count >= FilesReported.maximumEvents
      || pathBytes + 2 * FileEvent.maximumPathBytes > FilesReported.maximumPathBytes
  }

  mutating func append(_ event: FileEvent) {
    events.append(event)
    pathBytes += event.pathBytes
  }

  mutating func owe(bytes: Int) { creditBytes += bytes }
}

/// Files and forwards on record.
extension RelayCore {
  func channelSaid(_ news: ChannelBridge.News, channel number: UInt64, of id: SessionID) {
    switch news {
    case .dialled(let address):
      guard case .forward(let host, let port) = sessions[id]?.channels[number]?.kind else { return }
      record(
        ChannelOpened(
          channel: number, channelKind: "forward", command: Self.target(host, port), address: address), id)
    case .forwardRefused(let reason):
      guard case .forward(let host, let port) = sessions[id]?.channels[number]?.kind else { return }
      record(ForwardRefused(channel: number, target: Self.target(host, port), reason: reason), id)
    case .files(let events, let bytes):
      for event in events {
        sessions[id]?.reports[number, default: PendingReports()].append(event)
        if sessions[id]?.reports[number]?.isFull == true { recordReports(of: id, channel: number) }
      }
      sessions[id]?.reports[number, default: PendingReports()].owe(bytes: bytes)
    case .ended(let ending):
      recordReports(of: id, channel: number)
      channelEnded(number, of: id, ending)
    }
  }

  /// Host and port as they stand on record.
  static func target(_ host: String, _ port: UInt16) -> String {
    TextSafety.escaped(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }

  /// Puts what was reported on record and gives the agent its credit back.
  func recordReports(of id: SessionID) {
    for number in sessions[id]?.reports.keys.sorted() ?? [] { recordReports(of: id, channel: number) }
  }

  private func recordReports(of id: SessionID, channel number: UInt64) {
    guard let session = sessions[id], let pending = session.reports[number] else { return }
    sessions[id]?.reports[number] = nil
    if !pending.events.isEmpty { record(FilesReported(channel: number, events: pending.events), id) }
    if let bridge = session.channels[number] {
      machines[session.machineIdentity]?.port?.post(.consumed(bridge, pending.creditBytes))
    }
  }
}
