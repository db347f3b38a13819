package import NIOCore
package import TunnelProtocol

/// What a service says to its stream, be it a file transfer or a connection to another computer. On the event loop.
package protocol ServedStream {
  /// The stream is served.
  func accept()
  /// How many bytes ``send(_:_:)`` takes now; 0 when the stream is over.
  var room: Int { get }
  /// Bytes for the technician, or a report for the relay; in order over all lanes.
  func send(_ lane: Lane, _ bytes: ByteBuffer)
  /// Nothing more is sent.
  func finishWriting()
  /// The end of what serves the stream, as a program's exit.
  func post(_ message: StreamMessage)
  /// The stream is over.
  func end(_ end: StreamEnd)
  /// The technician may send so many bytes more.
  func consumed(_ bytes: Int)
}
