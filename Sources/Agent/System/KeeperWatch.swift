import NIOCore
import PTY

/// Hands on what a keeper reports, in order, on the event loop, until its last event.
final class KeeperWatch {
  let keeper: SessionKeeper
  private let loop: any EventLoop
  private let report: (KeeperEvent) -> Void
  private var watch: DescriptorWatch?

  init(_ keeper: SessionKeeper, on loop: any EventLoop, report: @escaping (KeeperEvent) -> Void) {
    self.keeper = keeper
    self.loop = loop
    self.report = report
    arm()
  }

  /// Nothing more is reported.
  func stop() {
    watch?.cancel()
    watch = nil
  }

  private func arm() {
    watch = DescriptorWatch(keeper.descriptor, on: loop) { [weak self] in self?.drain() }
  }

  private func drain() {
    while let event = keeper.nextEvent() {
      report(event)
      switch event {
      case .exited: continue
      case .ended, .lost: return
      }
    }
    arm()
  }
}
