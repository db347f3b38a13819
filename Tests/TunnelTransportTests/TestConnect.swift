import NIOCore
import NIOPosix

/// A TCP connection that says nothing.
enum ClientBootstrapTest {
  static func connect(port: Int) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port).get()
  }
}
