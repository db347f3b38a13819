import struct NIOCore.ByteBuffer

/// A request whose fields are read. Handles are nil when they have not the form of ours.
enum SFTPRequest: Hashable {
  case open(path: [UInt8], OpenMode, FileAttributes)
  case close(UInt32?)
  case read(UInt32?, offset: UInt64, bytes: UInt32)
  case write(UInt32?, offset: UInt64, data: [ByteBuffer], bytes: Int)
  case status(path: [UInt8], followsLinks: Bool)
  case handleStatus(UInt32?)
  case setStatus(path: [UInt8], FileAttributes, followsLinks: Bool)
  case setHandleStatus(UInt32?, FileAttributes)
  case openDirectory(path: [UInt8])
  case readDirectory(UInt32?)
  case remove(path: [UInt8])
  case makeDirectory(path: [UInt8], FileAttributes)
  case removeDirectory(path: [UInt8])
  case realPath(path: [UInt8], expandsHome: Bool)
  case rename(path: [UInt8], to: [UInt8], replaces: Bool)
  case readLink(path: [UInt8])
  case symlink(target: [UInt8], path: [UInt8])
  case link(path: [UInt8], to: [UInt8])
  case volume(path: [UInt8])
  case handleVolume(UInt32?)
  case sync(UInt32?)
  case limits
  case copy(from: UInt32?, offset: UInt64, bytes: UInt64, to: UInt32?, targetOffset: UInt64)
  case homeDirectory(user: [UInt8])
  case accountNames(users: [UInt32], groups: [UInt32])
}

/// What a packet is.
enum ReadPacket: Hashable {
  case initialise(clientVersion: UInt32)
  case request(UInt32, SFTPRequest)
  /// By the rules, before its fields are read.
  case denied(UInt32)
  /// An extension this server does not have.
  case unknownExtension(UInt32)
  /// A type this server does not have: sftp-server gives no answer.
  case unknownType
}

extension ReadPacket {
  /// Reads a packet's fields. More bytes than the fields need are no fault.
  init(_ packet: SFTPPacket, rules: FileRules, isInitialised: Bool) throws(SFTPFault) {
    var fields = FieldReader(type: packet.type, packet.body)
    let type = PacketType(rawValue: packet.type)
    if type == .initialise {
      self = .initialise(clientVersion: try fields.uint32())
      return
    }
    guard isInitialised else { throw .beforeInit(type: packet.type) }
    let number = try fields.uint32()
    guard let type else {
      self = .unknownType
      return
    }
    guard rules.allows(type) else {
      self = .denied(number)
      return
    }
    switch type {
    case .extended:
      let name = try fields.text()
      guard let known = SFTPExtension.allCases.first(where: { name.elementsEqual($0.rawValue.utf8) }) else {
        self = .unknownExtension(number)
        return
      }
      guard rules.allows(known) else {
        self = .denied(number)
        return
      }
      self = .request(number, try SFTPRequest(known, &fields))
    case .write:
      self = .request(number, try SFTPRequest(writing: &fields, tail: packet.tail))
    case .initialise, .version, .statusReply, .handleReply, .dataReply, .nameReply, .attributesReply, .extendedReply:
      self = .unknownType
    case .open, .close, .read, .linkStatus, .handleStatus, .setStatus, .setHandleStatus, .openDirectory,
      .readDirectory, .remove, .makeDirectory, .removeDirectory, .realPath, .status, .rename, .readLink, .symlink:
      guard let request = try SFTPRequest(type, &fields) else {
        self = .unknownType
        return
      }
      self = .request(number, request)
    }
  }
}

