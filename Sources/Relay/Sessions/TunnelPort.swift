import Mailbox
import NIOCore
import SessionModel
import Synchronization
import TunnelProtocol

/// What the rest of the relay may ask of a tunnel. Channels name their bridge; the endpoint knows its stream.
enum TunnelCommand: Sendable {
  case open(StreamOpening, ChannelBridge)
  case send(ChannelBridge, ByteBuffer)
  case consumed(ChannelBridge, Int)
  case finishWriting(ChannelBridge)
  case message(ChannelBridge, StreamMessage)
  case end(ChannelBridge, StreamEnd)
  case control(ControlMessage)
  case activePinging(Bool)
  case leave(GoAway)
}

/// The face of one agent's tunnel for other threads: commands cross in a mailbox, and one wake-up serves all that were
/// posted before the tunnel's event loop got to it. What it holds is bounded by the streams' credit.
final class TunnelPort: Sendable, Hashable {
  private let mailbox = Mailbox<TunnelCommand>()
  private let loop: any EventLoop
  private let endpoint: NIOLoopBound<TunnelEndpoint>

  private let heardNanoseconds: Atomic<Int64>

  /// Made on the tunnel's event loop.
  init(loop: any EventLoop, endpoint: TunnelEndpoint, lastHeard: MonotonicInstant) {
    heardNanoseconds = Atomic(lastHeard.nanoseconds)
    self.loop = loop
    self.endpoint = NIOLoopBound(endpoint, eventLoop: loop)
  }

  /// When the agent was last heard.
  var lastHeard: MonotonicInstant { MonotonicInstant(nanoseconds: heardNanoseconds.load(ordering: .relaxed)) }

  func heard(at instant: MonotonicInstant) { heardNanoseconds.store(instant.nanoseconds, ordering: .relaxed) }

  /// Hands `command` over; any thread. Commands of one thread keep their order.
  func post(_ command: TunnelCommand) {
    guard mailbox.post(command) else { return }
    loop.execute { self.endpoint.value.perform(from: self.mailbox) }
  }

  static func == (left: TunnelPort, right: TunnelPort) -> Bool { left === right }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
