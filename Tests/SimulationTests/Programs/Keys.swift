import SessionModel
import Signing

/// The keys of a simulated world: real Ed25519, from fixed seeds.
struct Keys {
  let key: Ed25519PrivateKey

  init(_ number: UInt8) throws { key = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: number, count: 32)) }

  var fingerprint: Fingerprint { key.publicKey.fingerprint }

  func sign(_ bytes: [UInt8]) -> [UInt8] { (try? key.sign(bytes)) ?? [] }
}
