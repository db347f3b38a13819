public import struct NIOCore.ByteBuffer

/// Writes answers, byte for byte as sftp-server does. It is a value that goes with each job, so that whoever does the work
/// writes the answer too, once, in the bytes that are sent.
public struct ReplyWriter: Hashable, Sendable {
  /// What stands before the data of a DATA answer, in bytes: length, type, request, length of the data.
  public static let dataHeadBytes = 13

  /// From version 3 on a status has a text and the text's language.
  let hasStatusTexts: Bool

  /// For a client of this version.
  public init(clientVersion: UInt32) { hasStatusTexts = clientVersion >= 3 }

  /// STATUS. `text` stands for the code's own.
  public func status(_ code: StatusCode, of request: UInt32, text: String? = nil) -> ByteBuffer {
    var reply = ByteBuffer()
    append(code, of: request, text: text, to: &reply)
    return reply
  }

  /// STATUS, behind others.
  public func append(_ code: StatusCode, of request: UInt32, text: String? = nil, to replies: inout ByteBuffer) {
    let text = text ?? code.text
    let length = 1 + 4 + 4 + (hasStatusTexts ? 4 + text.utf8.count + 4 : 0)
    Self.begin(.statusReply, of: request, length: length, in: &replies)
    replies.writeInteger(code.rawValue)
    if hasStatusTexts {
      replies.writeInteger(UInt32(truncatingIfNeeded: text.utf8.count))
      replies.writeString(text)
      replies.writeInteger(UInt32(0))
    }
  }

  /// HANDLE: four bytes, the place in the table.
  func handle(_ handle: UInt32, of request: UInt32) -> ByteBuffer {
    var reply = ByteBuffer()
    Self.begin(.handleReply, of: request, length: 1 + 4 + 4 + 4, in: &reply)
    reply.writeInteger(UInt32(4))
    reply.writeInteger(handle)
    return reply
  }

  /// ATTRS.
  public func attributes(_ attributes: FileAttributes, of request: UInt32) -> ByteBuffer {
    var reply = ByteBuffer()
    Self.begin(.attributesReply, of: request, length: 0, in: &reply)
    Self.append(attributes, to: &reply)
    Self.finish(&reply)
    return reply
  }

  /// NAME with one name that is its own long name and has no attributes: REALPATH, READLINK and their like.
  public func name(_ name: [UInt8], of request: UInt32) -> ByteBuffer {
    var reply = ByteBuffer()
    Self.begin(.nameReply, of: request, length: 0, in: &reply)
    reply.writeInteger(UInt32(1))
    Self.append(name, to: &reply)
    Self.append(name, to: &reply)
    Self.append(FileAttributes(), to: &reply)
    Self.finish(&reply)
    return reply
  }

  /// EXTENDED_REPLY of numbers: statvfs and limits.
  public func numbers(_ numbers: [UInt64], of request: UInt32) -> ByteBuffer {
    var reply = ByteBuffer()
    Self.begin(.extendedReply, of: request, length: 1 + 4 + 8 * numbers.count, in: &reply)
    for number in numbers { reply.writeInteger(number) }
    return reply
  }

  /// EXTENDED_REPLY of users-groups-by-id: two strings that hold strings; nothing for an unknown number.
  public func accountNames(users: [[UInt8]], groups: [[UInt8]], of request: UInt32) -> ByteBuffer {
    var reply = ByteBuffer()
    Self.begin(.extendedReply, of: request, length: 0, in: &reply)
    for names in [users, groups] {
      reply.writeInteger(UInt32(truncatingIfNeeded: names.reduce(0) { $0 + 4 + $1.count }))
      for name in names { Self.append(name, to: &reply) }
    }
    Self.finish(&reply)
    return reply
  }

  /// The head of a DATA answer, with a length of data still to be said: room for `bytes` of data is behind it.
  public func beginData(of request: UInt32, bytes: Int) -> ByteBuffer {
    var reply = ByteBuffer()
    reply.reserveCapacity(Self.dataHeadBytes + bytes)
    Self.begin(.dataReply, of: request, length: 0, in: &reply)
    reply.writeInteger(UInt32(0))
    return reply
  }

  /// Says in the head how much data was appended.
  public func finishData(_ reply: inout ByteBuffer) {
    let start = reply.readerIndex
    let bytes = max(0, reply.readableBytes - Self.dataHeadBytes)
    reply.setInteger(UInt32(truncatingIfNeeded: bytes), at: start + Self.dataHeadBytes - 4)
    Self.finish(&reply)
  }

  /// VERSION (draft section 4; OpenSSH's PROTOCOL section 4): the answer to INIT, whatever version that asks for.
  static func version(rules: FileRules) -> ByteBuffer {
    var reply = ByteBuffer()
    reply.writeInteger(UInt32(0))
    reply.writeInteger(PacketType.version.rawValue)
    reply.writeInteger(SFTPLimits.protocolVersion)
    for known in SFTPExtension.allCases where rules.allows(known) {
      append(Array(known.rawValue.utf8), to: &reply)
      append(Array(known.version.utf8), to: &reply)
    }
    finish(&reply)
    return reply
  }

  static func begin(_ type: PacketType, of request: UInt32, length: Int, in reply: inout ByteBuffer) {
    reply.writeInteger(UInt32(truncatingIfNeeded: length))
    reply.writeInteger(type.rawValue)
    reply.writeInteger(request)
  }

  /// Sets the length of the one packet that `reply` holds.
  static func finish(_ reply: inout ByteBuffer) {
    reply.setInteger(UInt32(truncatingIfNeeded: reply.readableBytes - 4), at: reply.readerIndex)
  }

  static func append(_ bytes: [UInt8], to reply: inout ByteBuffer) {
    reply.writeInteger(UInt32(truncatingIfNeeded: bytes.count))
    reply.writeBytes(bytes)
  }

  static func append(_ attributes: FileAttributes, to reply: inout ByteBuffer) {
    reply.writeInteger(attributes.flags)
    if let size = attributes.sizeBytes { reply.writeInteger(size) }
    if let owner = attributes.owner {
      reply.writeInteger(owner.userID)
      reply.writeInteger(owner.groupID)
    }
    if let mode = attributes.mode { reply.writeInteger(mode) }
    if let times = attributes.times {
      reply.writeInteger(times.accessedSeconds)
      reply.writeInteger(times.modifiedSeconds)
    }
  }
}
