package import FileSystem
package import NIOCore
package import SFTPProtocol
import SessionModel
import TunnelProtocol

/// One technician's sftp: the stream on one side, file work on the other, `SFTPServer` between them.
///
/// ```
///              server: end          everything is sent
///   serving ────────────▶ leaving ─────────────────────▶ over
///      │                      │                            ▲
///      └──────────────────────┴──── streamOver ────────────┘
/// ```
/// Back-pressure: answers wait in an ``OutgoingQueue``, and `SFTPServer` begins nothing while much waits there; requests
/// wait in the server, and the stream's room comes back when they are answered.
package final class FileTransfer: StreamService {
  /// Answers longer than this are handed to the tunnel in pieces, in bytes.
  static let pieceBytes = 256 * 1024

  private enum State {
    case serving
    case leaving(SFTPFault?)
    case over
  }

  private let port: any ServedStream
  private let queue: FileWorkQueue
  private var server: SFTPServer
  private var state = State.serving
  private var outgoing = OutgoingQueue()
  /// By slot of the server's table.
  private var resources: [FileResource?] = []
  private var completions: [FileCompletion] = []

  /// Accepts the stream.
  /// - Parameters:
  ///   - root: all paths are within it.
  ///   - rules: what the customer consented to.
  ///   - workers: shared by all transfers of the agent.
  package init(
    port: any ServedStream, root: RootDirectory, rules: FileRules, workers: FileWorkers, loop: any EventLoop,
    limits: SFTPLimits = SFTPLimits()
  ) {
    self.port = port
    server = SFTPServer(rules: rules, limits: limits)
    let waking = Waking()
    let bound = NIOLoopBound(waking, eventLoop: loop)
    queue = FileWorkQueue(threads: workers.makeThreads(), performer: FilePerformer(root: root, workers: workers)) {
      loop.execute { bound.value.transfer?.collect() }
    }
    waking.transfer = self
    port.accept()
  }

  /// The queue's threads outlive a transfer that is over: they hold this instead of it.
  private final class Waking {
    weak var transfer: FileTransfer?
  }

  /// How many files and directories are open.
  package var openHandles: Int { server.openHandles }

  package func receive(_ bytes: ByteBuffer) {
    switch state {
    case .serving:
      server.receive(bytes)
      advance()
    case .leaving: port.consumed(bytes.readableBytes)
    case .over: break
    }
  }

  package func finishInput() {
    guard case .serving = state else { return }
    server.finishInput()
    advance()
  }

  package func freed(_ bytes: Int) {
    outgoing.freed(bytes)
    advance()
  }

  package func streamOver() {
    if case .over = state { return }
    state = .over
    letGo()
    outgoing = OutgoingQueue()
  }

  /// Takes what the threads have finished.
  private func collect() {
    queue.drain(into: &completions)
    if case .serving = state {
      for completion in completions {
        if let opened = completion.opened { keep(opened, for: completion.job) }
        server.finish(completion.job, completion.outcome)
      }
    }
    completions.removeAll(keepingCapacity: true)
    advance()
  }

  /// The slots of OPEN and OPENDIR jobs that are being done: one at most.
  private var opening: (job: UInt64, slot: HandleSlot)?

  private func keep(_ resource: FileResource, for job: UInt64) {
    guard let opening, opening.job == job else { return }
    while resources.count <= opening.slot { resources.append(nil) }
    resources[opening.slot] = resource
    self.opening = nil
  }

  private func advance() {
    while case .serving = state, let step = server.next(unsentBytes: outgoing.backlogBytes) {
      switch step {
      case .work(let job): start(job)
      case .reply(let bytes): reply(bytes)
      case .report(let event): report(event)
      case .release(let bytes): port.consumed(bytes)
      case .end(let fault): leave(fault)
      }
    }
    handOver()
  }

  /// Names of many accounts can be longer than what the tunnel takes at once.
  private func reply(_ bytes: ByteBuffer) {
    var rest = bytes
    while rest.readableBytes > Self.pieceBytes, let piece = rest.readSlice(length: Self.pieceBytes) {
      outgoing.append(.standard, piece)
    }
    outgoing.append(.standard, rest)
  }

  private func report(_ event: FileEvent) {
    // Paths are cut to what an event takes and counts are natural: encoding does not fail.
    guard let bytes = try? event.encoded() else { return }
    outgoing.append(.report, bytes)
  }

  private func start(_ job: FileJob) {
    var resource: FileResource?
    var target: FileResource?
    switch job.work {
    case .open(let slot, _, _, _), .openDirectory(let slot, _): opening = (job.number, slot)
    case .close(let slot):
      resource = self.resource(slot)
      if resources.indices.contains(slot) { resources[slot] = nil }
    case .read(let slot, _, _), .write(let slot, _), .list(let slot), .handleStatus(let slot),
      .setHandleStatus(let slot, _, _), .handleVolume(let slot), .sync(let slot):
      resource = self.resource(slot)
    case .copy(let from, _, _, let to, _):
      resource = self.resource(from)
      target = self.resource(to)
    case .status, .setStatus, .remove, .makeDirectory, .removeDirectory, .realPath, .rename, .link, .readLink, .symlink,
      .volume, .homeDirectory, .accountNames:
      break
    }
    queue.submit(FileTask(job: job, resource: resource, target: target))
  }

  private func resource(_ slot: HandleSlot) -> FileResource? {
    resources.indices.contains(slot) ? resources[slot] : nil
  }

  private func leave(_ fault: SFTPFault?) {
    state = .leaving(fault)
    letGo()
    if let fault { outgoing.append(.error, ByteBuffer(string: "\(fault)\n")) }
  }

  private func letGo() {
    queue.end(letGoOf: resources)
    resources = []
  }

  /// Gives the tunnel what it takes; when all of it was sent, and nothing else will come, the stream ends as sftp-server
  /// exits.
  private func handOver() {
    switch state {
    case .over: return
    case .serving, .leaving: break
    }
    while let (lane, bytes) = outgoing.next(room: port.room) { port.send(lane, bytes) }
    guard case .leaving(let fault) = state, outgoing.isSent else { return }
    state = .over
    port.finishWriting()
    port.post(.exitStatus(fault?.exitStatus ?? 0))
    port.end(StreamEnd(.finished))
  }
}
