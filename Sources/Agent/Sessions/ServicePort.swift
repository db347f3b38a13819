import NIOCore
import TunnelProtocol

/// A stream's port that lets its session know when the service ends the stream by itself.
struct ServicePort {
  let port: StreamPort
  /// Called once, before the stream ends.
  let ended: () -> Void

  func accept() { port.accept() }
  var room: Int { port.room }
  func send(_ lane: Lane, _ bytes: ByteBuffer) { port.send(lane, bytes) }
  func finishWriting() { port.finishWriting() }
  func post(_ message: StreamMessage) { port.post(message) }
  func consumed(_ bytes: Int) { port.consumed(bytes) }

  func end(_ end: StreamEnd) {
    ended()
    port.end(end)
  }
}

extension ServicePort: ServedStream {}
