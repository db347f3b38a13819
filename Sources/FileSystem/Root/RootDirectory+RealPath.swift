import Glibc

extension RootDirectory {
  /// The most symbolic links ``realPath(_:)`` resolves; one more is ELOOP.
  public static let maximumRealPathLinks = 33

  /// The canonical path, as seen from this root, by the rules of SSH_FXP_REALPATH in OpenSSH's sftp-server: links are resolved, "."
  /// and doubled slashes go, ".." takes off what stands before it, be it a directory or not; all but the last component must
  /// exist, and with a slash behind it that one, too. Empty means ".".
  public func realPath(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    let path = path.isEmpty ? [UInt8(ascii: ".")] : path
    try PathText.check(path)
    // The limit is the given path's: the working directory shrinks to its canonical form before that is looked at.
    return try RealPath(root: self).resolve(absolute(path)[...])
  }
}

/// One walk. Each component is looked at by its canonical path, so every step stays in the root.
private struct RealPath {
  private static let slash = UInt8(ascii: "/")
  let root: RootDirectory

  func resolve(_ path: ArraySlice<UInt8>) throws(FileError) -> [UInt8] {
    /// What is known: components with a slash before each.
    var resolved: [UInt8] = []
    var rest = path
    var links = 0
    while !rest.isEmpty {
      let end = rest.firstIndex(of: Self.slash)
      let component = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? []
      if component.isEmpty || component.elementsEqual(".".utf8) { continue }
      if component.elementsEqual("..".utf8) {
        Self.removeLast(&resolved)
        continue
      }
      let known = resolved.count
      resolved.append(Self.slash)
      resolved += component
      guard resolved.count <= RootDirectory.maximumPathBytes else { throw .tooLong }
      do throws(FileError) {
        let found = try root.findText(resolved + [0], followLinks: false)
        let status = try found.use { number throws(FileError) in try FileStatus(ofDescriptor: number) }
        guard status.kind == .symbolicLink else { continue }
        links += 1
        guard links <= RootDirectory.maximumRealPathLinks else { throw FileError(number: ELOOP) }
        var target = try RootDirectory.readLink(found)
        resolved.removeSubrange((target.first == Self.slash ? 0 : known)...)
        if end != nil { target.append(Self.slash) }
        guard target.count + rest.count <= RootDirectory.maximumPathBytes else { throw .tooLong }
        rest = ArraySlice(target + rest)
      } catch {
        guard error == .notFound, end == nil else { throw error }
      }
    }
    return resolved.isEmpty ? [Self.slash] : resolved
  }

  private static func removeLast(_ path: inout [UInt8]) {
    while let last = path.popLast(), last != slash {}
  }
}
