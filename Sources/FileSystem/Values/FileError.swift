import CFileSystem
import Glibc

/// A call on files that failed. With `/` as the root, `number` is what the plain call on the same path gives.
public struct FileError: Error, Hashable, Sendable {
  /// The errno, above 0.
  public let number: Int32

  /// A failure with this errno.
  public init(number: Int32) {
    self.number = number
  }

  /// ENOENT.
  public static let notFound = FileError(number: ENOENT)
  /// EEXIST.
  public static let exists = FileError(number: EEXIST)
  /// EINVAL.
  public static let invalid = FileError(number: EINVAL)
  /// ENAMETOOLONG.
  public static let tooLong = FileError(number: ENAMETOOLONG)
  /// EBADF: closed already.
  public static let badDescriptor = FileError(number: EBADF)
  /// ENOSYS: from ``RootDirectory/init(path:workingDirectory:)``, a kernel before Linux 5.6, or one whose container hides
  /// openat2.
  public static let notSupported = FileError(number: ENOSYS)

  /// What sftp version 3 can say of a failure (draft-ietf-secsh-filexfer-02, section 7).
  public enum Condition: Hashable, Sendable, CaseIterable {
    /// SSH_FX_NO_SUCH_FILE.
    case noSuchFile
    /// SSH_FX_PERMISSION_DENIED.
    case permissionDenied
    /// SSH_FX_BAD_MESSAGE.
    case badMessage
    /// SSH_FX_OP_UNSUPPORTED.
    case unsupported
    /// SSH_FX_FAILURE.
    case failure
  }

  /// The status OpenSSH's sftp-server answers this errno with; observed with version 9.2.
  public var condition: Condition {
    switch number {
    case ENOENT, ENOTDIR, EBADF, ELOOP: .noSuchFile
    case EPERM, EACCES, EFAULT: .permissionDenied
    case ENAMETOOLONG, EINVAL: .badMessage
    case ENOSYS: .unsupported
    default: .failure
    }
  }

  /// For people and logs: "no such file or directory (ENOENT)".
  public var text: String {
    guard let description = unsafe fixline_fs_error_text(number), let name = unsafe fixline_fs_error_name(number) else {
      return "error \(number)"
    }
    let sentence = unsafe String(cString: description)
    return unsafe sentence.prefix(1).lowercased() + sentence.dropFirst() + " (\(String(cString: name)))"
  }

  /// The outcome of a call that returns the negative errno when it fails.
  static func check(_ outcome: some BinaryInteger) throws(FileError) -> Int {
    guard outcome >= 0 else { throw FileError(number: Int32(truncatingIfNeeded: -Int64(outcome))) }
    return Int(outcome)
  }

  /// Whether a call that returns nothing but the negative errno has succeeded.
  static func confirm(_ outcome: CInt) throws(FileError) {
    guard outcome >= 0 else { throw FileError(number: -outcome) }
  }
}
