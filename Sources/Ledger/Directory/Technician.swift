public import SessionModel

/// Somebody who may log in: a name, what he may do and the one key that proves who he is.
public struct Technician: Hashable, Sendable {
  /// Longest key line, in bytes; an RSA key of 16,384 bits fits.
  public static let maximumKeyLineBytes = 8192

  /// His name.
  public let name: Name
  /// What he may do.
  public let role: TechnicianRole
  /// His public key as one line of an authorized_keys file.
  public let keyLine: String
  /// SHA-256 of the key's blob.
  public let keyFingerprint: Fingerprint
  /// When he was added.
  public let addedAt: WallTime

  /// All of it, by hand.
  public init(name: Name, role: TechnicianRole, keyLine: String, keyFingerprint: Fingerprint, addedAt: WallTime) {
    self.name = name
    self.role = role
    self.keyLine = keyLine
    self.keyFingerprint = keyFingerprint
    self.addedAt = addedAt
  }
}

/// Who may log in. Each change is an entry of the ledger, written in the same transaction. Calls block; none may be made
/// from an event loop.
public protocol TechnicianDirectory: Sendable {
  /// Everybody, by name.
  func technicians() throws(StoreError) -> [Technician]
  /// The technician of that name.
  func technician(named name: Name) throws(StoreError) -> Technician?
  /// The technician with that key (SHA-256 of its blob).
  func technician(key: Fingerprint) throws(StoreError) -> Technician?
  /// Adds somebody; ``StoreError/refused(_:)`` when the name or the key is taken.
  @discardableResult
  func add(_ technician: Technician) throws(StoreError) -> Entry
  /// Removes somebody and returns who it was; ``StoreError/refused(_:)`` when there is nobody of that name.
  @discardableResult
  func remove(_ name: Name, at time: WallTime) throws(StoreError) -> Technician
  /// Grows with every change, whichever process makes it: cheap enough to be asked every second.
  func changeCounter() throws(StoreError) -> Int64
}
