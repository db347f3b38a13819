import Ledger
import Metering
import NIOCore
import SessionModel
import Signing
import TunnelProtocol

@testable import Relay

/// Technicians at the simulated relay: their channels and the streams behind them.
extension SimulatedRelay {
  static let unknownCode = "no machine waits under this code"

  /// A technician asks for a channel under a code. Nil when it was taken; otherwise why not.
  func request(_ channel: TechnicianChannel, code: JoinCode) -> String? {
    guard process.isAlive else { return "the relay does not answer" }
    let claim = codes.claim(code, key: channel.technicianKey, address: "technician", at: now)
    guard case .granted(let key) = claim else { return Self.unknownCode }
    let open = sessions.values.filter {
      $0.machineKey == key && $0.technicianKey == channel.technicianKey && !$0.isClosing
    }.map(\.id).min()
    guard let id = open ?? requestSession(by: channel.technicianKey, on: key, code) else {
      codes.release(code, used: false)
      return "the customer's machine is not connected right now"
    }
    sessions[id]?.lastChannel += 1
    guard let number = sessions[id]?.lastChannel else { return "there is no session" }
    channel.session = id
    channel.number = number
    sessions[id]?.channels[number] = channel
    apply(.channelOpened(number), to: id)
    watch(id)
    world.watch(id) { $0.sign(at: now, isByte: false) }
    switch sessions[id]?.machine.state {
    case .requested, .awaitingConsent: break
    default: openStream(number, of: id)
    }
    diedOfDisk()
    return nil
  }

  private func requestSession(by technician: Fingerprint, on key: Fingerprint, _ code: JoinCode) -> SessionID? {
    guard let machine = machines[key], machine.tunnel?.machine.isCut == false, machine.code == code,
      let name = Name("anna")
    else { return nil }
    let id = SessionID(using: &chance)
    let words = "May anna help on this computer? (\(id))"
    sessions[id] = LiveSession(
      id: id, machineKey: key, technicianKey: technician, code: code, words: words,
      wordsHash: SHA256.hash(Array(words.utf8)), machine: SessionMachine(limits: world.settings.session),
      book: CheckpointBook(
        checkpointSchedule(of: id, epoch: 1), at: now))
    world.sessionBegan(id, on: key)
    record(
      SessionRequested(
        machine: "guest", technician: name, technicianKey: technician, purpose: "help", plan: World.plan,
        address: "technician"), id)
    record(ConsentAsked(words: words, wordsHash: SHA256.hash(Array(words.utf8)), allowances: .all), id)
    if journal.isFailing { apply(.storageFailed, to: id) }
    apply(.askConsent(), to: id)
    return id
  }

  func openStream(_ number: UInt64, of id: SessionID) {
    guard let session = sessions[id], let channel = session.channels[number] else { return }
    guard let tunnel = machines[session.machineKey]?.tunnel,
      let stream = try? tunnel.machine.open(channel.opening(session: id))
    else { return channelOver(channel, .broken("the line to the customer's machine is down")) }
    record(ChannelOpened(channel: number, channelKind: "shell"), id)
    channel.stream = stream
    channels[StreamKey(tunnel.id, stream)] = channel
    tunnel.pump()
  }

  /// Hands over what the technician has written, as far as the stream takes it.
  func write(to stream: StreamID, of tunnel: TunnelEnd) {
    guard let channel = channels[StreamKey(tunnel.id, stream)], channel.isAccepted, let id = channel.session else {
      return
    }
    var hasWritten = false
    while let piece = channel.take(atMost: tunnel.machine.sendRoom(stream)) {
      tunnel.machine.send(stream, .standard, piece)
      hasWritten = true
    }
    if hasWritten { byte(of: id) }
    if channel.closesInput { tunnel.machine.finishWriting(stream) }
    tunnel.pump()
  }

  /// The technician typed.
  func typed(_ channel: TechnicianChannel) {
    guard process.isAlive, let stream = channel.stream, let tunnel = tunnel(of: channel) else { return }
    write(to: stream, of: tunnel)
  }

  private func byte(of id: SessionID) {
    sessions[id]?.lastByteAt = now
    world.watch(id) { $0.sign(at: now, isByte: true) }
  }

  func tunnel(of channel: TechnicianChannel) -> TunnelEnd? {
    guard let id = channel.session, let session = sessions[id], let tunnel = machines[session.machineKey]?.tunnel,
      let stream = channel.stream, channels[StreamKey(tunnel.id, stream)] === channel
    else { return nil }
    return tunnel
  }

  func streamSent(_ bytes: ByteBuffer, _ stream: StreamID, _ tunnel: TunnelEnd) {
    guard let channel = channels[StreamKey(tunnel.id, stream)], let id = channel.session else {
      tunnel.machine.consumed(stream, bytes: bytes.readableBytes)
      return
    }
    channel.arrived(bytes)
    byte(of: id)
    let delay = chance.milliseconds(world.settings.readingDelays)
    process.after(milliseconds: delay) { [weak tunnel] in
      guard let tunnel, !tunnel.isOver else { return }
      let count = channel.read()
      if count > 0 { tunnel.machine.consumed(stream, bytes: count) }
      tunnel.pump()
    }
  }

  func streamEnded(_ stream: StreamID, _ end: StreamEnd, _ tunnel: TunnelEnd) {
    guard let channel = channels.removeValue(forKey: StreamKey(tunnel.id, stream)) else { return }
    channelOver(channel, end.code == .finished ? .finished : .broken(end.description))
  }

  /// The relay ends a channel's stream.
  func end(_ channel: TechnicianChannel, _ end: StreamEnd, _ ending: TechnicianChannel.Ending) {
    if let tunnel = tunnel(of: channel), let stream = channel.stream {
      channels[StreamKey(tunnel.id, stream)] = nil
      tunnel.machine.end(stream, end)
      tunnel.pump()
    }
    channelOver(channel, ending)
  }

  /// The technician closed the channel, or his own connection broke.
  func left(_ channel: TechnicianChannel, orderly: Bool) {
    guard process.isAlive, !channel.isOver else { return }
    end(channel, StreamEnd(orderly ? .hangup : channel.isShell ? .detached : .cancelled), .left)
    diedOfDisk()
  }

  func channelOver(_ channel: TechnicianChannel, _ ending: TechnicianChannel.Ending) {
    channel.end(ending)
    guard let id = channel.session, let session = sessions[id], session.channels[channel.number] != nil else { return }
    sessions[id]?.channels[channel.number] = nil
    if session.activatedAt != nil {
      record(
        ChannelClosed(
          channel: channel.number, bytesToMachine: Int64(channel.written), bytesFromMachine: Int64(channel.received)),
        id)
      feedBytes(id)
    }
    watch(id)
    apply(.channelClosed(channel.number), to: id, at: proven(session, at: now))
  }

  /// The technician ends the session at the desk.
  func closeSession(_ id: SessionID) {
    guard process.isAlive else { return }
    stop(.close(outcome: .fixed, note: "", by: .technician("anna")), of: id)
    diedOfDisk()
  }
}
