import CFileSystem
import Glibc

/// A directory that is the root of all path work: nothing outside it is reached, by no symbolic link, no "..", no rename while
/// a call is under way.
///
/// Paths are bytes without NUL, as seen from the root: "/etc/hosts" is `etc/hosts` below it, and a relative path starts at
/// ``workingDirectory``. The kernel resolves them (openat2 with RESOLVE_IN_ROOT) to a descriptor; the work is done on that, or
/// on the last component in the directory that was found. The way is the same for `/` and for any other root. Errors are
/// those of the plain call; a NUL inside is EINVAL.
///
/// All calls are synchronous; threads may share a root.
public final class RootDirectory: Sendable {
  /// The longest path, in bytes: PATH_MAX without its NUL. The working directory before a relative path counts.
  public static let maximumPathBytes = 4095

  /// Whether the root was given as "/". Then magic links (/proc/self/exe, /dev/stdin), which no confined root follows
  /// (EXDEV), work as ever: there is nothing to escape from.
  public let isWholeMachine: Bool
  /// Where relative paths start, absolute as seen from the root.
  public let workingDirectory: [UInt8]
  let directory: PathDescriptor

  /// A root.
  /// - Parameters:
  ///   - path: "/" or a directory of the machine. Links in it are followed, once, now.
  ///   - workingDirectory: absolute as seen from the root; it need not exist.
  /// - Throws: what open(2) says; ``FileError/notSupported`` where the kernel has no openat2 (before Linux 5.6);
  ///   ``FileError/invalid`` for a relative `workingDirectory`.
  public init(path: String, workingDirectory: [UInt8] = [UInt8(ascii: "/")]) throws(FileError) {
    // Relative to where this program was started.
    let text = try PathText.terminated(Array(path.utf8), in: [UInt8(ascii: ".")])
    guard workingDirectory.first == UInt8(ascii: "/"), !workingDirectory.contains(0) else { throw .invalid }
    self.workingDirectory = workingDirectory
    isWholeMachine = path.utf8.allSatisfy { $0 == UInt8(ascii: "/") }
    directory = try PathDescriptor(unsafe fixline_fs_open_root(text))
  }

  /// Opens a file, as open(2) does.
  ///
  /// Never waits for ever: a FIFO without a peer opens at once for reading and is ENXIO for writing. It never makes a terminal the
  /// controlling one, and /dev/tty is ENXIO: the agent's own terminal is the customer's, and a server behind sshd has none.
  /// - Parameter mode: permissions of a file that is made, in its lowest 12 bits; the umask applies.
  public func open(_ path: [UInt8], flags: OpenFlags, mode: UInt32 = 0o666) throws(FileError) -> OpenFile {
    let text = try PathText.terminated(path, in: workingDirectory)
    return try OpenFile(open(text, systemFlags: flags.systemFlags, mode: mode & 0o7777), flags: flags)
  }

  /// Opens a directory to be listed, as opendir(3) does.
  public func openDirectory(_ path: [UInt8]) throws(FileError) -> OpenDirectory {
    let text = try PathText.terminated(path, in: workingDirectory)
    return OpenDirectory(try open(text, systemFlags: O_RDONLY | O_DIRECTORY, mode: 0))
  }

  private func open(_ text: [UInt8], systemFlags: CInt, mode: UInt32) throws(FileError) -> SharedDescriptor {
    try directory.use { root throws(FileError) in
      try SharedDescriptor(
        adopting: unsafe fixline_fs_open(root, text, systemFlags | O_NONBLOCK, mode, isWholeMachine ? 1 : 0))
    }
  }

  /// For events: `path` absolute from this root's view, the working directory before a relative one. By text only.
  public func absolute(_ path: [UInt8]) -> [UInt8] {
    PathText.absolute(path, in: workingDirectory)
  }

  /// For events: where the machine itself has the place. Links in directories are resolved, the last component is as given. Nil
  /// when its directory cannot be found, or the path would be over ``maximumPathBytes``.
  public func machinePath(ofEntry path: [UInt8]) -> [UInt8]? {
    guard let place = try? place(path),
      var found = try? place.parent.use({ PathDescriptor.machinePath(of: $0) })
    else { return nil }
    var name = place.name.dropLast()
    while let last = name.last, last == UInt8(ascii: "/") { name.removeLast() }
    if found.last != UInt8(ascii: "/") && !name.isEmpty { found.append(UInt8(ascii: "/")) }
    found += name
    return found.count <= Self.maximumPathBytes ? found : nil
  }

  /// An O_PATH descriptor for what `path` leads to.
  func find(_ path: [UInt8], followLinks: Bool) throws(FileError) -> PathDescriptor {
    try findText(PathText.terminated(path, in: workingDirectory), followLinks: followLinks)
  }

  /// An O_PATH descriptor for what a text from ``PathText`` leads to.
  func findText(_ text: [UInt8], followLinks: Bool) throws(FileError) -> PathDescriptor {
    try findText(text, followLinks: followLinks, isDirectory: false)
  }

  private func findText(
    _ text: [UInt8], followLinks: Bool, isDirectory: Bool
  ) throws(FileError) -> PathDescriptor {
    try directory.use { root throws(FileError) in
      try PathDescriptor(
        unsafe fixline_fs_find(root, text, followLinks ? 1 : 0, isDirectory ? 1 : 0, isWholeMachine ? 1 : 0))
    }
  }

  /// A name in the directory it stands in.
  struct Place: ~Copyable {
    let parent: PathDescriptor
    /// The last component with the slashes behind it and NUL.
    let name: [UInt8]
  }

  /// Finds the directory of `path`'s last component, which need not exist.
  func place(_ path: [UInt8]) throws(FileError) -> Place {
    let text = try PathText.terminated(path, in: workingDirectory)
    let start = PathText.lastComponent(of: text)
    let parent = start == 0 ? [UInt8(ascii: "/"), 0] : Array(text[..<start]) + [0]
    return Place(
      parent: try findText(parent, followLinks: true, isDirectory: true), name: Array(text[start...]))
  }
}
