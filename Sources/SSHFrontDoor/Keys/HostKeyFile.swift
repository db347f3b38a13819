import Glibc

/// The host key on disk.
enum HostKeyFile {
  static func loadOrCreate(path: String) throws(SSHFrontDoorError) -> HostKey {
    if let text = try read(path) { return try parse(text, path: path) }
    try create(path)
    guard let text = try read(path) else { throw problem(path, "it vanished while it was being made") }
    return try parse(text, path: path)
  }

  private static func parse(_ text: String, path: String) throws(SSHFrontDoorError) -> HostKey {
    guard let key = KeyHandle(privateText: text), key.isPrivateEd25519, let publicKey = SSHPublicKey(key) else {
      throw problem(path, "holds no unencrypted Ed25519 key; restore it, or move it away to have a new one made")
    }
    return HostKey(publicKey: publicKey, privateText: text)
  }

  /// The file's text; nil when there is none.
  private static func read(_ path: String) throws(SSHFrontDoorError) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0 && errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw problem(path, "cannot be read (\(lastError))") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw problem(path, "is not a plain file")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw problem(path, "may be read by others; run chmod 600 on it and consider whether it was copied")
    }
    guard status.st_size <= HostKey.maximumFileBytes else { throw problem(path, "is too large for a key") }
    var bytes = [UInt8](repeating: 0, count: HostKey.maximumFileBytes)
    let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw problem(path, "cannot be read (\(lastError))") }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  /// Writes a new key beside its place and links it there when it is whole and on disk. Whoever comes first wins.
  private static func create(_ path: String) throws(SSHFrontDoorError) {
    guard let key = KeyHandle.generateEd25519() else { throw problem(path, "no key could be made") }
    let temporary = "\(path).new-\(getpid())-\(UInt32.random(in: .min ... .max))"
    let descriptor = unsafe open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw problem(path, "cannot be made (\(lastError))") }
    defer {
      close(descriptor)
      unsafe unlink(temporary)
    }
    guard key.exportPrivate(toFile: temporary), fsync(descriptor) == 0 else {
      throw problem(path, "cannot be written (\(lastError))")
    }
    guard unsafe link(temporary, path) == 0 || errno == EEXIST else {
      throw problem(path, "cannot be made (\(lastError))")
    }
    syncDirectory(of: path)
  }

  /// The name, too, survives a power cut. Best effort: a key lost then is made anew, before anybody trusted it.
  private static func syncDirectory(of path: String) {
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let directory = path.contains("/") ? (parent.isEmpty ? "/" : parent) : "."
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static var lastError: String { unsafe String(cString: strerror(errno)) }

  private static func problem(_ path: String, _ reason: String) -> SSHFrontDoorError {
    .hostKey(path: path, reason: reason)
  }
}
