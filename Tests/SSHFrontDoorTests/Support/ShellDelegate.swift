import SessionModel
import Foundation
import Glibc
import NIOCore
import SSHFrontDoor
import TestSupport

/// A delegate that lets registered keys in and runs what they ask for by `/bin/sh -c`, with a few names of its own:
/// `@source` writes zeros without end, `@hold` answers nothing, `@deaf` accepts and reads nothing, `@carrier` and `@storm` send back
/// what comes from threads of their own.
final class ShellDelegate: SSHFrontDoorDelegate {
  /// What happened, in order of happening.
  struct Events: Sendable {
    var requests: [SSHRequest] = []
    var logins: [SSHLogin] = []
    var disconnected: [SSHLogin] = []
    var closed: [Bool] = []
    var resized: [TerminalSize] = []
    var signals: [String] = []
    var eofs = 0
    var readClosed = 0
    var notes: [String] = []
    var held: [SSHChannel] = []
    var inputBytes = 0
    var drainedBytes = 0
    /// The thread that was told last of what has gone.
    var drainer: pthread_t?
  }

  let events = Watched(Events())
  let allowed = Watched<Set<SSHPublicKey>>([])
  /// What refuses a request, by its kind.
  let refusal: @Sendable (SSHRequest.Kind) -> String?

  init(refusal: @escaping @Sendable (SSHRequest.Kind) -> String? = { _ in nil }) { self.refusal = refusal }

  func authenticate(_ login: SSHLogin) -> Bool { allowed.now.contains(login.key) }

  func authenticated(_ login: SSHLogin) { events.change { $0.logins.append(login) } }

  func disconnected(_ login: SSHLogin) { events.change { $0.disconnected.append(login) } }

  func note(_ line: String) { events.change { $0.notes.append(line) } }

  func opened(_ channel: SSHChannel, request: SSHRequest) {
    events.change { $0.requests.append(request) }
    if let line = refusal(request.kind) { return channel.refuse(line) }
    switch request.kind {
    case .exec(let command):
      switch String(decoding: command, as: UTF8.self) {
      case "@hold":
        channel.setDelegate(QuietChannel(events: events))
        events.change { $0.held.append(channel) }
      case "@deaf":
        channel.setDelegate(QuietChannel(events: events))
        channel.accept()
        events.change { $0.held.append(channel) }
      case "@refuse": channel.refuse("not that")
      case "@carrier": start(CarrierChannel(channel: channel, events: events), on: channel)
      case "@storm": start(StormChannel(channel: channel, events: events), on: channel)
      case "@source": start(SourceChannel(channel: channel, events: events), on: channel)
      case let text: run(text, on: channel, request)
      }
    case .shell: run("cat", on: channel, request)
    case .subsystem(let name): channel.refuse("no subsystem \(name) here")
    case .directTCP("hangs", _):
      channel.setDelegate(QuietChannel(events: events))
      events.change { $0.held.append(channel) }
    case .directTCP("farewell", _): start(FarewellChannel(channel: channel, events: events), on: channel)
    case .directTCP: start(EchoChannel(channel: channel, events: events), on: channel)
    }
  }

  private func run(_ command: String, on channel: SSHChannel, _ request: SSHRequest) {
    let process = ProcessChannel(command: command, channel: channel, events: events)
    channel.setDelegate(process)
    channel.accept()
    do { try process.start() } catch { channel.refuse("cannot start: \(error)") }
  }

  private func start(_ delegate: any SSHChannelDelegate, on channel: SSHChannel) {
    channel.setDelegate(delegate)
    channel.accept()
    channel.allowInput(bytes: 262_144)
    delegate.channelDrained(bytes: 0)
  }
}

/// Only notes what comes.
class QuietChannel: SSHChannelDelegate, @unchecked Sendable {  // Its only state is `events`, which is Sendable.
  let events: Watched<ShellDelegate.Events>
  init(events: Watched<ShellDelegate.Events>) { self.events = events }
  func channelInput(_ bytes: ByteBuffer) { events.change { $0.inputBytes += bytes.readableBytes } }
  func channelDrained(bytes: Int) {
    events.change {
      $0.drainedBytes += bytes
      $0.drainer = pthread_self()
    }
  }
  func channelEOF() { events.change { $0.eofs += 1 } }
  func channelResized(_ size: TerminalSize) { events.change { $0.resized.append(size) } }
  func channelSignal(_ name: String) { events.change { $0.signals.append(name) } }
  func channelReadClosed() { events.change { $0.readClosed += 1 } }
  func channelClosed(orderly: Bool) { events.change { $0.closed.append(orderly) } }
}

/// Writes zeros as fast as they go, never more than a window's worth at a time.
final class SourceChannel: QuietChannel, @unchecked Sendable {  // As its superclass; the rest is constant.
  static let windowBytes = 1_048_576
  private let channel: SSHChannel
  private let block = ByteBuffer(repeating: 0, count: 32_768)
  private let isStarted = Watched(false)

  init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    super.init(events: events)
  }

  override func channelDrained(bytes: Int) {
    super.channelDrained(bytes: bytes)
    let isFirst = isStarted.change { started in
      defer { started = true }
      return !started
    }
    var credit = isFirst ? Self.windowBytes : bytes
    while credit > 0 {
      let count = min(credit, block.readableBytes)
      if let slice = block.getSlice(at: 0, length: count) { channel.write(slice) }
      credit -= count
    }
  }
}

/// Says goodbye at once and goes on listening to the end.
final class FarewellChannel: QuietChannel, @unchecked Sendable {  // As its superclass; `channel` is Sendable.
  static let words = "goodbye\n"
  private let channel: SSHChannel

  init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    super.init(events: events)
    channel.write(ByteBuffer(string: Self.words))
    channel.sendEOF()
  }

  override func channelInput(_ bytes: ByteBuffer) {
    super.channelInput(bytes)
    channel.allowInput(bytes: bytes.readableBytes)
  }

  override func channelEOF() {
    super.channelEOF()
    channel.close()
  }
}

/// Sends back what comes.
final class EchoChannel: QuietChannel, @unchecked Sendable {  // As its superclass; `channel` is Sendable.
  private let channel: SSHChannel

  init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    super.init(events: events)
  }

  override func channelInput(_ bytes: ByteBuffer) {
    super.channelInput(bytes)
    channel.write(bytes)
  }

  override func channelDrained(bytes: Int) {
    super.channelDrained(bytes: bytes)
    channel.allowInput(bytes: bytes)
  }

  override func channelEOF() {
    super.channelEOF()
    channel.sendEOF()
    channel.close()
  }
}
