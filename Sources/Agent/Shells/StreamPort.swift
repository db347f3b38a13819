import NIOCore
import TunnelProtocol
import TunnelTransport

/// One stream of one tunnel, as a process sees it. What is said to a stream that is over is ignored by the tunnel.
struct StreamPort {
  let tunnel: Tunnel
  let stream: StreamID

  func accept() { tunnel.accept(stream) }
  /// How many bytes ``send(_:_:)`` takes now; 0 when the stream is over.
  var room: Int { tunnel.sendRoom(stream) }
  func send(_ lane: Lane, _ bytes: ByteBuffer) { tunnel.send(stream, lane, bytes) }
  func finishWriting() { tunnel.finishWriting(stream) }
  func post(_ message: StreamMessage) { tunnel.post(message, on: stream) }
  func end(_ end: StreamEnd) { tunnel.end(stream, end) }
  func consumed(_ bytes: Int) { tunnel.consumed(stream, bytes: bytes) }
}
