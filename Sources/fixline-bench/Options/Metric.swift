/// One thing that is measured, by the name `--only` takes.
enum Metric: String, CaseIterable, Codable, Sendable {
  case attach
  case echo
  case bulkOut = "bulk-out"
  case bulkIn = "bulk-in"
  case sftpGet = "sftp-get"
  case sftpPut = "sftp-put"
  case scp
  case rsync
  case stalls
  case resume
  case retained
  case sessions

  /// Names that stand for several.
  static let groups: [String: [Metric]] = ["bulk": [.bulkOut, .bulkIn], "sftp": [.sftpGet, .sftpPut]]

  /// Whether it moves the payload and is given as a rate.
  var isTransfer: Bool {
    switch self {
    case .bulkOut, .bulkIn, .sftpGet, .sftpPut: true
    case .attach, .echo, .scp, .rsync, .stalls, .resume, .retained, .sessions: false
    }
  }

  /// Whether it is a part of the run of its own, with Fixline alone and not once under every condition.
  var isApart: Bool {
    switch self {
    case .stalls, .resume, .retained, .sessions: true
    case .attach, .echo, .bulkOut, .bulkIn, .sftpGet, .sftpPut, .scp, .rsync: false
    }
  }

  /// Whether it is repeated with a delay: scp moves bytes as sftp does, and rsync mostly waits for the disk.
  var isDelayed: Bool {
    switch self {
    case .attach, .echo, .bulkOut, .bulkIn, .sftpGet, .sftpPut: true
    case .scp, .rsync, .stalls, .resume, .retained, .sessions: false
    }
  }

  /// Reads names and groups, separated by commas or given one by one, into the order of ``allCases`` without repetition.
  static func parse(_ names: [String]) throws(UsageError) -> [Metric] {
    let words = names.flatMap { $0.split(separator: ",").map(String.init) }
    var chosen: Set<Metric> = []
    for word in words {
      if let group = groups[word] {
        chosen.formUnion(group)
      } else if let one = Metric(rawValue: word) {
        chosen.insert(one)
      } else {
        let known = allCases.map(\.rawValue) + groups.keys.sorted()
        throw UsageError("there is no measurement \"\(word)\"; choose from \(known.joined(separator: ", "))")
      }
    }
    return words.isEmpty ? allCases : allCases.filter(chosen.contains)
  }
}

/// Wrong usage, in one line.
struct UsageError: Error, Equatable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
