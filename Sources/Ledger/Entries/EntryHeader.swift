public import SessionModel

/// The part of an entry that is hashed and chained, and never erased. Its bytes are laid out in the front page of this
/// module; what an entry says stands in its payload, of which the header carries only a salted hash.
public struct EntryHeader: Hashable, Sendable {
  /// The only layout there is so far.
  public static let version: UInt16 = 1
  /// Bytes of a header without a session.
  public static let fixedLength = 87
  /// Longest header that is read at all, in bytes; leaves room for later versions.
  public static let maximumLength = 1024

  /// The entry's place, from 1, without gaps.
  public let sequence: UInt64
  /// What is recorded.
  public let kind: EntryKind
  /// The session it belongs to; nil for what concerns the relay as a whole.
  public let session: SessionID?
  /// When the writer's wall clock said it happened. For people: no bill is made from differences of these.
  public let time: WallTime
  /// The hash of the entry before this one; of the first entry, the ledger's genesis hash.
  public let previousHash: Fingerprint
  /// SHA-256 of the payload's salt followed by its UTF-8 text.
  public let payloadHash: Fingerprint

  /// All of it, by hand.
  public init(
    sequence: UInt64, kind: EntryKind, session: SessionID?, time: WallTime, previousHash: Fingerprint,
    payloadHash: Fingerprint
  ) {
    self.sequence = sequence
    self.kind = kind
    self.session = session
    self.time = time
    self.previousHash = previousHash
    self.payloadHash = payloadHash
  }

  /// The bytes that are stored and hashed.
  public var encoded: [UInt8] {
    let name = session.map { Array($0.rawValue.utf8) } ?? []
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.fixedLength + name.count)
    bytes.append(bigEndian: Self.version)
    bytes.append(bigEndian: UInt16(Self.fixedLength - 4 + name.count))
    bytes.append(bigEndian: sequence)
    bytes.append(bigEndian: kind.rawValue)
    bytes.append(bigEndian: time.milliseconds)
    bytes += previousHash.bytes
    bytes += payloadHash.bytes
    bytes.append(UInt8(name.count))
    bytes += name
    return bytes
  }

  /// Reads exactly one header; `bytes` must hold nothing else.
  public init(decoding bytes: [UInt8]) throws(HeaderError) {
    var reader = ByteReader(bytes)
    guard let version: UInt16 = reader.next(), let length: UInt16 = reader.next() else { throw .truncated }
    guard version == Self.version else { throw .unknownVersion(version) }
    guard Int(length) == bytes.count - 4 else { throw .wrongLength(stated: Int(length) + 4, found: bytes.count) }
    guard let sequence: UInt64 = reader.next(), let kind: UInt16 = reader.next(), let time: Int64 = reader.next(),
      let previous = reader.next(count: Fingerprint.length).flatMap({ Fingerprint($0) }),
      let payload = reader.next(count: Fingerprint.length).flatMap({ Fingerprint($0) }),
      let nameLength: UInt8 = reader.next(), let name = reader.next(count: Int(nameLength))
    else { throw .truncated }
    guard reader.isAtEnd else { throw .wrongLength(stated: Self.fixedLength + Int(nameLength), found: bytes.count) }
    self.sequence = sequence
    self.kind = EntryKind(rawValue: kind)
    self.time = WallTime(milliseconds: time)
    guard self.time.milliseconds == time else { throw .badTime }
    previousHash = previous
    payloadHash = payload
    if name.isEmpty {
      session = nil
    } else {
      guard let id = SessionID(String(decoding: name, as: UTF8.self)) else { throw .badSession }
      session = id
    }
  }
}

/// Why bytes are not a header.
public enum HeaderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// They end before the header does.
  case truncated
  /// A program newer than this one wrote them.
  case unknownVersion(UInt16)
  /// Their number is not the one stated.
  case wrongLength(stated: Int, found: Int)
  /// The session's name is not one.
  case badSession
  /// The time lies outside the years 0000 to 9999.
  case badTime

  /// One line.
  public var description: String {
    switch self {
    case .truncated: "the header ends too early"
    case .unknownVersion(let version): "the header has version \(version); this program reads version 1"
    case .wrongLength(let stated, let found): "the header states \(stated) bytes and has \(found)"
    case .badSession: "the header's session is not a session's name"
    case .badTime: "the header's time is outside the years 0000 to 9999"
    }
  }
}
