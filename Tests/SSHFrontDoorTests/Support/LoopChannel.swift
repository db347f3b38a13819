import Foundation
import NIOCore
import NIOPosix
import SSHFrontDoor
import Synchronization

/// Sends back what comes as the relay's tunnels do: by an event loop that may serve the connection while it is quiet.
class LoopChannel: QuietChannel, @unchecked Sendable {  // As its superclass; the rest is Sendable.
  let channel: SSHChannel
  let loop: any EventLoop

  init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    self.channel = channel
    loop = MultiThreadedEventLoopGroup.singleton.next()
    super.init(events: events)
    channel.serve(on: loop)
  }

  override func channelInput(_ bytes: ByteBuffer) {
    super.channelInput(bytes)
    if loop.inEventLoop {
      events.change {
        $0.loopInputs += 1
        $0.loopBytes += bytes.readableBytes
      }
    }
    loop.execute { [channel] in
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
    loop.execute { [channel] in
      channel.sendEOF()
      channel.exitStatus(0)
      channel.close()
    }
  }
}

/// The same, while threads of their own write lines.
final class StormChannel: LoopChannel, @unchecked Sendable {  // As its superclass; the rest is Sendable.
  static let writers = 4
  static let lines = 400
  private let working = Atomic<Int>(writers)

  override init(channel: SSHChannel, events: Watched<ShellDelegate.Events>) {
    super.init(channel: channel, events: events)
    for writer in 0..<Self.writers {
      Thread.detachNewThread { [self] in
        for line in 0..<Self.lines {
          let isWaking = writer % 2 == 0
          channel.write(ByteBuffer(string: "writer \(writer) line \(line)\n"), waking: isWaking)
          if !isWaking { channel.wake() }
          if line % 8 == 0 { usleep(1_000) }
        }
        finishOne()
      }
    }
  }

  override func channelDrained(bytes: Int) { channel.allowInput(bytes: bytes) }

  override func channelEOF() { finishOne() }

  private func finishOne() {
    if working.subtract(1, ordering: .acquiringAndReleasing).newValue < 0 { super.channelEOF() }
  }
}
