import SessionModel

/// What a technician's user name asks for: a machine by its code, and the case it is about.
///
/// `482177305`, `482177305+k3x9q7`, `482177305+new`
struct Destination: Equatable, Sendable {
  /// The word for a problem that has no case yet.
  static let newWord = "new"

  /// What stands behind the plus.
  enum Target: Equatable, Sendable {
    /// Nothing was said of a case.
    case open
    /// A problem that has no case yet.
    case new
    /// A case there is.
    case named(CaseID)
    /// Something that names no case.
    case unreadable(String)
  }

  /// The code; nil when it is none.
  let code: JoinCode?
  let target: Target

  init(user: String) {
    guard let plus = user.firstIndex(of: "+") else {
      (code, target) = (JoinCode(user), .open)
      return
    }
    code = JoinCode(String(user[..<plus]))
    let rest = String(user[user.index(after: plus)...])
    target = rest == Self.newWord ? .new : CaseID(rest).map { .named($0) } ?? .unreadable(rest)
  }
}
