/// The accounts of /etc/passwd and /etc/group as they were at one time. Of entries for one name or number the first counts, as
/// for getpwnam(3).
public struct AccountTable: Sendable {
  struct User: Sendable {
    let userID: UInt32
    let homeDirectory: [UInt8]
  }

  private var namesByUserID: [UInt32: [UInt8]] = [:]
  private var usersByName: [[UInt8]: User] = [:]
  private var namesByGroupID: [UInt32: [UInt8]] = [:]
  private var groupIDsByName: [[UInt8]: UInt32] = [:]

  /// - Parameters:
  ///   - passwords: lines `name:password:user:group:comment:home:shell`.
  ///   - groups: lines `name:password:group:members`.
  init(passwords: [UInt8], groups: [UInt8]) {
    for fields in Self.lines(of: passwords, fields: 7) {
      guard let userID = Self.number(fields[2]) else { continue }
      let name = Array(fields[0])
      if namesByUserID[userID] == nil { namesByUserID[userID] = name }
      if usersByName[name] == nil { usersByName[name] = User(userID: userID, homeDirectory: Array(fields[5])) }
    }
    for fields in Self.lines(of: groups, fields: 4) {
      guard let groupID = Self.number(fields[2]) else { continue }
      let name = Array(fields[0])
      if namesByGroupID[groupID] == nil { namesByGroupID[groupID] = name }
      if groupIDsByName[name] == nil { groupIDsByName[name] = groupID }
    }
  }

  /// The user's name; nil when there is none, and the number is shown.
  public func userName(_ userID: UInt32) -> [UInt8]? { namesByUserID[userID] }

  /// The group's name; nil when there is none, and the number is shown.
  public func groupName(_ groupID: UInt32) -> [UInt8]? { namesByGroupID[groupID] }

  /// The user's home; nil when there is no such user.
  public func homeDirectory(ofUser name: [UInt8]) -> [UInt8]? { usersByName[name]?.homeDirectory }

  /// The user's home; nil when there is no such user.
  public func homeDirectory(ofUserID userID: UInt32) -> [UInt8]? {
    namesByUserID[userID].flatMap { usersByName[$0]?.homeDirectory }
  }

  /// The user's number; nil when there is no such user.
  public func userID(ofUser name: [UInt8]) -> UInt32? { usersByName[name]?.userID }

  /// The group's number; nil when there is no such group.
  public func groupID(ofGroup name: [UInt8]) -> UInt32? { groupIDsByName[name] }

  /// Lines with so many fields, at most ``Accounts/maximumEntries``. Comments and the "+" and "-" of NIS are passed over.
  private static func lines(of text: [UInt8], fields count: Int) -> [[ArraySlice<UInt8>]] {
    var found: [[ArraySlice<UInt8>]] = []
    for line in text.split(separator: UInt8(ascii: "\n")) where found.count < Accounts.maximumEntries {
      let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: count - 1, omittingEmptySubsequences: false)
      guard fields.count == count, let first = fields[0].first else { continue }
      if first == UInt8(ascii: "#") || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { continue }
      found.append(fields)
    }
    return found
  }

  private static func number(_ field: ArraySlice<UInt8>) -> UInt32? {
    guard !field.isEmpty, field.count <= 10 else { return nil }
    var value: UInt64 = 0
    for byte in field {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return UInt32(exactly: value)
  }
}
