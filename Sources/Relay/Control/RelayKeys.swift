import SSHFrontDoor
import SessionModel
import Signing
import TLSChannel

/// The relay's three identities: towards agents (TLS), towards technicians (SSH), and the one that signs what customers are
/// promised. Made on the first start, or for TLS the operator's own.
struct RelayKeys: Sendable {
  let tls: TLSIdentity
  let signingKey: Ed25519PrivateKey
  let hostKey: HostKey

  init(
    _ directory: StateDirectory, _ configuration: RelayConfiguration, ledgerIsNew: Bool
  ) throws(RelayFailure) {
    guard ledgerIsNew || directory.hasSigningKey else {
      throw RelayFailure(
        .cannotCreate,
        "\(directory.signingKeyPath) is missing, while the ledger holds what it signed. Restore it from a backup.")
    }
    if let certificate = configuration.certificateFile, let key = configuration.keyFile {
      do {
        tls = try TLSIdentity.load(certificateFile: certificate, keyFile: key)
      } catch {
        throw RelayFailure(.configuration, "\(error)")
      }
    } else {
      do {
        tls = try TLSIdentity.loadOrCreateRelay(directory: directory.path, hostName: configuration.hostName)
      } catch {
        throw RelayFailure(.cannotCreate, "\(error)")
      }
    }
    do {
      signingKey = try KeyFile.loadOrCreateEd25519(path: directory.signingKeyPath)
      hostKey = try HostKey.loadOrCreate(path: directory.hostKeyPath)
    } catch {
      throw RelayFailure(.cannotCreate, "\(error)")
    }
  }
}

/// What a started relay says of itself: the addresses it got, and what others check it by.
struct ReadyLine {
  let tls: ListenAddress
  let ssh: ListenAddress
  let keys: RelayKeys

  var json: String {
    ([
      "event": "ready", "tls": .string(tls.description), "ssh": .string(ssh.description), "http": nil,
      "pin": .string(keys.tls.spki.description),
      "signing_key": .string(keys.signingKey.publicKey.fingerprint.description),
      "ssh_host_key": .string(keys.hostKey.display),
    ] as JSONValue).text
  }

  var text: String {
    Columns.aligned([
      ["The relay is ready."],
      ["  agents dial", tls.description],
      ["  ssh", ssh.description],
      ["  pin", keys.tls.spki.description],
      ["  signing key", keys.signingKey.publicKey.fingerprint.description],
      ["  ssh host key", keys.hostKey.display],
    ])
  }
}
