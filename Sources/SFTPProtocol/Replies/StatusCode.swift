/// How a request ended (draft section 7), with sftp-server's texts.
public enum StatusCode: UInt32, Hashable, Sendable, CaseIterable {
  /// SSH_FX_OK.
  case ok = 0
  /// SSH_FX_EOF.
  case endOfFile = 1
  /// SSH_FX_NO_SUCH_FILE.
  case noSuchFile = 2
  /// SSH_FX_PERMISSION_DENIED.
  case permissionDenied = 3
  /// SSH_FX_FAILURE.
  case failure = 4
  /// SSH_FX_BAD_MESSAGE.
  case badMessage = 5
  /// SSH_FX_OP_UNSUPPORTED.
  case unsupported = 8

  /// The text sftp-server sends with it.
  public var text: String {
    switch self {
    case .ok: "Success"
    case .endOfFile: "End of file"
    case .noSuchFile: "No such file"
    case .permissionDenied: "Permission denied"
    case .failure: "Failure"
    case .badMessage: "Bad message"
    case .unsupported: "Operation unsupported"
    }
  }
}
