import NIOCore
import SessionModel
import TunnelProtocol

/// One stream's connection to another computer: performs what its ``ForwardMachine`` asks for. On the event loop.
///
/// Bytes of the technician are written at once, and their room is given back when the kernel has them: a target that does
/// not read holds no more than the stream's window. Bytes of the target are read while less than
/// `OutgoingQueue.unsentBytes` wait to be sent.
final class ForwardConnection: StreamService {
  private let port: any ServedStream
  private let session: SessionID
  private let forwards: Forwards
  private let loop: any EventLoop
  private let reportDialled: (String) -> Void

  /// What was asked for, until ``start()``.
  private let asked: (host: String, port: UInt16)
  private var machine: ForwardMachine?
  private var lookup: NameResolver.Request?
  private var overall: Scheduled<Void>?
  private var socket: ForwardSocket?
  private var outgoing = OutgoingQueue()

  /// - Parameters:
  ///   - port: the stream, neither accepted nor ended.
  ///   - host: as the technician's client sent it.
  ///   - session: under whose consent it is asked for, and whose connections are counted.
  ///   - dialled: is given the address connected to, `192.0.2.7:80` or `[2001:db8::1]:80`; right behind `accept()` and
  ///     ahead of everything else, because a stream that is not accepted takes no messages.
  init(
    port: any ServedStream, host: String, portNumber: UInt16, session: SessionID, forwards: Forwards,
    loop: any EventLoop, dialled: @escaping (String) -> Void
  ) {
    self.port = port
    asked = (host, portNumber)
    self.session = session
    self.forwards = forwards
    self.loop = loop
    reportDialled = dialled
  }

  /// Read from the target and not sent to the technician, in bytes.
  var heldBytes: Int { outgoing.backlogBytes }

  /// Received from the technician and not written to the target, in bytes.
  var unwrittenBytes: Int { socket?.unwrittenBytes ?? 0 }

  /// Begins to connect. Once, when the session knows it: the stream may end before this returns.
  func start() {
    let target: ForwardTarget
    do throws(ForwardTarget.Fault) {
      target = try ForwardTarget(host: asked.host, port: asked.port)
    } catch {
      port.end(StreamEnd(.refused, error.description))
      return
    }
    if let refusal = forwards.admit(self, session: session) {
      port.end(StreamEnd(.limit, refusal))
      return
    }
    machine = ForwardMachine(target, limits: forwards.limits)
    overall = loop.assumeIsolated().scheduleTask(in: .milliseconds(forwards.limits.overallMilliseconds)) {
      [weak self] () -> Void in self?.step(.timeUp)
    }
    step(.begin)
  }

  // MARK: - From the tunnel

  func receive(_ bytes: ByteBuffer) {
    if machine?.takesInput == true, let socket {
      socket.write(bytes)
    } else {
      port.consumed(bytes.readableBytes)
    }
  }

  func finishInput() {
    step(.inputFinished)
    if unwrittenBytes == 0 { step(.written) }
  }

  func freed(_ bytes: Int) {
    outgoing.freed(bytes)
    handOver()
    readMore()
  }

  func streamOver() { step(.streamOver) }

  // MARK: - The machine

  private func step(_ event: ForwardMachine.Event) {
    guard let actions = machine?.handle(event) else { return }
    for action in actions { perform(action) }
  }

  private func perform(_ action: ForwardMachine.Action) {
    switch action {
    case .resolve: resolve()
    case .connect(let address): connect(to: address)
    case .accept(let dialled):
      overall?.cancel()
      port.accept()
      reportDialled(dialled)
      readMore()
    case .shutDownWriting: socket?.shutDownWriting()
    case .finishWriting: port.finishWriting()
    case .release: release()
    case .end(let end):
      forwards.leave(self)
      port.end(end)
    }
  }

  private func resolve() {
    guard let target = machine?.target else { return }
    lookup = forwards.resolver.resolve(target.host, port: target.port) { [weak self] result in
      guard let self else { return }
      self.lookup = nil
      switch result {
      case .success(let addresses): self.step(.resolved(addresses))
      case .failure(let failure): self.step(.unresolved(failure))
      }
    }
    if lookup == nil { step(.unresolved(.busy)) }
  }

  private func connect(to address: SocketAddress) {
    let milliseconds = forwards.limits.addressMilliseconds
    let socket = ForwardSocket(owner: self)
    self.socket = socket
    socket.connect(to: address, within: .milliseconds(milliseconds), on: loop) { [weak self] error in
      self?.step(.failed(ConnectFailure(error, addressMilliseconds: milliseconds)))
    }
  }

  private func release() {
    overall?.cancel()
    if let lookup { forwards.resolver.cancel(lookup) }
    lookup = nil
    if let socket {
      self.socket = nil
      let unreported = socket.close()
      if unreported > 0 { port.consumed(unreported) }
    }
    if machine?.isOver == true {
      outgoing = OutgoingQueue()
      forwards.leave(self)
    } else {
      handOver()
    }
  }

  // MARK: - From the target

  private func readMore() {
    if machine?.readsTarget == true, outgoing.hasRoom { socket?.read() }
  }

  /// Gives the tunnel what it takes.
  private func handOver() {
    guard machine?.isOver == false else { return }
    while let (lane, bytes) = outgoing.next(room: port.room) { port.send(lane, bytes) }
    if outgoing.isEmpty { step(.handedOver) }
    if outgoing.isSent { step(.sent) }
  }
}

extension ForwardConnection: ForwardSocketOwner {
  func socketConnected(_ socket: ForwardSocket) {
    if socket === self.socket { step(.connected) }
  }

  func socket(_ socket: ForwardSocket, read bytes: ByteBuffer) {
    guard socket === self.socket, machine?.readsTarget == true else { return }
    outgoing.append(.standard, bytes)
    handOver()
  }

  func socketPaused(_ socket: ForwardSocket) {
    if socket === self.socket { readMore() }
  }

  func socket(_ socket: ForwardSocket, wrote bytes: Int) {
    guard socket === self.socket else { return }
    port.consumed(bytes)
    if socket.unwrittenBytes == 0 { step(.written) }
  }

  func socketFinished(_ socket: ForwardSocket) {
    guard socket === self.socket else { return }
    step(.targetFinished)
    handOver()
  }

  func socketReset(_ socket: ForwardSocket) {
    if socket === self.socket { step(.targetReset) }
  }

  func socketGone(_ socket: ForwardSocket) {
    guard socket === self.socket else { return }
    step(.targetGone)
    handOver()
  }
}
