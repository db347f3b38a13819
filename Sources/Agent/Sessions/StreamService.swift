import NIOCore
import TunnelProtocol

/// What serves a stream that has no process behind it: file transfer, a connection to another computer. On the event loop.
/// It is made with the stream's port, accepts the stream or ends it, and gives back the room of every byte it received.
protocol StreamService: AnyObject {
  /// Bytes of the technician.
  func receive(_ bytes: ByteBuffer)
  /// The technician sends no more.
  func finishInput()
  /// The tunnel sent so many of the bytes it was handed.
  func freed(_ bytes: Int)
  /// The stream is over, by whichever side, or the link or the session is: everything is let go of. Nothing is said to the
  /// port after this. Called once.
  func streamOver()
}

/// What is behind a stream.
enum StreamWork {
  /// A shell or a command.
  case process(RunningProcess)
  /// Anything else.
  case service(any StreamService)
}
