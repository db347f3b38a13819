internal import Glibc

/// Looks users up.
enum PasswordFile {
  struct Entry: Hashable {
    let user: String
    let home: String
    let shell: String
  }

  /// A larger file is not looked at further, in bytes.
  static let maximumBytes = 4 * 1024 * 1024
  /// Room for one entry of the name service, in bytes.
  static let maximumEntryBytes = 64 * 1024

  /// The first line for `uid` in a file of the form of passwd(5).
  static func entry(uid: UInt32, path: String) -> Entry? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while contents.count < maximumBytes {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      contents.append(contentsOf: buffer[..<count])
    }
    return entry(uid: uid, in: contents)
  }

  /// `name:password:uid:gid:comment:home:shell`; lines of another form are passed over.
  static func entry(uid: UInt32, in contents: [UInt8]) -> Entry? {
    for line in contents.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count == 7, !fields[0].isEmpty, UInt32(String(decoding: fields[2], as: UTF8.self)) == uid
      else { continue }
      return Entry(
        user: String(decoding: fields[0], as: UTF8.self), home: String(decoding: fields[5], as: UTF8.self),
        shell: String(decoding: fields[6], as: UTF8.self))
    }
    return nil
  }

  /// What the system's name service says.
  static func entryFromNameService(uid: UInt32) -> Entry? {
    var buffer = [CChar](repeating: 0, count: maximumEntryBytes)
    return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      var record = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let room = buffer.baseAddress else { return nil }
      let status = unsafe getpwuid_r(uid, &record, room, buffer.count, &found)
      guard status == 0, unsafe found != nil else { return nil }
      return unsafe Entry(user: text(record.pw_name), home: text(record.pw_dir), shell: text(record.pw_shell))
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    guard let pointer = unsafe pointer else { return "" }
    return unsafe String(cString: pointer)
  }
}
