import Billing
import Dispatch
import Foundation
import Ledger
import LedgerSQLite
import Logging
import NIOCore
import NIOPosix
import SSHFrontDoor
import SessionModel
import Signing
import TLSChannel
import TunnelProtocol
import TunnelTransport

/// A running relay: keys and ledger opened, both ports bound, everything put together; and taken apart on SIGTERM.
public enum RelayServer {
  /// How long the end may take before it is cut short, in seconds: SIGTERM ends within 10.
  static let shutdownSeconds = 8

  /// What the command line says.
  public struct Options: Sendable {
    let state: String
    let tlsListen: ListenAddress
    let sshListen: ListenAddress
    let configurationFile: String?
    let json: Bool

    /// All of it, by hand.
    public init(
      state: String, tlsListen: ListenAddress, sshListen: ListenAddress, configurationFile: String?, json: Bool
    ) {
      self.state = state
      self.tlsListen = tlsListen
      self.sshListen = sshListen
      self.configurationFile = configurationFile
      self.json = json
    }
  }

  /// Runs a relay until SIGTERM or SIGINT.
  public static func run(_ options: Options) throws {
    // A technician or agent that goes away in mid-write is an error on that connection, not the end of the relay.
    signal(SIGPIPE, SIG_IGN)
    BufferMemory.keep()
    let log = relayLogger()
    let configuration = try readConfiguration(options.configurationFile)
    let directory = try StateDirectory.openForServing(options.state)
    try directory.checkWhole()
    try StartCheck.run(directory)
    let stores = try RelayStores(directory: directory)
    try stores.settle()
    let keys = try RelayKeys(directory, configuration, ledgerIsNew: try stores.isNew())

    let coreGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tunnelGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let roster = Roster(directory: stores.technicians)
    let register = try stores.register()
    let core = RelayCore(
      services: RelayCore.Services(
        ledger: stores.ledger, directory: stores.technicians, signingKey: keys.signingKey,
        configuration: configuration, log: log),
      roster: roster, register: register, loop: coreGroup.next())
    var random = SecureRandomGenerator()
    let instance = InstanceID(using: &random)
    try stores.append(RelayStarted(instance: instance, software: RelayVersion.software))
    let restored = Restoration.prepare(in: stores.ledger, register, log: log)
    core.post { $0.restore(restored, at: SystemClocks.now()) }

    let ssh = try ListeningSocket.open(options.sshListen)
    let tunnels = try bindTunnels(
      options.tlsListen, tunnelGroup.next(), keys, core: core, instance: instance, configuration, log)
    let listener = FrontDoorListener(core: core, roster: roster, log: log)
    var limits = SSHLimits()
    limits.maximumConnections = Int(configuration.sshConnections)
    let frontDoor = SSHFrontDoor(
      configuration: SSHFrontDoorConfiguration(
        hostKey: keys.hostKey, greeting: "Fixline relay of \(configuration.shopName)\n", limits: limits),
      delegate: listener)
    do {
      try frontDoor.start(listeningDescriptor: ssh.descriptor)
    } catch {
      throw RelayFailure(.unavailable, "\(error)")
    }
    core.post { $0.start(frontDoor: frontDoor) }

    let ready = ReadyLine(
      tls: ListenAddress(host: options.tlsListen.host, port: tunnels.localAddress?.port ?? 0), ssh: ssh.bound,
      keys: keys)
    core.post { _ in ConsoleOutput.print(options.json ? ready.json : ready.text) }

    waitForEnd()
    log.notice("Stopping: sessions are checkpointed, agents told to dial again.")
    stop(core: core, frontDoor: frontDoor, tunnels: tunnels, groups: [tunnelGroup, coreGroup])
  }

  /// The configuration in `file`; the defaults without one.
  static func readConfiguration(_ file: String?) throws(RelayFailure) -> RelayConfiguration {
    guard let file else { return RelayConfiguration() }
    let text: String
    do throws(RelayFailure) {
      text = try GivenFile.text(file, "configuration file", maximumBytes: YAMLDocument.maximumBytes)
    } catch {
      throw error.kind == .data ? RelayFailure(.configuration, error.line) : error
    }
    return try RelayConfiguration(yaml: text, file: file)
  }

  private static func bindTunnels(
    _ address: ListenAddress, _ loop: any EventLoop, _ keys: RelayKeys, core: RelayCore, instance: InstanceID,
    _ configuration: RelayConfiguration, _ log: Logger
  ) throws(RelayFailure) -> any Channel {
    let signingKey = keys.signingKey
    let window = UInt32(clamping: configuration.resumeWindowSeconds)
    let introduction = RelayIntroduction(
      welcome: { hello, peer, exporter in
        var random = SecureRandomGenerator()
        let tunnel = InstanceID(using: &random)
        let signed = Welcome.signedBytes(
          exporter: exporter, version: TunnelVersion.current, instance: instance, tunnel: tunnel, agentSPKI: peer.spki)
        return Welcome(
          instance: instance, tunnel: tunnel, signingKey: signingKey.publicKey.rawBytes,
          signature: try signingKey.sign(signed), resumeWindowSeconds: window, shop: configuration.shopName)
      },
      sign: { try signingKey.sign($0) },
      delegate: { _ in TunnelEndpoint(core: core) },
      failed: { failure in core.post { $0.connectionFailed(failure) } },
      refused: { address, why in log.notice("A connection of an agent from \(address) was refused: \(why).") })
    do {
      return try TunnelRelayListener.bind(
        loop: loop, host: address.host, port: address.port, configuration: try .server(identity: keys.tls),
        introduction: introduction
      ).wait()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw RelayFailure(
        .unavailable, "Cannot listen on \(address): the port is taken. Choose another address or port (0 picks one).")
    } catch {
      throw RelayFailure(.unavailable, "Cannot listen on \(address): \(error). Choose another address or port.")
    }
  }

  private static func waitForEnd() {
    let end = DispatchSemaphore(value: 0)
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { end.signal() }
      source.resume()
      return source
    }
    end.wait()
    for source in sources { source.cancel() }
  }

  private static func stop(
    core: RelayCore, frontDoor: SSHFrontDoor, tunnels: any Channel, groups: [MultiThreadedEventLoopGroup]
  ) {
    let done = DispatchSemaphore(value: 0)
    // Whatever hangs, the process ends in time: what is durable is durable already.
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(shutdownSeconds)) { exit(0) }
    tunnels.close(promise: nil)
    core.post { $0.shutDown { done.signal() } }
    done.wait()
    frontDoor.stop()
    for group in groups { try? group.syncShutdownGracefully() }
  }

  private static func relayLogger() -> Logger {
    var logger = Logger(label: "fixline-relay") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .info
    return logger
  }
}
