/// What ends a file transfer: bytes that are no packet of the protocol. OpenSSH's sftp-server exits on the same, without
/// an answer.
public enum SFTPFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A length of nothing, or over ``SFTPLimits/maximumPacketBytes``.
  case length(UInt32)
  /// The packet is shorter than its fields say.
  case truncated(type: UInt8)
  /// A text with a NUL inside, where C would see its end.
  case textWithNUL(type: UInt8)
  /// Another packet came before INIT.
  case beforeInit(type: UInt8)

  /// One line for people.
  public var description: String {
    switch self {
    case .length(let bytes):
      """
      sftp: a packet of \(bytes) bytes was announced, and 1 to \(SFTPLimits.maximumPacketBytes) are possible; the file \
      transfer is ended. Does something on the machine's side print text into it, or is the client at fault?
      """
    case .truncated(let type):
      "sftp: a packet \(PacketType.name(of: type)) is shorter than its fields say; the file transfer is ended"
    case .textWithNUL(let type):
      "sftp: a packet \(PacketType.name(of: type)) has a name with a NUL byte in it; the file transfer is ended"
    case .beforeInit(let type):
      "sftp: a packet \(PacketType.name(of: type)) came before INIT; the file transfer is ended"
    }
  }

  /// What sftp-server exits with.
  public var exitStatus: UInt32 {
    switch self {
    case .length(let bytes): bytes == 0 ? 255 : 11
    case .truncated, .textWithNUL, .beforeInit: 255
    }
  }
}
