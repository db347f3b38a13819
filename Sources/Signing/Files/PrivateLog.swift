import Glibc
import Synchronization

/// A private file that grows by records: written by one process at a time, durable when a call returns, replaced as a
/// whole when it becomes too long. Mode 0600. Its calls block; they are made by one thread after the other.
///
/// ```
///   locked ──replace──▶ open ──append, replace──▶ open
///                         │ a write fails           ▲
///                         ▼                         │
///                       broken ──────replace────────┘
/// ```
/// What a failed append left behind is unknown, so nothing is appended behind it: the whole is written anew.
package final class PrivateLog: Sendable {
  /// What stands in the file.
  package enum Contents: Equatable, Sendable {
    case missing
    case bytes([UInt8])
    /// Longer than the limit; nothing of it was read.
    case tooLong
  }

  /// The file.
  package let path: String
  /// Held as long as this object: the kernel drops it with the process. Beside the file, which is replaced at times.
  private let lock: CInt
  /// Open for appending; nil before the first ``replace(with:)`` and after a failure.
  private let descriptor = Mutex<CInt?>(nil)

  /// Makes the directory if need be (mode 0700) and takes the lock, `PATH.lock`. On file systems without locks it goes
  /// without one.
  package init(path: String) throws(SigningError) {
    self.path = path
    try PrivateDirectory.ensure(PrivateFile.directory(of: path))
    let lock = unsafe open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw PrivateFile.failure("cannot be locked", path) }
    if flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(lock)
      throw .file(path: path, reason: "another program is using it")
    }
    self.lock = lock
  }

  deinit {
    descriptor.withLock { if let open = $0 { close(open) } }
    close(lock)
  }

  /// What stands in the file, if that is no more than `limit` bytes.
  package func read(limit: Int) throws(SigningError) -> Contents {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return .missing }
      throw PrivateFile.failure("cannot be read", path)
    }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw PrivateFile.failure("cannot be read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path: path, reason: "this is not a regular file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while bytes.count <= limit {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw PrivateFile.failure("cannot be read", path) }
      if count == 0 { return .bytes(bytes) }
      bytes += chunk[..<count]
    }
    return .tooLong
  }

  /// Gives the file another name, in the same directory; an older one of that name is replaced.
  package func setAside(as other: String) throws(SigningError) {
    guard unsafe rename(path, other) == 0 else { throw PrivateFile.failure("cannot be set aside", path) }
    PrivateFile.syncDirectory(of: path)
  }

  /// Adds `bytes` at the end, durably.
  package func append(_ bytes: [UInt8]) throws(SigningError) {
    let problem = descriptor.withLock { descriptor -> SigningError? in
      guard let open = descriptor else { return .file(path: path, reason: "it has to be written anew") }
      do throws(SigningError) {
        try PrivateFile.write(bytes, to: open, path: path)
        guard fdatasync(open) == 0 else { throw PrivateFile.failure("cannot be written", path) }
        return nil
      } catch {
        // After a failed sync the kernel may count its pages as written: they are not trusted any more.
        close(open)
        descriptor = nil
        return error
      }
    }
    if let problem { throw problem }
  }

  /// Replaces the whole by `bytes`, durably: whoever reads finds either the old or the new.
  package func replace(with bytes: [UInt8]) throws(SigningError) {
    let temporary = "\(path).new"
    unsafe unlink(temporary)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw PrivateFile.failure("cannot be written", path) }
    do throws(SigningError) {
      try PrivateFile.write(bytes, to: file, path: path)
      guard fchmod(file, 0o600) == 0, fsync(file) == 0 else { throw PrivateFile.failure("cannot be written", path) }
      guard unsafe rename(temporary, path) == 0 else { throw PrivateFile.failure("cannot be replaced", path) }
    } catch {
      close(file)
      unsafe unlink(temporary)
      throw error
    }
    PrivateFile.syncDirectory(of: path)
    descriptor.withLock {
      if let old = $0 { close(old) }
      $0 = file
    }
  }
}
