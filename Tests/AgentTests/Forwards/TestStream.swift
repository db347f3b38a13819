import NIOCore
import SessionModel
import TunnelProtocol

@testable import Agent

/// A stream as the tunnel would have it: it grants a window, takes what it has room for, sends that in the next turn of
/// the event loop unless it stands still, and notices when it is used wrongly.
final class TestStream: Watched, ServedStream {
  static let windowBytes = 1024 * 1024
  static let roomBytes = 1024 * 1024
  static let frameBytes = 32 * 1024

  private(set) var connection: ForwardConnection?
  private(set) var isAccepted = false
  private(set) var dialled: String?
  /// What the technician got.
  private(set) var output: [UInt8] = []
  private(set) var outputBytes = 0
  private(set) var isOutputFinished = false
  private(set) var end: StreamEnd?
  /// Uses that the tunnel would not have stood for.
  private(set) var faults: [String] = []
  /// What was said, without the bytes.
  private(set) var said: [String] = []
  /// Whether the line stands still.
  var stands = false {
    didSet { sendSoon() }
  }
  private var unsent: [ByteBuffer] = []
  private(set) var unsentBytes = 0
  /// The most that a short piece held beyond its bytes.
  private(set) var mostSpareBytes = 0

  private var input = ByteBuffer()
  private var inputEnds = false
  private var window = TestStream.windowBytes
  /// Given to the connection and not given back.
  private(set) var outstandingBytes = 0
  private(set) var takenBytes = 0
  private var isFeeding = false

  func open(
    _ host: String, _ port: UInt16, _ forwards: Forwards, session: SessionID, stands: Bool = false
  ) {
    self.stands = stands
    let connection = ForwardConnection(
      port: self, host: host, portNumber: port, session: session, forwards: forwards, loop: loop,
      dialled: { [unowned self] in wasDialled($0) })
    self.connection = connection
    connection.start()
  }

  /// The technician sends bytes, as far as there is room, and then perhaps no more.
  func feed(_ bytes: ByteBuffer, ends: Bool) {
    var bytes = bytes
    input.writeBuffer(&bytes)
    inputEnds = ends
    feedMore()
  }

  /// The stream is over, from the other side.
  func over() {
    end = end ?? StreamEnd(.hangup, "by the test")
    connection?.streamOver()
    changed()
  }

  private func feedMore() {
    guard isAccepted, end == nil, !isFeeding else { return }
    isFeeding = true
    defer { isFeeding = false }
    while window > 0, let piece = input.readSlice(length: min(Self.frameBytes, window, input.readableBytes)),
      piece.readableBytes > 0
    {
      window -= piece.readableBytes
      outstandingBytes += piece.readableBytes
      connection?.receive(piece)
    }
    changed()
    if input.readableBytes == 0, inputEnds {
      inputEnds = false
      connection?.finishInput()
    }
  }

  private func feedSoon() { loop.assumeIsolated().execute { self.feedMore() } }

  private func check(_ condition: Bool, _ what: String) {
    if !condition { faults.append(what) }
  }

  private func sendSoon() {
    loop.assumeIsolated().execute {
      guard !self.stands, self.end == nil || self.end?.code == .finished else { return }
      let pieces = self.unsent
      self.unsent = []
      var sent = 0
      for piece in pieces {
        sent += piece.readableBytes
        self.output += Array(piece.readableBytesView)
      }
      self.outputBytes += sent
      self.unsentBytes -= sent
      if sent > 0, self.end == nil { self.connection?.freed(sent) }
      self.changed()
    }
  }

  // MARK: ServedStream

  /// What is dialled is told another way; nothing else is.
  func post(_ message: StreamMessage) { said.append("posted \(message)") }

  func accept() {
    check(!isAccepted && end == nil, "accepted out of place")
    isAccepted = true
    said.append("accept")
    feedSoon()
    changed()
  }

  var room: Int { end == nil ? max(0, Self.roomBytes - unsentBytes) : 0 }

  func send(_ lane: Lane, _ bytes: ByteBuffer) {
    check(isAccepted && dialled != nil && !isOutputFinished && end == nil, "bytes out of place")
    check(bytes.readableBytes <= room && bytes.readableBytes > 0, "bytes without room")
    unsent.append(bytes)
    unsentBytes += bytes.readableBytes
    if bytes.readableBytes < 64 { mostSpareBytes = max(mostSpareBytes, bytes.storageCapacity - bytes.readableBytes) }
    sendSoon()
    changed()
  }

  func finishWriting() {
    check(isAccepted && !isOutputFinished && end == nil, "finished out of place")
    isOutputFinished = true
    said.append("finishWriting")
    changed()
  }

  private func wasDialled(_ address: String) {
    check(isAccepted && end == nil && outputBytes + unsentBytes == 0, "a message out of place")
    dialled = address
    said.append("dialled")
    changed()
  }

  func end(_ end: StreamEnd) {
    check(self.end == nil, "ended twice")
    check(unsentBytes == 0 || !isAccepted, "ended before everything was sent")
    self.end = end
    said.append("end")
    changed()
  }

  func consumed(_ bytes: Int) {
    outstandingBytes -= bytes
    takenBytes += bytes
    window += bytes
    check(bytes > 0 && outstandingBytes >= 0, "more room was given back than was taken")
    feedSoon()
    changed()
  }
}
