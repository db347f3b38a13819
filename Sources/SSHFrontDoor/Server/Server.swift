import Glibc
import SessionModel
import Synchronization

/// What `SSHFrontDoor` is made of: the accepting thread, and the table of connections.
///
/// ```
///            start                stop
///   shut ───────────▶ open ───────────────▶ stopping ──▶ (no threads left)
/// ```
final class Server: Sendable {
  private struct Entry {
    let link: ConnectionLink
    let addressKey: [UInt8]
    /// The login as far as a signature vouches for it; asked of the delegate after it was put here.
    var login: SSHLogin?
    var isAuthenticated = false
  }

  private struct Table {
    var admission: Admission
    var connections: [UInt64: Entry] = [:]
    var lastNumber: UInt64 = 0
    var threads = 0
    var isStarted = false
    var isStopping = false
    var lastRefusal: ContinuousClock.Instant?
  }

  /// The shortest time between two log lines about refused connections.
  private static let refusalNoteInterval: Duration = .seconds(10)
  /// How long the accepting thread rests when there are no descriptors left, in milliseconds.
  private static let exhaustedMilliseconds: Int64 = 100

  let configuration: SSHFrontDoorConfiguration
  let delegate: any SSHFrontDoorDelegate
  private let table: Mutex<Table>
  /// Wakes the accepting thread.
  private let acceptWake = Mutex<Wake?>(nil)
  /// Wakes `stop`, each time a thread ends.
  private let endedWake = Mutex<Wake?>(nil)

  init(configuration: SSHFrontDoorConfiguration, delegate: any SSHFrontDoorDelegate) {
    self.configuration = configuration
    self.delegate = delegate
    table = Mutex(Table(admission: Admission(limits: configuration.limits)))
  }

  var connectionCount: Int { table.withLock { $0.connections.count } }

  // MARK: Start and stop

  func start(listeningDescriptor: CInt) throws(SSHFrontDoorError) {
    let mayStart = table.withLock { table in
      guard !table.isStarted, !table.isStopping else { return false }
      table.isStarted = true
      return true
    }
    guard mayStart else {
      close(listeningDescriptor)
      throw .listening(reason: "the front door was started before")
    }
    guard listen(listeningDescriptor, SSHLimits.listenBacklog) == 0,
      fcntl(listeningDescriptor, F_SETFL, fcntl(listeningDescriptor, F_GETFL) | O_NONBLOCK) == 0,
      fcntl(listeningDescriptor, F_SETFD, FD_CLOEXEC) == 0
    else {
      let reason = "cannot listen (\(unsafe String(cString: strerror(errno))))"
      close(listeningDescriptor)
      throw .listening(reason: reason)
    }
    guard let wake = Wake(), let ended = Wake() else {
      close(listeningDescriptor)
      throw .resources(reason: "no descriptors left; raise the limit (ulimit -n)")
    }
    acceptWake.withLock { $0 = wake }
    endedWake.withLock { $0 = ended }
    table.withLock { $0.threads += 1 }
    let isRunning = DetachedThread.start(stackBytes: SSHLimits.threadStackBytes) { [self] in
      accept(on: listeningDescriptor, wake: wake)
      close(listeningDescriptor)
      threadEnded()
    }
    guard isRunning else {
      close(listeningDescriptor)
      threadEnded()
      throw .resources(reason: "the system gives no thread")
    }
  }

  func stop() -> Bool {
    let links = table.withLock { table in
      table.isStopping = true
      return table.connections.values.map(\.link)
    }
    acceptWake.withLock { $0 }?.signal()
    for link in links { link.post(.end(reason: "the relay is shutting down")) }
    guard let ended = endedWake.withLock({ $0 }) else { return true }
    let deadline = ContinuousClock.now.advanced(by: .milliseconds(SSHLimits.stopMilliseconds))
    while table.withLock({ $0.threads }) > 0 {
      let rest = ContinuousClock.now.duration(to: deadline)
      guard rest > .zero else { return false }
      _ = PollWait.wait(
        socket: -1, reading: false, writing: false, wake: ended, milliseconds: rest.wholeMilliseconds + 1)
      ended.clear()
    }
    return true
  }

  private func threadEnded() {
    table.withLock { $0.threads -= 1 }
    endedWake.withLock { $0 }?.signal()
  }

