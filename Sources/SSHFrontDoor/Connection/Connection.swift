import NIOCore
import SessionModel

/// One technician's connection, from the accepted socket to its end. It has a thread of its own, and lives behind the lock of its
/// `ConnectionLink`: whatever is called here is called with that lock held.
///
/// ```
///                keys agreed           signed and allowed
///   keyExchange ────────────▶ login ──────────────────────▶ serving
///        │                      │  grace, attempts             │ end(reason)
///        │                      └──────────────┐  ┌────────────┘
///        │ socket gone: from everywhere        ▼  ▼
///        └──────────────▶ over ◀────────────  leaving   (last words go out, bounded)
/// ```
final class Connection {
  indirect enum Stage {
    case keyExchange
    case login(LoginProgress)
    case serving(SSHLogin)
    case leaving(reason: String, deadline: ContinuousClock.Instant)
    case over
  }

  /// Packets a client may send before it has logged in. An honest one needs about ten, and two for each further key. What
  /// libssh answers without asking us (GSSAPI, which looks for a key table each time) is bounded by this alone.
  static let packetsBeforeLogin: UInt64 = 64
  /// Writes in a row before what came in has its turn.
  static let writesPerTurn = 32

  let number: UInt64
  let address: String
  let session: Session
  let server: Server
  let link: ConnectionLink
  let descriptor: CInt

  var stage = Stage.keyExchange
  let graceDeadline: ContinuousClock.Instant
  var healthDeadline: ContinuousClock.Instant
  /// Why it ended, for the log.
  var ending = ""
  /// Why it is of no more use; nil while it is.
  var retirement: Retirement?

  var channels: [ChannelRecord] = []
  var channelsByIdentity: [ChannelIdentity: ChannelRecord] = [:]
  var channelsByNumber: [UInt64: ChannelRecord] = [:]
  var lastChannelNumber: UInt64 = 0
  /// Whose turn to write it is.
  private var cursor = 0

  /// What was asked for and is not offered.
  var refusals = Refusals()
  /// Refused connections of forwards.
  var forwardRefusals = ForwardRefusals()
  /// Where pieces of output are joined; at most `SSHLimits.writeQuantumBytes`, given back when the connection rests.
  var joined = ByteBuffer()
  /// What the channels' windows take of the connection's.
  private var windows = InputWindowShare()
  /// When a connection that holds too much input is read again; nil while it does not.
  var nextHeldBackRead: ContinuousClock.Instant?

  /// There is work no descriptor will announce: the next wait only looks.
  /// At first there is our version to be sent.
  var isBusy = true
  /// How often the socket may be read in the turn that follows the present wait.
  private var reads = SSHLimits.readsPerTurn
  /// Until when the connection's thread waits.
  private var waitsUntil = ContinuousClock.now
  /// What others than the connection's thread may write.
  private var briefOutput = BriefOutput()
  /// What had been read when output began to wait; nil while none waits.
  private var bytesReceivedWhenBlocked: UInt64?
  private var commands: [ConnectionCommand] = []

  /// Serves a connected socket to its end. Owns the socket.
  static func run(descriptor: CInt, number: UInt64, address: String, link: ConnectionLink, server: Server) {
    link.serve {
      guard let session = Session(descriptor: descriptor, hostKey: server.configuration.hostKey) else {
        server.delegate.note("ssh connection from \(address) refused: out of memory or descriptors")
        return nil
      }
      return Connection(
        descriptor: descriptor, session: session, number: number, address: address, link: link, server: server)
    }
  }

  private init(
    descriptor: CInt, session: Session, number: UInt64, address: String, link: ConnectionLink, server: Server
  ) {
    self.descriptor = descriptor
    self.session = session
    self.number = number
    self.address = address
    self.link = link
    self.server = server
    let now = ContinuousClock.now
    graceDeadline = now.advanced(by: .seconds(server.configuration.limits.loginGraceSeconds))
    healthDeadline = now.advanced(by: .seconds(SSHLimits.healthCheckSeconds))
  }

  // MARK: The loop

  /// What the connection's thread waits for, besides its wake.
  struct Wait {
    let socket: CInt
    let isReading: Bool
    let isWriting: Bool
    let milliseconds: Int64
  }

