import Foundation
import NIOCore
import NIOPosix

/// A real listener on this computer, and what it does with those who come.
final class TestTarget: Watched {
  enum Manner: Sendable {
    /// Reads to the end of file, then sends everything back and closes.
    case answersAtEnd
    /// Sends this, ends its side, and reads to the end of file.
    case speaks(ByteBuffer)
    /// Sends back what comes.
    case echoes
    /// Accepts, and neither reads nor writes.
    case saysNothing
    /// Sends this at once; resets the connection at the first byte it gets.
    case resets(ByteBuffer)
    /// Sends this, and closes without reading.
    case leaves(ByteBuffer)
    /// Never accepts, and has no room for anybody to wait.
    case full
  }

  let manner: Manner
  private(set) var port: UInt16 = 0
  private(set) var opened = 0
  private(set) var closed = 0
  /// What each connection brought that ended its side.
  private(set) var heard: [[UInt8]] = []
  private var listener: (any Channel)?
  private var children: [any Channel] = []

  init(loop: any EventLoop, _ manner: Manner) {
    self.manner = manner
    super.init(loop: loop)
  }

  static func listening(
    _ manner: Manner, host: String = "127.0.0.1", on loop: any EventLoop
  ) async throws -> Held<TestTarget> {
    let held = try await Held(on: loop) { TestTarget(loop: loop, manner) }
    try await loop.flatSubmit { held.value.listen(host) }.get()
    if case .full = manner { try await held.fill() }
    return held
  }

  fileprivate func listen(_ host: String) -> EventLoopFuture<Void> {
    let bound = NIOLoopBound(self, eventLoop: loop)
    var backlog: CInt = 256
    var accepts = true
    if case .full = manner { (backlog, accepts) = (0, false) }
    var reads = true
    switch manner {
    case .saysNothing, .leaves: reads = false
    case .answersAtEnd, .speaks, .echoes, .resets, .full: break
    }
    return ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.autoRead, value: accepts)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.autoRead, value: reads)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Visitor(bound.value))
        }
      }
      .bind(host: host, port: 0)
      .assumeIsolated()
      .map { channel in
        self.listener = channel
        self.port = UInt16(clamping: channel.localAddress?.port ?? 0)
      }
      .nonisolated()
  }

  /// Those who say nothing begin to read: so they notice who has left.
  func letGo() {
    for child in children { child.setOption(.autoRead, value: true).whenSuccess { child.read() } }
  }

  func close() -> EventLoopFuture<Void> {
    for child in children { child.close(promise: nil) }
    return listener?.close() ?? loop.makeSucceededVoidFuture()
  }

  /// Sockets of this process that are connected to the port.
  var socketsTowards: Int {
    let wanted = ":" + String(format: "%04X", port)
    return ["/proc/self/net/tcp", "/proc/self/net/tcp6"].reduce(0) { sum, path in
      // Such a file has no size: it is read until it ends.
      let bytes = FileHandle(forReadingAtPath: path).flatMap { try? $0.readToEnd() } ?? Data()
      let text = String(decoding: bytes, as: UTF8.self)
      return sum
        + text.split(separator: "\n").dropFirst().count { line in
          let fields = line.split(separator: " ")
          // What the kernel alone still holds has no inode.
          return fields.count > 9 && fields[2].hasSuffix(wanted) && fields[9] != "0"
        }
    }
  }

  fileprivate final class Visitor: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let target: TestTarget
    private var bytes = ByteBuffer()
    private var isEnded = false

    init(_ target: TestTarget) { self.target = target }

    func channelActive(context: ChannelHandlerContext) {
      target.opened += 1
      target.children.append(context.channel)
      switch target.manner {
      case .speaks(let text):
        context.writeAndFlush(NIOAny(text), promise: nil)
        context.close(mode: .output, promise: nil)
      case .resets(let text): context.writeAndFlush(NIOAny(text), promise: nil)
      case .leaves(let text):
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(NIOAny(text), promise: written)
      case .answersAtEnd, .echoes, .saysNothing, .full: break
      }
      target.changed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var piece = unwrapInboundIn(data)
      switch target.manner {
      case .answersAtEnd, .speaks: bytes.writeBuffer(&piece)
      case .echoes: context.writeAndFlush(NIOAny(piece), promise: nil)
      case .resets:
        let done = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        done?.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
      case .saysNothing, .leaves, .full: break
      }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case .some(.inputClosed) = event as? ChannelEvent else { return }
      finish()
      switch target.manner {
      case .answersAtEnd:
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(NIOAny(bytes), promise: written)
      case .echoes, .resets, .saysNothing: context.close(promise: nil)
      case .speaks, .leaves, .full: break
      }
      target.changed()
    }

    private func finish() {
      guard !isEnded else { return }
      isEnded = true
      target.heard.append(Array(bytes.readableBytesView))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
      if case .speaks = target.manner { finish() }
      target.closed += 1
      target.changed()
    }
  }
}

extension Held<TestTarget> {
  var port: UInt16 { get async throws { try await on { $0.port } } }

  func close() async throws { try await loop.flatSubmit { self.value.close() }.get() }

  /// Connects until the kernel answers nobody any more.
  fileprivate func fill() async throws {
    let port = Int(try await port)
    for _ in 0..<16 {
      do {
        _ = try await ClientBootstrap(group: loop).connectTimeout(.milliseconds(300)).connect(
          host: "127.0.0.1", port: port
        ).get()
      } catch { return }
    }
    throw ChannelError.operationUnsupported
  }
}