  func disconnect(reason: String, where fits: @Sendable (SSHLogin) -> Bool) {
    post(.end(reason: reason), where: fits)
  }

  func retire(reason: String, where fits: @Sendable (SSHLogin) -> Bool) {
    post(.retire(reason: reason), where: fits)
  }

  private func post(_ command: ConnectionCommand, where fits: (SSHLogin) -> Bool) {
    let candidates = table.withLock { table in
      table.connections.values.compactMap { entry in entry.login.map { (login: $0, link: entry.link) } }
    }
    for candidate in candidates where fits(candidate.login) { candidate.link.post(command) }
  }

  // MARK: The accepting thread

  private func accept(on listening: CInt, wake: Wake) {
    while !table.withLock({ $0.isStopping }) {
      _ = PollWait.wait(socket: listening, reading: true, writing: false, wake: wake, milliseconds: nil)
      wake.clear()
      takeWaiting(on: listening, wake: wake)
    }
  }

  private func takeWaiting(on listening: CInt, wake: Wake) {
    while !table.withLock({ $0.isStopping }) {
      let descriptor = Glibc.accept(listening, nil, nil)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        admit(descriptor)
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED, EPROTO, EPERM: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        // The waiting connection stays in the kernel's queue; asking again at once would only burn the processor.
        _ = PollWait.wait(
          socket: -1, reading: false, writing: false, wake: wake, milliseconds: Self.exhaustedMilliseconds)
        return
      default: return
      }
    }
  }

  private func admit(_ descriptor: CInt) {
    let address = PeerAddress(ofSocket: descriptor)
    guard let link = ConnectionLink() else {
      close(descriptor)
      return
    }
    let decision: (number: UInt64, refusal: Admission.Refusal?) = table.withLock { table in
      if table.isStopping { return (0, .full) }
      if let refusal = table.admission.admit(address.limitKey) { return (0, refusal) }
      table.lastNumber += 1
      table.threads += 1
      table.connections[table.lastNumber] = Entry(link: link, addressKey: address.limitKey)
      return (table.lastNumber, nil)
    }
    if let refusal = decision.refusal {
      turnAway(descriptor, address: address, refusal: refusal)
      return
    }
    SocketOptions.prepare(descriptor)
    let number = decision.number
    let isRunning = DetachedThread.start(stackBytes: SSHLimits.threadStackBytes) { [self] in
      Connection.run(descriptor: descriptor, number: number, address: address.text, link: link, server: self)
      left(number)
      threadEnded()
    }
    if !isRunning {
      close(descriptor)
      left(number)
      threadEnded()
    }
  }

  /// A server may send lines before its version (RFC 4253 section 4.2); a client shows them when asked to be verbose.
  private func turnAway(_ descriptor: CInt, address: PeerAddress, refusal: Admission.Refusal) {
    let line = Array("Fixline: \(refusal)\r\n".utf8)
    _ = unsafe send(descriptor, line, line.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
    close(descriptor)
    let now = ContinuousClock.now
    let isNews = table.withLock { table in
      if let last = table.lastRefusal, last.duration(to: now) < Self.refusalNoteInterval { return false }
      table.lastRefusal = now
      return true
    }
    if isNews { delegate.note("ssh connection from \(address.text) refused: \(refusal)") }
  }

  // MARK: The connections' threads

  private func left(_ number: UInt64) {
    table.withLock { table in
      guard let entry = table.connections.removeValue(forKey: number) else { return }
      table.admission.leave(entry.addressKey, wasAuthenticated: entry.isAuthenticated)
    }
  }

  /// Asks the delegate about a key that has signed. The login is put where `disconnect` looks before the question, so that a key
  /// removed at this moment is either refused or found.
  func authenticateSigned(_ login: SSHLogin) -> Bool {
    table.withLock { $0.connections[login.connection]?.login = login }
    let isAllowed = delegate.authenticate(login)
    table.withLock { table in
      if isAllowed {
        table.connections[login.connection]?.isAuthenticated = true
        table.admission.authenticated()
      } else {
        table.connections[login.connection]?.login = nil
      }
    }
    return isAllowed
  }
}

extension Duration {
  /// Cut down to whole milliseconds.
  var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
