import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Synchronization
import Testing
import TunnelProtocol
import TunnelTransport

@testable import Relay
@testable import SSHFrontDoor

@Suite("A channel's end counts from when it was")
struct ChannelEndTests {
  private let rig: Rig
  private let id: SessionID

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
  }

  private func bridge(_ news: @escaping @Sendable (ChannelBridge.News) -> Void = { _ in }) throws -> ChannelBridge {
    let key = try #require(
      SSHPublicKey(
        authorizedKeysLine: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII8ahQKBYm5aw7GvO4voZpqffiYcc+GHwztkbdFjD9TM mika"))
    let login = SSHLogin(connection: 1, user: "482177305", key: key, address: "192.0.2.9")
    let channel = SSHChannel(number: 1, login: login, link: try #require(ConnectionLink()))
    return ChannelBridge(
      channel: channel, kind: .exec(command: []), terminal: nil, environment: [], sessionTraffic: Traffic(),
      isCrowded: false, news: news)
  }

  @Test("the disk took fifty seconds to write it down: they are nobody's time")
  func slowDisk() async throws {
    let now = SystemClocks.now()
    // The session became active a minute ago, and its channel ended ten seconds later.
    let clocks = ClockReading(
      boot: now.boot, monotonic: now.monotonic.advanced(byMilliseconds: -60_000),
      wall: now.wall.advanced(byMilliseconds: -60_000))
    let end = clocks.monotonic.advanced(byMilliseconds: 10_000)
    try rig.leaveBehind(id, code: try #require(Rig.code), clocks: clocks)
    let core = try await rig.start(at: clocks)
    await core.agentComes(rig, holding: [id])
    await core.open(1, try bridge(), of: id, at: clocks.monotonic)
    await core.byte(id, at: clocks.monotonic.advanced(byMilliseconds: 5000))
    // The machine was there all the time, and still is.
    await core.hear(rig, at: now.monotonic)
    await core.channelEnded(
      1, of: id,
      ChannelBridge.Ending(
        bytesToMachine: 1, bytesFromMachine: 2, exit: .status(0), orderly: true, instant: end, wasOpened: true))
    let state = try #require(await core.state(id))
    #expect(state.state == .suspended && state.reasons == [.noChannel])
    #expect(state.active == 10_000)
    let suspended = try #require(try rig.ledger.entries(session: id).compactMap { SessionSuspended($0) }.last)
    #expect(suspended.since?.milliseconds(since: clocks.wall) == 10_000)
  }

  @Test("whichever side ends it, the instant is taken there and then, and told once")
  func instant() throws {
    for ending in 0..<3 {
      let told = Mutex<[MonotonicInstant]>([])
      let bridge = try bridge { if case .ended(let ending) = $0 { told.withLock { $0.append(ending.instant) } } }
      let before = BootClock.now()
      switch ending {
      case 0: bridge.channelClosed(orderly: true)
      case 1: bridge.streamEnded(StreamEnd(code: .finished, text: ""))
      default: bridge.linkLost(.truncated)
      }
      let after = BootClock.now()
      bridge.channelClosed(orderly: true)
      let instants = told.withLock { $0 }
      #expect(instants.count == 1 && instants.allSatisfy { (before...after).contains($0) })
    }
  }
}

extension RelayCore {
  fileprivate func open(_ number: UInt64, _ bridge: ChannelBridge, of id: SessionID, at now: MonotonicInstant) {
    sessions[id]?.channels[number] = bridge
    act(.channelOpened(number), id, at: now)
  }
}
