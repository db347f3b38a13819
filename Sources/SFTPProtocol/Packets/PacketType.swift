/// Types of packets (draft-ietf-secsh-filexfer-02 section 3).
enum PacketType: UInt8 {
  case initialise = 1
  case version = 2
  case open = 3
  case close = 4
  case read = 5
  case write = 6
  case linkStatus = 7
  case handleStatus = 8
  case setStatus = 9
  case setHandleStatus = 10
  case openDirectory = 11
  case readDirectory = 12
  case remove = 13
  case makeDirectory = 14
  case removeDirectory = 15
  case realPath = 16
  case status = 17
  case rename = 18
  case readLink = 19
  case symlink = 20
  case statusReply = 101
  case handleReply = 102
  case dataReply = 103
  case nameReply = 104
  case attributesReply = 105
  case extended = 200
  case extendedReply = 201
}

extension PacketType {
  /// As the draft names it, without its prefix: for texts.
  static func name(of raw: UInt8) -> String {
    guard let type = PacketType(rawValue: raw) else { return "type \(raw)" }
    return switch type {
    case .initialise: "INIT"
    case .version: "VERSION"
    case .open: "OPEN"
    case .close: "CLOSE"
    case .read: "READ"
    case .write: "WRITE"
    case .linkStatus: "LSTAT"
    case .handleStatus: "FSTAT"
    case .setStatus: "SETSTAT"
    case .setHandleStatus: "FSETSTAT"
    case .openDirectory: "OPENDIR"
    case .readDirectory: "READDIR"
    case .remove: "REMOVE"
    case .makeDirectory: "MKDIR"
    case .removeDirectory: "RMDIR"
    case .realPath: "REALPATH"
    case .status: "STAT"
    case .rename: "RENAME"
    case .readLink: "READLINK"
    case .symlink: "SYMLINK"
    case .statusReply: "STATUS"
    case .handleReply: "HANDLE"
    case .dataReply: "DATA"
    case .nameReply: "NAME"
    case .attributesReply: "ATTRS"
    case .extended: "EXTENDED"
    case .extendedReply: "EXTENDED_REPLY"
    }
  }
}