extension SFTPRequest {
  /// A request of the draft, section 6. Nil for the types that are none, or are read elsewhere.
  init?(_ type: PacketType, _ fields: inout FieldReader) throws(SFTPFault) {
    switch type {
    case .open:
      let path = try fields.text()
      let mode = OpenMode(rawValue: try fields.uint32())
      self = .open(path: path, mode, try fields.attributes())
    case .close: self = .close(try fields.handle())
    case .read:
      let handle = try fields.handle()
      let offset = try fields.uint64()
      self = .read(handle, offset: offset, bytes: try fields.uint32())
    case .linkStatus: self = .status(path: try fields.text(), followsLinks: false)
    case .status: self = .status(path: try fields.text(), followsLinks: true)
    case .handleStatus: self = .handleStatus(try fields.handle())
    case .setStatus:
      let path = try fields.text()
      self = .setStatus(path: path, try fields.attributes(), followsLinks: true)
    case .setHandleStatus:
      let handle = try fields.handle()
      self = .setHandleStatus(handle, try fields.attributes())
    case .openDirectory: self = .openDirectory(path: try fields.text())
    case .readDirectory: self = .readDirectory(try fields.handle())
    case .remove: self = .remove(path: try fields.text())
    case .makeDirectory:
      let path = try fields.text()
      self = .makeDirectory(path: path, try fields.attributes())
    case .removeDirectory: self = .removeDirectory(path: try fields.text())
    case .realPath: self = .realPath(path: try fields.text(), expandsHome: false)
    case .rename:
      let path = try fields.text()
      self = .rename(path: path, to: try fields.text(), replaces: false)
    case .readLink: self = .readLink(path: try fields.text())
    case .symlink:
      // OpenSSH's order, which all clients follow: the draft has the link first (OpenSSH's PROTOCOL section 4.1).
      let target = try fields.text()
      self = .symlink(target: target, path: try fields.text())
    case .initialise, .version, .write, .statusReply, .handleReply, .dataReply, .nameReply, .attributesReply, .extended,
      .extendedReply:
      return nil
    }
  }

  /// A WRITE, whose data may go on in further pieces.
  init(writing fields: inout FieldReader, tail: [ByteBuffer]) throws(SFTPFault) {
    let handle = try fields.handle()
    let offset = try fields.uint64()
    let length = Int(try fields.uint32())
    var data: [ByteBuffer] = []
    data.reserveCapacity(1 + tail.count)
    var left = length
    for piece in [fields.rest] + tail where left > 0 {
      guard let part = piece.getSlice(at: piece.readerIndex, length: min(left, piece.readableBytes)) else { continue }
      left -= part.readableBytes
      if part.readableBytes > 0 { data.append(part) }
    }
    if left > 0 { throw .truncated(type: fields.type) }
    self = .write(handle, offset: offset, data: data, bytes: length)
  }

  /// A request of OpenSSH's PROTOCOL, section 4, or of the drafts it names.
  init(_ known: SFTPExtension, _ fields: inout FieldReader) throws(SFTPFault) {
    switch known {
    case .posixRename:
      let path = try fields.text()
      self = .rename(path: path, to: try fields.text(), replaces: true)
    case .volume: self = .volume(path: try fields.text())
    case .handleVolume: self = .handleVolume(try fields.handle())
    case .hardLink:
      let path = try fields.text()
      self = .link(path: path, to: try fields.text())
    case .sync: self = .sync(try fields.handle())
    case .setLinkStatus:
      let path = try fields.text()
      self = .setStatus(path: path, try fields.attributes(), followsLinks: false)
    case .limits: self = .limits
    case .expandPath: self = .realPath(path: try fields.text(), expandsHome: true)
    case .copyData:
      let from = try fields.handle()
      let offset = try fields.uint64()
      let bytes = try fields.uint64()
      let to = try fields.handle()
      self = .copy(from: from, offset: offset, bytes: bytes, to: to, targetOffset: try fields.uint64())
    case .homeDirectory: self = .homeDirectory(user: try fields.text())
    case .accountNames:
      let users = try Self.numbers(in: try fields.string(), type: fields.type)
      self = .accountNames(users: users, groups: try Self.numbers(in: try fields.string(), type: fields.type))
    }
  }

  private static func numbers(in bytes: ByteBuffer, type: UInt8) throws(SFTPFault) -> [UInt32] {
    var fields = FieldReader(type: type, bytes)
    var numbers: [UInt32] = []
    numbers.reserveCapacity(bytes.readableBytes / 4)
    while fields.rest.readableBytes > 0 { numbers.append(try fields.uint32()) }
    return numbers
  }
}
