import Dispatch
import Foundation
import NIOCore
import SSHFrontDoor
import Synchronization

/// Sends back what comes as the relay's tunnels do: on a thread of its own, without waking the connection's, and then has it
/// sent.
class CarrierChannel: QuietChannel, @unchecked Sendable {  // As its superclass; the rest is Sendable.
  let channel: SSHChannel
  let carrier = DispatchQueue(label: "carrier")

  init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    super.init(events: events)
  }

  override func channelInput(_ bytes: ByteBuffer) {
    super.channelInput(bytes)
    carrier.async { [channel] in
      channel.write(bytes, waking: false)
      channel.wake()
    }
  }

  override func channelDrained(bytes: Int) {
    super.channelDrained(bytes: bytes)
    channel.allowInput(bytes: bytes)
  }

  override func channelEOF() {
    super.channelEOF()
    carrier.async { [channel] in
      channel.sendEOF()
      channel.exitStatus(0)
      channel.close()
    }
  }
}

/// The same, while other threads write lines, some of them waking the connection's thread and some not.
final class StormChannel: CarrierChannel, @unchecked Sendable {  // As its superclass; the rest is Sendable.
  static let writers = 4
  static let lines = 2_000
  /// What has not ended: the writers and the technician.
  private let working = Atomic<Int>(writers + 1)

  override init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    super.init(channel: channel, events: events)
    for writer in 0..<Self.writers {
      Thread.detachNewThread { [self] in
        for line in 0..<Self.lines {
          let isWaking = writer % 2 == 0
          channel.write(ByteBuffer(string: "writer \(writer) line \(line)\n"), waking: isWaking)
          if !isWaking { channel.wake() }
        }
        finishOne()
      }
    }
  }

  override func channelEOF() { finishOne() }

  private func finishOne() {
    if working.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { super.channelEOF() }
  }
}