  /// A turn of the connection's own thread, after what it has waited for.
  /// - Returns: what to wait for next; nil when the connection is over.
  func takeTurn(_ ready: PollWait.Readiness) -> Wait? {
    if ready.failed { end("the system's poll failed") }
    let mayPump = ready.socketWritable || (reads > 0 && (ready.socketReadable || isBusy))
    isBusy = false
    takePosts()
    switch stage {
    case .keyExchange: if mayPump { exchangeKeys() }
    case .login, .serving:
      if mayPump { pump(reads: max(1, reads)) }
      collect()
      writeOut()
    case .leaving: sayFarewell(mayPump: mayPump)
    case .over: return nil
    }
    // First: the clock asks the socket, which libssh has closed by then.
    if session.isBroken { end(session.errorText) }
    let now = ContinuousClock.now
    watchTheClock(now)
    if case .over = stage { return nil }
    reads = readsAllowed()
    waitsUntil = nextDeadline
    return Wait(
      socket: descriptor, isReading: reads > 0, isWriting: wishesToWrite,
      milliseconds: isBusy ? 0 : now.duration(to: waitsUntil).wholeMilliseconds + 1)
  }

  /// A turn of a thread that has brought something and is not the connection's: it takes what was posted and writes it, unless
  /// it is more than a little.
  /// - Returns: false when the connection's thread has to be woken, to go on or to wait for something else.
  func takeBriefTurn() -> Bool {
    guard case .serving = stage, !isBusy, !wishesToWrite else { return false }
    takePosts()
    guard briefOutput.takes(channels.reduce(0) { $0 + $1.waitingBytes }, at: .now) else { return false }
    collect()
    writeOut()
    guard case .serving = stage, !session.isBroken else { return false }
    return !isBusy && !wishesToWrite && nextDeadline >= waitsUntil
  }

  private func takePosts() {
    link.drain(into: &commands)
    for command in commands { perform(command) }
    commands.removeAll(keepingCapacity: true)
  }

  private var wishesToWrite: Bool {
    if case .leaving = stage { return !session.isReadyToWrite }
    return session.hasPendingOutput
  }

  /// How often the socket may be read in this turn: not at all while the client does not read what it is sent, and seldom
  /// while machines do not take what it sent.
  private func readsAllowed() -> Int {
    if session.hasPendingOutput {
      let start = bytesReceivedWhenBlocked ?? session.bytesReceived
      bytesReceivedWhenBlocked = start
      if session.bytesReceived - start > SSHLimits.inputWhileBlockedBytes { return 0 }
    } else {
      bytesReceivedWhenBlocked = nil
    }
    guard channels.reduce(0, { $0 + $1.heldInputBytes }) > SSHLimits.inboundBytesPerConnection else {
      nextHeldBackRead = nil
      return SSHLimits.readsPerTurn
    }
    let now = ContinuousClock.now
    if let next = nextHeldBackRead, now < next { return 0 }
    nextHeldBackRead = now.advanced(by: .milliseconds(SSHLimits.heldBackMilliseconds))
    return SSHLimits.heldBackReads
  }

  private func exchangeKeys() {
    switch session.handleKeyExchange() {
    case .waiting: break
    case .failed: end(session.errorText)
    case .done:
      stage = .login(LoginProgress(packets: session.packetsReceived))
      isBusy = true
    }
  }

  /// Reads what has come and answers it.
  private func pump(reads readsAllowed: Int) {
    var reads = 0
    var isLastAnswered = false
    while reads < readsAllowed {
      let before = session.bytesReceived
      let message = session.nextMessage()
      if session.bytesReceived != before { reads += 1 }
      isLastAnswered = message == nil
      if let message {
        handle(message)
      } else if session.bytesReceived - before < Session.readBytes {
        // A read that was not filled has emptied the socket.
        break
      }
      switch stage {
      case .login, .serving: continue
      case .keyExchange, .leaving, .over: return
      }
    }
    if reads >= readsAllowed { isBusy = true }
    // Only now is it certain that no message names a channel that is about to be freed.
    if isLastAnswered { removeEndedChannels() }
    if case .login(var progress) = stage {
      progress.looked(packets: session.packetsReceived, at: .now)
      stage = .login(progress)
    }
  }

