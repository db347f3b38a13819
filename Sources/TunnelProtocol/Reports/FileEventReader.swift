public import SessionModel
public import struct NIOCore.ByteBuffer

/// Puts a stream's ``Lane/report`` bytes together to file events, however frames cut them. Holds less than one event.
///
/// ```
///   reading ──a malformed event, a gap in the numbers──▶ (throws; the stream is to be ended)
/// ```
public struct FileEventReader: Sendable {
  /// What was wrong with a report.
  public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// An event that does not have its form.
    case malformed(Malformation)
    /// Events are missing, or came twice.
    case misnumbered(UInt64, expected: UInt64)

    /// A few words for people.
    public var description: String {
      switch self {
      case .malformed(let malformation): "a report of file work is malformed: \(malformation)"
      case .misnumbered(let number, let expected): "report \(number) of file work came where \(expected) was due"
      }
    }
  }

  private var rest = ByteBuffer()
  private var nextNumber: UInt64 = 1

  /// Starts with number 1.
  public init() {}

  /// Takes bytes of the lane; the events that are complete now. Kinds this build does not know are counted and left out.
  public mutating func read(_ bytes: ByteBuffer) throws(Fault) -> [FileEvent] {
    if rest.readableBytes == 0 { rest = bytes } else { rest.writeImmutableBuffer(bytes) }
    var events: [FileEvent] = []
    while let body = try nextBody() {
      guard let number = body.getInteger(at: body.readerIndex, as: UInt64.self) else {
        throw .malformed(.truncated(field: "number"))
      }
      guard number == nextNumber else { throw .misnumbered(number, expected: nextNumber) }
      nextNumber &+= 1
      do throws(Malformation) {
        if let event = try FileEvent.decode(body) { events.append(event) }
      } catch {
        throw .malformed(error)
      }
    }
    // A slice of a frame would keep all of it.
    rest = rest.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: rest.readableBytesView)
    return events
  }

  private mutating func nextBody() throws(Fault) -> ByteBuffer? {
    guard let length = rest.getInteger(at: rest.readerIndex, as: UInt16.self).map(Int.init) else { return nil }
    if length > FileEvent.maximumEncodedBytes { throw .malformed(.tooLong(field: "event")) }
    guard rest.readableBytes >= 2 + length else { return nil }
    rest.moveReaderIndex(forwardBy: 2)
    return rest.readSlice(length: length)
  }
}
