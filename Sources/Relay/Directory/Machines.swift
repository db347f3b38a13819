import SessionModel
import Signing
import TunnelProtocol

/// What an agent said of itself when its tunnel came up.
struct MachineArrival: Sendable {
  let port: TunnelPort
  let instance: InstanceID
  /// The SHA-256 of the SPKI of its certificate: the machine's identity.
  let spki: Fingerprint
  /// Its raw Ed25519 public key, which signs consents and checkpoints.
  let publicKey: [UInt8]
  let language: String
  let software: String
  let allowances: Allowances
  let heldSessions: [SessionID]
  let address: String
}

/// A line on which nothing is heard, cut or not.
struct Outage: Hashable, Sendable {
  /// When the machine was last heard, while it had to answer.
  let since: MonotonicInstant
  /// Whether the technicians' shells have been told.
  var isTold = false
}

/// A machine the relay knows because its agent is connected, or was and has a session open.
struct Machine: Sendable {
  let spki: Fingerprint
  let publicKey: Ed25519PublicKey
  var instance: InstanceID
  var allowances: Allowances
  /// Nil while it has no tunnel. A tunnel that is cut takes what is posted and delivers it when it is resumed.
  var port: TunnelPort?
  /// Since when its tunnel is cut or gone; nil while it is up.
  var goneSince: MonotonicInstant?
  /// Where its newest connection came from, numeric.
  var address = ""
  /// What its technicians have to know of a line that is down or silent; nil while it is heard.
  var outage: Outage?
  /// What its customer is spoken to in.
  var language = Language.english
  /// Who sits there, by facts he told.
  var verified: Name?
  /// What it said of the sessions it holds, since its HELLO.
  var heldTalk: HeldTalk?
  /// What was said of receipts since its HELLO.
  var receiptTalk = ReceiptTalk()
  /// Sessions that ended because its agent was restarted, until the earlier run turns out to be there still.
  var endedByRestart: [SessionID] = []
  /// The code it shows now; nil while a session holds it or none could be issued.
  var code: JoinCode?

  /// Whether what is said to it arrives now.
  var isConnected: Bool { port != nil && goneSince == nil }

  /// How a guest is called on the record: nothing about it is known but its key.
  var name: String { "guest-" + Hex.encode(spki.bytes.prefix(4)) }
}

/// The machines by identity and by tunnel. A value, confined to the core.
struct Machines: Sendable {
  private(set) var all: [Fingerprint: Machine] = [:]
  private var identities: [TunnelPort: Fingerprint] = [:]

  subscript(_ spki: Fingerprint) -> Machine? {
    get { all[spki] }
    set { all[spki] = newValue }
  }

  /// The machine whose tunnel `port` is; nil for a tunnel that was displaced by a newer one.
  func machine(on port: TunnelPort) -> Machine? { identities[port].flatMap { all[$0] } }

  mutating func attach(_ machine: Machine, port: TunnelPort) {
    if let old = all[machine.spki]?.port { identities[old] = nil }
    var attached = machine
    attached.port = port
    all[machine.spki] = attached
    identities[port] = machine.spki
  }

  /// Takes the tunnel away; the machine itself stays until `forget`.
  mutating func detach(_ port: TunnelPort) -> Machine? {
    guard let spki = identities.removeValue(forKey: port) else { return nil }
    all[spki]?.port = nil
    return all[spki]
  }

  mutating func forget(_ spki: Fingerprint) {
    if let port = all.removeValue(forKey: spki)?.port { identities[port] = nil }
  }
}
