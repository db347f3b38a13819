import NIOCore
import TunnelProtocol

/// What a connection says to its stream.
protocol ForwardPort {
  func accept()
  /// How many bytes ``send(_:_:)`` takes now; 0 when the stream is over.
  var room: Int { get }
  func send(_ lane: Lane, _ bytes: ByteBuffer)
  func finishWriting()
  func end(_ end: StreamEnd)
  func consumed(_ bytes: Int)
}
