public import struct NIOCore.ByteBuffer

/// The answer to READDIR while it grows: NAME with up to ``SFTPLimits/entriesPerListing`` names.
public struct ListingReply {
  private let writer: ReplyWriter
  private let request: UInt32
  private var reply = ByteBuffer()
  /// How many names it has.
  public private(set) var count: UInt32 = 0

  /// An answer without a name yet.
  public init(writer: ReplyWriter, request: UInt32) {
    self.writer = writer
    self.request = request
    reply.reserveCapacity(16 * 1024)
    ReplyWriter.begin(.nameReply, of: request, length: 0, in: &reply)
    reply.writeInteger(UInt32(0))
  }

  /// One more name.
  public mutating func append(name: [UInt8], longName: [UInt8], attributes: FileAttributes) {
    ReplyWriter.append(name, to: &reply)
    ReplyWriter.append(longName, to: &reply)
    ReplyWriter.append(attributes, to: &reply)
    count += 1
  }

  /// The finished packet; a listing without names is the end of the directory.
  public consuming func finish() -> ByteBuffer {
    guard count > 0 else { return writer.status(.endOfFile, of: request) }
    reply.setInteger(count, at: reply.readerIndex + 9)
    ReplyWriter.finish(&reply)
    return reply
  }
}
