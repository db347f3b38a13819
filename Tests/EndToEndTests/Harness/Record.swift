/// What stands on record of the open session, while it is open.
extension Shop {
  /// The open session's record, once it fits.
  @discardableResult
  func record(_ what: String, within limit: Duration = .seconds(10), where fits: (JSON) throws -> Bool) throws -> JSON {
    let id = try openSession()
    var last = JSON.null
    try waitUntil("a record with \(what)", within: limit, seen: { "\("\(last)".prefix(10_000))" }) {
      last = try command("session", "show", id, "--json").json()
      return try fits(last)
    }
    return last
  }
}

extension JSON {
  /// Of a session's record: what was done with files.
  var files: [JSON] { self["files"]?.array ?? [] }

  /// Of a session's record: the details of its entries of a kind.
  func details(_ kind: String) -> [JSON] {
    (self["events"]?.array ?? []).filter { $0["kind"]?.string == kind }.compactMap { $0["details"] }
  }

  /// Of a session's record: the files that were opened under a path that ends so.
  func opened(_ suffix: String) -> [JSON] {
    files.filter { $0["action"]?.string == "opened" && $0["path"]?.string?.hasSuffix(suffix) == true }
  }
}
