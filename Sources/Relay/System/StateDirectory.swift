import Glibc
import SessionModel

/// The relay's state directory: mode 0700, owned by whoever runs the relay, locked while one runs on it.
///
/// The lock is an flock(2) on `DIR/lock`; the kernel drops it with the process, so that a crash never leaves it behind.
/// It is held as long as this value's descriptor is open, which is as long as the process runs.
public struct StateDirectory: Sendable {
  /// The directory's path as given.
  public let path: String

  /// The ledger and the technicians, in one SQLite file.
  public var databasePath: String { path + "/ledger.sqlite" }
  /// The relay's Ed25519 signing key.
  public var signingKeyPath: String { path + "/signing.key" }
  /// The SSH host key technicians see.
  public var hostKeyPath: String { path + "/ssh_host_ed25519_key" }

  /// Opens the directory for a running relay: creates it when missing, and takes the lock.
  public static func openForServing(_ path: String) throws(RelayFailure) -> StateDirectory {
    guard !path.isEmpty else { throw RelayFailure(.usage, "--state needs a directory.") }
    if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
      throw RelayFailure(
        .cannotCreate, "Cannot make the state directory \(path): \(reason(errno)). Choose another or fix its parent.")
    }
    try checkOwner(of: path)
    if unsafe chmod(path, 0o700) != 0 {
      throw RelayFailure(.cannotCreate, "Cannot protect the state directory \(path) (mode 0700): \(reason(errno)).")
    }
    try lock(path)
    return StateDirectory(path: path)
  }

  /// Keys without their ledger, or a ledger without the key that signed it, are two halves of a disaster: going on would
  /// bury it. The ledger is made before the key, so a start that was cut short leaves no key without a ledger.
  func checkWhole() throws(RelayFailure) {
    guard isThere(signingKeyPath), !holdsLedger else { return }
    throw RelayFailure(
      .storage,
      "\(databasePath) is missing or empty, while \(signingKeyPath) is there. Restore it from a backup, or begin anew in "
        + "another directory.")
  }

  /// Opens an existing directory for a command that must have it for itself: as ``openForCommand(_:)``, and takes the lock.
  static func openForRepair(_ path: String) throws(RelayFailure) -> StateDirectory {
    let directory = try openForCommand(path)
    try lock(path)
    return directory
  }

  /// Whether the signing key is there.
  var hasSigningKey: Bool { isThere(signingKeyPath) }

  /// Whether there is a ledger.
  var holdsLedger: Bool {
    var information = stat()
    return unsafe stat(databasePath, &information) == 0 && information.st_size > 0
  }

  private func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Opens an existing directory for a command, acting as its owner: root switches to that user, anybody else is refused.
  public static func openForCommand(_ path: String) throws(RelayFailure) -> StateDirectory {
    let owner = try ownerOf(path)
    let user = geteuid()
    if user == 0, owner.user != 0 {
      // The group first: once the user is changed there is no right left to change it.
      guard setgroups(0, nil) == 0, setgid(owner.group) == 0, setuid(owner.user) == 0 else {
        throw RelayFailure(.notPermitted, "Cannot act as the owner of \(path) (uid \(owner.user)): \(reason(errno)).")
      }
    } else if user != owner.user {
      throw RelayFailure(
        .notPermitted,
        "\(path) belongs to uid \(owner.user) and you are uid \(user). Run this as its owner, or as root.")
    }
    let directory = StateDirectory(path: path)
    try directory.checkWhole()
    guard directory.holdsLedger else {
      throw RelayFailure(
        .refused, "\(path) holds no relay yet. Start one first: fixline-relay serve --state \(path)")
    }
    return directory
  }

  /// Puts the file `new` in the place of `path`, both of the same directory tree; it is there, whole, or the old one is.
  static func replace(_ path: String, with new: String) throws(RelayFailure) {
    guard unsafe rename(new, path) == 0 else {
      throw RelayFailure(.storage, "Cannot put \(new) in the place of \(path): \(reason(errno)).")
    }
  }

  /// Makes the names in a directory durable.
  static func confirm(_ directory: String) throws(RelayFailure) {
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw RelayFailure(.storage, "The disk under \(directory) did not confirm a write: check the disk.")
    }
  }

  private static func checkOwner(of path: String) throws(RelayFailure) {
    let owner = try ownerOf(path)
    guard owner.user == geteuid() else {
      throw RelayFailure(
        .notPermitted,
        "\(path) belongs to uid \(owner.user) and you are uid \(geteuid()). Run the relay as its owner, or choose "
          + "another directory.")
    }
  }

  private static func ownerOf(_ path: String) throws(RelayFailure) -> (user: uid_t, group: gid_t) {
    var information = stat()
    guard unsafe stat(path, &information) == 0 else {
      throw RelayFailure(.refused, "Cannot look at \(path): \(reason(errno)). Name the relay's state directory.")
    }
    guard information.st_mode & S_IFMT == S_IFDIR else {
      throw RelayFailure(.usage, "\(path) is not a directory. Name the relay's state directory.")
    }
    return (information.st_uid, information.st_gid)
  }

  private static func lock(_ path: String) throws(RelayFailure) {
    let descriptor = unsafe open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw RelayFailure(
        .cannotCreate,
        "Cannot write in the state directory \(path): \(reason(errno)). Make it writable, or choose another.")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK {
        throw RelayFailure(.busy, "Another relay is running on \(path). Stop it first, or choose another directory.")
      }
      throw RelayFailure(.cannotCreate, "Cannot lock the state directory \(path): \(reason(code)).")
    }
    // The descriptor stays open on purpose: it is the lock.
  }

  private static func reason(_ code: Int32) -> String {
    unsafe String(cString: strerror(code)).lowercased()
  }
}
