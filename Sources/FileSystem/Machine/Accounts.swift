import CFileSystem
import Synchronization

/// Names of users and groups, from the machine's files alone: a static program has no NSS. Accounts of directory services show as
/// numbers.
public final class Accounts: Sendable {
  /// The most that is read of a file, in bytes; what stands behind is not known.
  public static let maximumFileBytes = 8 << 20
  /// The most entries taken from a file.
  public static let maximumEntries = 65536

  private let passwordFile: String
  private let groupFile: String
  private let cache = Mutex<Cache?>(nil)

  /// What told one version of a file from another. All 0: there is none.
  private struct Version: Equatable {
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var size: Int64 = 0
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
  }

  private struct Cache {
    let passwords: Version
    let groups: Version
    let table: AccountTable
  }

  /// - Parameters:
  ///   - passwordFile: the users.
  ///   - groupFile: the groups.
  public init(passwordFile: String = "/etc/passwd", groupFile: String = "/etc/group") {
    self.passwordFile = passwordFile
    self.groupFile = groupFile
  }

  /// The accounts as they are now. The files are read anew when one was replaced or changed (device, inode, size, time); until then
  /// this opens both, reads nothing and returns the table it has. A file that cannot be read has no entries.
  public func current() -> AccountTable {
    let passwords = Self.open(passwordFile)
    let groups = Self.open(groupFile)
    return cache.withLock { cache in
      let passwordVersion = Self.version(passwords)
      let groupVersion = Self.version(groups)
      if let cache, cache.passwords == passwordVersion, cache.groups == groupVersion { return cache.table }
      let table = AccountTable(passwords: Self.contents(passwords), groups: Self.contents(groups))
      cache = Cache(passwords: passwordVersion, groups: groupVersion, table: table)
      return table
    }
  }

  private static func open(_ path: String) -> SharedDescriptor? {
    try? SharedDescriptor(adopting: unsafe fixline_fs_open_plain(Array(path.utf8) + [0]))
  }

  private static func version(_ file: SharedDescriptor?) -> Version {
    var found = fixline_fs_status()
    guard let file, (try? file.call { Int64(unsafe fixline_fs_status($0, &found)) }) != nil else { return Version() }
    return Version(
      device: found.device, inode: found.inode, size: found.size, seconds: found.modified_seconds,
      nanoseconds: found.modified_nanoseconds)
  }

  private static func contents(_ file: SharedDescriptor?) -> [UInt8] {
    guard let file else { return [] }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while text.count < maximumFileBytes {
      guard let count = try? file.call({ unsafe fixline_fs_read_on($0, &chunk, chunk.count) }), count > 0 else { break }
      text += chunk[..<count]
    }
    return text
  }
}