  private func removeEndedChannels() {
    guard channels.contains(where: \.isRemovable) else { return }
    for record in channels where record.isRemovable {
      channelsByNumber[record.number] = nil
      if let handle = record.handle { channelsByIdentity[handle.identity] = nil }
      record.handle = nil
      windows.giveBack(&record.inputWindow)
    }
    channels.removeAll { $0.isOver && $0.handle == nil }
  }

  /// Hands on what the channels have got.
  private func collect() {
    for record in channels {
      guard let handle = record.handle, !record.isOver else { continue }
      if handle.hasOverrunWindow || handle.unreadBytes > SSHLimits.inboundBytesPerChannel {
        return leave(reason: "more was sent than the channel's window allows")
      }
      let delegate = record.delegate
      for signal in handle.takeSignals() where Self.isSignalName(signal) { delegate?.channelSignal(signal) }
      record.deliverInput(share: &windows)
      if handle.isClosedByPeer && !record.isEOFSent {
        record.finish(orderly: true)
        isBusy = true
      }
    }
  }

  /// Lets the channels write in turn while the socket takes it.
  private func writeOut() {
    var idle = 0
    var writes = 0
    while idle < channels.count {
      if session.hasPendingOutput { return }
      if writes >= Self.writesPerTurn {
        isBusy = true
        return
      }
      cursor = cursor < channels.count ? cursor : 0
      let record = channels[cursor]
      cursor += 1
      let received = session.bytesReceived
      let flushed = record.flush(limit: SSHLimits.writeQuantumBytes, session: session, joined: &joined)
      if flushed.isClosed { record.finish(orderly: true) }
      // libssh reads while it writes: what came then is announced by nobody.
      if session.bytesReceived != received { isBusy = true }
      idle = flushed.hasProgressed ? 0 : idle + 1
      writes += flushed.hasProgressed ? 1 : 0
    }
  }

  // MARK: The end

  /// Ends it with a word to the technician.
  func leave(reason: String) {
    switch stage {
    case .leaving, .over: return
    case .keyExchange: return end(reason)
    case .login, .serving: break
    }
    ending = reason
    noteEnd()
    endChannels()
    stage = .leaving(
      reason: reason, deadline: ContinuousClock.now.advanced(by: .milliseconds(SSHLimits.farewellMilliseconds)))
    isBusy = true
  }

  private func sayFarewell(mayPump: Bool) {
    guard case .leaving(let reason, _) = stage else { return }
    // Messages are let go unanswered: it is over.
    if mayPump { _ = session.nextMessage() }
    if session.isReadyToWrite { close(reason: reason) }
  }

  func close(reason: String) {
    for record in channels { record.handle = nil }
    session.disconnect(reason: reason)
    stage = .over
  }

  /// Ends it without a word: there is nobody to hear it.
  func end(_ reason: String) {
    switch stage {
    case .over: return
    case .leaving: break
    case .keyExchange, .login, .serving:
      ending = reason
      noteEnd()
      endChannels()
    }
    stage = .over
  }

  /// While the stage still says how far it came.
  private func noteEnd() {
    let reason = TextSafety.escaped(ending)
    switch stage {
    case .serving(let login):
      endedLogin = login
      // The ordinary end: the client takes its leave.
      if ending.hasPrefix(Self.farewellPrefix) { return }
      let user = TextSafety.escaped(login.user)
      server.delegate.note("ssh connection \(number) of \(user) from \(address) ended: \(reason)")
    case .keyExchange, .login:
      server.delegate.note("ssh connection \(number) from \(address) ended before login: \(reason)")
    case .leaving, .over: break
    }
  }

  /// How libssh words a DISCONNECT with reason 11 (RFC 4253 section 11.1, by application).
  private static let farewellPrefix = "Received SSH_MSG_DISCONNECT: 11:"

  /// Who is to be reported as disconnected.
  private var endedLogin: SSHLogin?

  /// What was closed before the end came is reported as that.
  private func endChannels() {
    for record in channels { record.finish(orderly: record.handle?.isClosedByPeer ?? false) }
  }

  func finish() {
    channels.removeAll()
    channelsByIdentity.removeAll()
    channelsByNumber.removeAll()
    if let endedLogin { server.delegate.disconnected(endedLogin) }
  }

  private static func isSignalName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }
}
