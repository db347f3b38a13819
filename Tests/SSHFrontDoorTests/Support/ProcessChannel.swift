import Foundation
import Glibc
import NIOCore
import SSHFrontDoor

/// A command on pipes behind a channel: a thread for each of its streams.
final class ProcessChannel: QuietChannel, @unchecked Sendable {  // As its superclass; everything mutable is in `state`.
  private struct State {
    var credit = 1_048_576
    var input: [ByteBuffer] = []
    var isInputOver = false
    var isClosed = false
    var isOutputUnwanted = false
    var openEnds = 3
  }

  private static let blockBytes = 32_768

  private let channel: SSHChannel
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private let state = Watched(State())

  init(command: String, channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    super.init(events: events)
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    process.terminationHandler = { _ in self.ended() }
  }

  func start() throws {
    try process.runWithOpenSignals()
    channel.allowInput(bytes: 262_144)
    Thread { self.feed() }.start()
    Thread { self.copy(self.output.fileHandleForReading, toError: false) }.start()
    Thread { self.copy(self.errors.fileHandleForReading, toError: true) }.start()
  }

  private func copy(_ source: FileHandle, toError: Bool) {
    while state.wait(seconds: 120, until: { $0.credit >= Self.blockBytes || $0.isClosed }), !state.now.isClosed {
      let data = source.availableData
      if data.isEmpty { break }
      let isUnwanted = state.change { state in
        state.credit -= data.count
        return state.isOutputUnwanted && !toError
      }
      if isUnwanted { break }
      channel.write(ByteBuffer(bytes: data), toError: toError)
    }
    try? source.close()
    ended()
  }

  /// Called by each of the two outputs and the process: the last reports the end.
  private func ended() {
    let isLast = state.change { state in
      state.openEnds -= 1
      return state.openEnds == 0
    }
    guard isLast else { return }
    channel.sendEOF()
    switch process.terminationReason {
    case .exit: channel.exitStatus(UInt32(bitPattern: process.terminationStatus))
    default:
      let names: [Int32: String] = [SIGTERM: "TERM", SIGKILL: "KILL", SIGPIPE: "PIPE", SIGINT: "INT", SIGHUP: "HUP"]
      let name = names[process.terminationStatus] ?? "ABRT"
      channel.exitSignal(name: name, coreDumped: false, message: "ended by a signal")
    }
    channel.close()
    state.change { $0.isInputOver = true }
  }

  private func feed() {
    let target = input.fileHandleForWriting
    while state.wait(seconds: 120, until: { !$0.input.isEmpty || $0.isInputOver || $0.isClosed }) {
      let parts = state.change { state in
        defer { state.input = [] }
        return state.input
      }
      if parts.isEmpty { break }
      for part in parts {
        try? target.write(contentsOf: Data(part.readableBytesView))
        channel.allowInput(bytes: part.readableBytes)
      }
    }
    try? target.close()
  }

  override func channelInput(_ bytes: ByteBuffer) {
    super.channelInput(bytes)
    state.change { $0.input.append(bytes) }
  }

  override func channelEOF() {
    super.channelEOF()
    state.change { $0.isInputOver = true }
  }

  override func channelDrained(bytes: Int) {
    super.channelDrained(bytes: bytes)
    state.change { $0.credit += bytes }
  }

  override func channelReadClosed() {
    super.channelReadClosed()
    state.change { $0.isOutputUnwanted = true }
  }

  override func channelSignal(_ name: String) {
    super.channelSignal(name)
    kill(process.processIdentifier, name == "INT" ? SIGINT : SIGTERM)
  }

  override func channelClosed(orderly: Bool) {
    super.channelClosed(orderly: orderly)
    state.change { $0.isClosed = true }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
}
