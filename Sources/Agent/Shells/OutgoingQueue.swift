import NIOCore
import TunnelProtocol

/// Output between a process and its stream: what was read and not yet handed to the tunnel, and how much of what was
/// handed over has not been sent. It decides when more may be read.
struct OutgoingQueue {
  /// Handed to the tunnel and not yet sent, at most, in bytes; half of what the tunnel takes of one stream.
  static let unsentBytes = 512 * 1024

  private var held: CircularBuffer<(Lane, ByteBuffer)> = []
  private var heldBytes = 0
  private var unsent = 0

  /// Nothing waits to be handed over.
  var isEmpty: Bool { held.isEmpty }

  /// Nothing waits at all: the tunnel has sent everything.
  var isSent: Bool { backlogBytes == 0 }

  /// Everything the other side has not been sent, in bytes.
  var backlogBytes: Int { heldBytes + unsent }

  /// Whether more may be read.
  var hasRoom: Bool { backlogBytes < Self.unsentBytes }

  /// Behind everything that waits.
  mutating func append(_ lane: Lane, _ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0 else { return }
    held.append((lane, bytes))
    heldBytes += bytes.readableBytes
  }

  /// The next piece to hand over, when the tunnel has `room` bytes of room for it. It counts as handed over.
  mutating func next(room: Int) -> (Lane, ByteBuffer)? {
    let room = min(room, Self.unsentBytes - unsent)
    guard let (lane, bytes) = held.first, bytes.readableBytes <= room else { return nil }
    held.removeFirst()
    heldBytes -= bytes.readableBytes
    unsent += bytes.readableBytes
    return (lane, bytes)
  }

  /// The tunnel sent so many bytes.
  mutating func freed(_ bytes: Int) { unsent = max(0, unsent - bytes) }
}
