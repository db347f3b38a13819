import Glibc

/// Small secret files: read only when nobody else can read them, created whole and for the owner alone.
package enum PrivateFile {
  /// The largest key or certificate file read, in bytes.
  package static let maximumBytes = 256 * 1024

  /// The contents; nil when there is no such file.
  /// - Parameter followsLinks: true for files the operator names (certificate tools keep links); false in a state
  ///   directory, where nobody has reason to put one.
  package static func readIfPresent(path: String, followsLinks: Bool = false) throws(SigningError) -> [UInt8]? {
    try read(path: path, followsLinks: followsLinks, isSecret: true, limit: maximumBytes)
  }

  /// The contents of a file that is no secret, such as a certificate; nil when there is no such file.
  package static func readPublicIfPresent(path: String) throws(SigningError) -> [UInt8]? {
    try read(path: path, followsLinks: true, isSecret: false, limit: maximumBytes)
  }

  /// The contents of a file somebody names on a command line; nil when there is no such file.
  /// - Parameter limit: more bytes than this are not read.
  package static func readNamed(path: String, limit: Int) throws(SigningError) -> [UInt8]? {
    try read(path: path, followsLinks: true, isSecret: false, limit: limit)
  }

  private static func read(
    path: String, followsLinks: Bool, isSecret: Bool, limit: Int
  ) throws(SigningError) -> [UInt8]? {
    // O_NONBLOCK: opening a fifo must not hang; it has no effect on a regular file.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      if errno == ELOOP { throw .file(path: path, reason: "this is a symbolic link; put the file itself here") }
      throw failure("cannot be read", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure("cannot be read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path: path, reason: "this is not a regular file") }
    if isSecret { try check(status, path: path) }
    let tooLarge = SigningError.file(path: path, reason: "too large to be what is expected here (over \(limit) bytes)")
    guard status.st_size <= limit else { throw tooLarge }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while bytes.count <= limit {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read", path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw tooLarge
  }

  private static func check(_ status: stat, path: String) throws(SigningError) {
    guard status.st_mode & 0o077 == 0 else {
      throw .file(path: path, reason: "others on this machine can read this private key; run: chmod 600 '\(path)'")
    }
    guard status.st_uid == geteuid() || geteuid() == 0 else {
      throw .file(path: path, reason: "this private key belongs to another user; run as its owner")
    }
  }

  /// Creates `path` with `bytes`, atomically and durably: a temporary file (O_EXCL), fsync, a second name that replaces
  /// nothing, fsync of the directory.
  /// - Parameters:
  ///   - mode: 0600 for secrets.
  ///   - inPrivateDirectory: false for a file that is put where a person happens to stand, `/tmp` for instance; a
  ///     directory that others may write to is refused otherwise, and a missing one made.
  /// - Returns: false when the file exists already, which is then left alone.
  package static func create(
    path: String, bytes: [UInt8], mode: UInt32 = 0o600, inPrivateDirectory: Bool = true
  ) throws(SigningError) -> Bool {
    if inPrivateDirectory { try PrivateDirectory.ensure(directory(of: path)) }
    let suffix = SecureRandom.bytes(count: 8).map { String($0, radix: 16) }.joined()
    let temporary = "\(path).new-\(suffix)"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure("cannot be created", path) }
    do throws(SigningError) {
      try fill(descriptor, with: bytes, mode: mode, path: path)
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    guard try place(temporary, at: path) else {
      unsafe unlink(temporary)
      return false
    }
    return true
  }

  /// Writes and syncs, and closes `descriptor` in any case.
  private static func fill(
    _ descriptor: CInt, with bytes: [UInt8], mode: UInt32, path: String
  ) throws(SigningError) {
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path: path)
    // The mode given to open is cut by the umask; a stricter umask than ours must not leave a file its owner cannot read.
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw failure("cannot be written", path) }
  }

  /// Writes all of `bytes` where the descriptor stands.
  static func write(_ bytes: [UInt8], to descriptor: CInt, path: String) throws(SigningError) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("cannot be written", path) }
      offset += count
    }
  }

  private static func place(_ temporary: String, at path: String) throws(SigningError) -> Bool {
    if unsafe link(temporary, path) == 0 {
      unsafe unlink(temporary)
    } else {
      if errno == EEXIST { return false }
      // A file system without hard links (FAT, some network ones): a rename is as atomic, but would replace a file that
      // appeared just now. The caller found none, and a relay's state directory is locked.
      let hasNoLinks = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS
      let renamed = unsafe hasNoLinks && rename(temporary, path) == 0
      if !renamed {
        let error = failure("cannot be created", path)
        unsafe unlink(temporary)
        throw error
      }
    }
    syncDirectory(of: path)
    return true
  }

  /// Makes a name that was just given durable.
  static func syncDirectory(of path: String) {
    let directory = unsafe open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  /// The error for the system call that just failed.
  package static func failure(_ what: String, _ path: String, code: CInt = errno) -> SigningError {
    .file(path: path, reason: "\(what): \(unsafe String(cString: strerror(code)))")
  }
}

/// The directory keys are kept in.
package enum PrivateDirectory {
  /// Creates `path` with mode 0700 when it is missing; its parent must exist.
  package static func ensure(_ path: String) throws(SigningError) {
    if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw PrivateFile.failure("cannot be created", path)
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw PrivateFile.failure("cannot be used", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .file(path: path, reason: "this is not a directory") }
    guard status.st_mode & 0o022 == 0 else {
      throw .file(path: path, reason: "others may write to this directory; keys need one of their own (chmod 700)")
    }
    guard status.st_uid == geteuid() || geteuid() == 0 else {
      throw .file(path: path, reason: "this directory belongs to another user; run as its owner")
    }
  }
}
