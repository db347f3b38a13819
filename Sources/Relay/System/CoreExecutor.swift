import NIOCore

extension EventLoop {
  /// The loop as an actor's executor. The reference is unowned; that is sound because the actor which hands it out holds the
  /// loop strongly for as long as it lives.
  @safe var actorExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
}
