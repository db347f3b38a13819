/// The sftp subsystem on the input and output of `ssh -s`: packets as the test makes them
/// (draft-ietf-secsh-filexfer-02).
final class RawSftp {
  /// What packets are made of.
  enum Field {
    case byte(UInt8)
    case number(UInt32)
    case long(UInt64)
    case text([UInt8])

    static func text(_ text: String) -> Field { .text(Array(text.utf8)) }

    var bytes: [UInt8] {
      switch self {
      case .byte(let value): [value]
      case .number(let value): (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
      case .long(let value): (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
      case .text(let bytes): Field.number(UInt32(bytes.count)).bytes + bytes
      }
    }
  }

  /// Requests the tests make.
  enum Kind: UInt8 {
    case initialise = 1, open = 3, close, read, write, linkStatus, handleStatus
    case openDirectory = 11, readDirectory, remove, makeDirectory
    case realPath = 16, status
  }

  /// An answer.
  struct Reply {
    let kind: UInt8
    let number: UInt32
    let body: [UInt8]

    /// The code of a STATUS.
    var status: UInt32? { kind == 101 ? value(at: 0) : nil }
    /// What a HANDLE or a DATA brings.
    var text: [UInt8]? { kind == 102 || kind == 103 ? Array(body.dropFirst(4)) : nil }
    /// The first name of a NAME.
    var name: String? {
      guard kind == 104, body.count >= 8 else { return nil }
      return String(decoding: body.dropFirst(8).prefix(Int(value(at: 4))), as: UTF8.self)
    }

    private func value(at offset: Int) -> UInt32 {
      body.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  let child: Child
  private var consumed = 0
  private var last: UInt32 = 0

  /// Starts it; with `greeted`, INIT has been answered.
  init(_ shop: Shop, _ technician: Technician, _ user: String, options: [String] = [], greeted: Bool = true) throws {
    child = shop.adopt(try technician.start(user, ["sftp"], options: options + ["-s"], input: .pipe))
    guard greeted else { return }
    try send(.initialise, [.number(3)])
    let version = try packet()
    guard version.first == 2 else { throw Failure("no VERSION but \(version)") }
  }

  /// Sends bytes, whatever they are.
  func send(_ bytes: [UInt8]) throws { try child.write(bytes) }

  /// A packet with a true length.
  static func packet(_ kind: UInt8, _ fields: [Field]) -> [UInt8] {
    let body = [kind] + fields.flatMap(\.bytes)
    return Field.number(UInt32(body.count)).bytes + body
  }

  /// Sends a packet.
  func send(_ kind: Kind, _ fields: [Field]) throws { try send(Self.packet(kind.rawValue, fields)) }

  /// The next packet without its length, once it is there.
  func packet(within limit: Duration = .seconds(20)) throws -> [UInt8] {
    var found: [UInt8]?
    try waitUntil("a packet of sftp", within: limit, seen: { self.child.seen }) {
      let bytes = child.output.bytes
      if bytes.count - consumed >= 4 {
        let length = bytes[consumed..<consumed + 4].reduce(0) { $0 << 8 | Int($1) }
        if bytes.count - consumed - 4 >= length {
          found = Array(bytes[(consumed + 4)..<(consumed + 4 + length)])
          consumed += 4 + length
          return true
        }
      }
      if child.exit != nil, child.output.ended { throw Failure("sftp ended: \(child.seen)") }
      return false
    }
    return try unwrap(found)
  }

  /// The next answer, once it is there.
  func reply(within limit: Duration = .seconds(20)) throws -> Reply {
    let bytes = try packet(within: limit)
    guard bytes.count >= 5 else { throw Failure("an answer of \(bytes.count) bytes") }
    return Reply(
      kind: bytes[0], number: bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) }, body: Array(bytes.dropFirst(5)))
  }

  /// Asks, and gives the answer; anything else that answers is an error.
  func ask(_ kind: UInt8, _ fields: [Field]) throws -> Reply {
    last += 1
    try send(Self.packet(kind, [.number(last)] + fields))
    let reply = try reply()
    guard reply.number == last else { throw Failure("answer \(reply.number) to request \(last)") }
    return reply
  }

  /// Asks, and gives the answer.
  func ask(_ kind: Kind, _ fields: [Field]) throws -> Reply { try ask(kind.rawValue, fields) }

  /// Opens a file with `flags` (1 read, 2 write, 8 create) and gives its handle.
  func open(_ path: String, flags: UInt32 = 1) throws -> [UInt8] {
    let reply = try ask(.open, [.text(path), .number(flags), .number(0)])
    guard let handle = reply.text else { throw Failure("\(path) not opened: status \(reply.status ?? 0)") }
    return handle
  }

  /// Ends it in order.
  func finish() throws -> Exit {
    child.endInput()
    return try child.wait()
  }
}
