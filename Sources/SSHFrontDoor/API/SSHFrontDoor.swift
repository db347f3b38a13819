/// The relay's SSH server: takes technicians in by public key and passes up what they ask for. One thread accepts, and each
/// connection has its own, so that a stalled or hostile client costs only itself. Once started it lives until `stop`.
public final class SSHFrontDoor: Sendable {
  private let server: Server

  /// A front door that is still shut. The delegate is held until `stop`.
  public init(configuration: SSHFrontDoorConfiguration, delegate: any SSHFrontDoorDelegate) {
    server = Server(configuration: configuration, delegate: delegate)
  }

  /// Starts to accept on a bound stream socket; listens on it when that was not done. The descriptor is the front door's
  /// from now on, also when this throws. To be called once.
  public func start(listeningDescriptor: CInt) throws(SSHFrontDoorError) {
    try server.start(listeningDescriptor: listeningDescriptor)
  }

  /// Stops accepting, ends every connection (its channels hear `channelClosed(orderly: false)`) and waits for the threads, at
  /// most `SSHLimits.stopMilliseconds`. False when a thread was still in a delegate's hands by then. May be called again.
  @discardableResult
  public func stop() -> Bool { server.stop() }

  /// Ends every connection whose login fits, with a line saying why: for keys that were removed. Returns at once; the
  /// connections end within `SSHLimits.farewellMilliseconds`.
  public func disconnect(
    reason: String = "your key was removed from this relay", where fits: @Sendable (SSHLogin) -> Bool
  ) {
    server.disconnect(reason: reason, where: fits)
  }

  /// Lets every connection whose login fits go once all that is open on it has been over for `SSHLimits.retirementMilliseconds`, with
  /// a line saying why: for those that can lead nowhere any more. Returns at once.
  public func retire(reason: String, where fits: @Sendable (SSHLogin) -> Bool) {
    server.retire(reason: reason, where: fits)
  }

  /// Connections at this moment: those not yet logged in as well.
  public var connectionCount: Int { server.connectionCount }
}
