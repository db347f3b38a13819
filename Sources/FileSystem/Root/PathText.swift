/// Paths as the kernel takes them: bytes, absolute from the root's view, NUL at the end.
enum PathText {
  private static let slash = UInt8(ascii: "/")

  /// `path`, behind `workingDirectory` when it is relative, with NUL at the end.
  ///
  /// Empty: ENOENT. NUL inside: EINVAL. Over ``RootDirectory/maximumPathBytes``: ENAMETOOLONG, as the kernel says before it
  /// looks at anything.
  static func terminated(_ path: [UInt8], in workingDirectory: [UInt8]) throws(FileError) -> [UInt8] {
    guard !path.isEmpty else { throw .notFound }
    try check(path)
    var text = absolute(path, in: workingDirectory)
    guard text.count <= RootDirectory.maximumPathBytes else { throw .tooLong }
    text.append(0)
    return text
  }

  /// A text that is stored and not looked up, with NUL at the end.
  static func terminated(target: [UInt8]) throws(FileError) -> [UInt8] {
    guard !target.isEmpty else { throw .notFound }
    try check(target)
    return target + [0]
  }

  /// The kernel's own limits on a path that is not empty.
  static func check(_ path: [UInt8]) throws(FileError) {
    guard path.count <= RootDirectory.maximumPathBytes else { throw .tooLong }
    guard !path.contains(0) else { throw .invalid }
  }

  /// `path`, behind `workingDirectory` when it is relative. By text only.
  static func absolute(_ path: [UInt8], in workingDirectory: [UInt8]) -> [UInt8] {
    guard path.first != slash else { return path }
    var text = workingDirectory
    text.reserveCapacity(text.count + path.count + 2)
    if text.last != slash { text.append(slash) }
    text += path
    return text
  }

  /// Where the last component of a text from ``terminated(_:in:)`` begins. The slashes behind it belong to it: what they
  /// mean is for the call that takes the name to say. A path of slashes alone is its own last component.
  static func lastComponent(of text: [UInt8]) -> Int {
    var index = text.count - 1
    while index > 0 && text[index - 1] == slash { index -= 1 }
    guard index > 0 else { return 0 }
    while index > 0 && text[index - 1] != slash { index -= 1 }
    return index
  }
}
