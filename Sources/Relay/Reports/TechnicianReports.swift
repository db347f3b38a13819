import Foundation
import Ledger
import LedgerSQLite
public import SessionModel
import SSHFrontDoor

/// `fixline-relay technician …`.
public enum TechnicianReports {
  /// Registers the key in `keyFile`; returns the line to print.
  public static func add(_ name: String, keyFile: String, role: TechnicianRole, state: String) throws -> String {
    guard let checked = Name(name) else {
      throw RelayFailure(
        .usage,
        "\"\(TextSafety.escaped(name))\" is no name: use a-z, 0-9 and -, at most \(Name.maximumLength), beginning with a "
          + "letter, and not \(Name.desk).")
    }
    // Read before the user is switched: the file may be root's.
    let key = try readKey(keyFile)
    return try withStores(state) { stores in
      try stores.technicians.add(
        Technician(
          name: checked, role: role, keyLine: key.authorizedKeysLine, keyFingerprint: key.fingerprint,
          addedAt: WallClock.now()))
      return "\(checked) may sign in as \(role.rawValue) with \(key.algorithm) \(key.display)."
    }
  }

  /// Everybody, aligned or as JSON.
  public static func list(json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let technicians = try stores.technicians.technicians()
      if json { return JSONValue.array(technicians.map(self.json)).text }
      guard !technicians.isEmpty else {
        return "No technician is registered. Add one: technician add NAME --key FILE.pub"
      }
      return Columns.aligned(
        [["NAME", "ROLE", "KEY", "ADDED"]]
          + technicians.map {
            [$0.name.rawValue, $0.role.rawValue, display($0), $0.addedAt.rfc3339]
          })
    }
  }

  /// Takes a technician's key back; returns the line to print.
  public static func remove(_ name: String, state: String) throws -> String {
    guard let checked = Name(name) else { throw RelayFailure(.usage, "\"\(TextSafety.escaped(name))\" is no name.") }
    return try withStores(state) { stores in
      try stores.technicians.remove(checked, at: WallClock.now())
      return "\(checked) may not sign in any more."
    }
  }

  private static func readKey(_ file: String) throws(RelayFailure) -> SSHPublicKey {
    guard let data = FileManager.default.contents(atPath: file), data.count <= SSHPublicKey.maximumLineBytes,
      let text = String(data: data, encoding: .utf8)
    else { throw RelayFailure(.noInput, "The key file \(TextSafety.escaped(file)) cannot be read. Name a .pub file.") }
    if text.contains("PRIVATE KEY") {
      throw RelayFailure(
        .usage, "\(TextSafety.escaped(file)) is a private key. Keep it to yourself; name the .pub file.")
    }
    guard let line = text.split(whereSeparator: \.isNewline).first,
      let key = SSHPublicKey(authorizedKeysLine: String(line))
    else {
      throw RelayFailure(
        .usage,
        "\(TextSafety.escaped(file)) holds no key this relay takes: ed25519, ECDSA, or RSA of at least "
          + "\(SSHPublicKey.minimumRSABits) bits; no certificates, no security keys.")
    }
    return key
  }

  private static func display(_ technician: Technician) -> String {
    SSHPublicKey(authorizedKeysLine: technician.keyLine)?.display ?? technician.keyFingerprint.description
  }

  private static func json(_ technician: Technician) -> JSONValue {
    [
      "name": .string(technician.name.rawValue), "role": .string(technician.role.rawValue),
      "key": .string(technician.keyLine), "fingerprint": .string(display(technician)),
      "added_at": .string(technician.addedAt.rfc3339),
    ]
  }
}
