import NIOCore

/// The requests that are compared, in sections.
enum ConformanceTable {
  typealias Field = SFTPWire.Field

  static let sections: [ConformanceSection] =
    [
      ConformanceSection(name: "looking", requests: looking),
      ConformanceSection(name: "files", requests: files),
      ConformanceSection(name: "open flags", requests: openFlags),
      ConformanceSection(name: "handles", requests: handles),
      ConformanceSection(name: "directories", requests: directories),
      ConformanceSection(name: "attributes", requests: attributes),
      ConformanceSection(name: "names", requests: names),
      ConformanceSection(name: "extensions", requests: extensions),
      ConformanceSection(name: "copies", requests: copies),
      ConformanceSection(name: "devices", requests: devices),
      ConformanceSection(name: "as nobody", user: .nobody, requests: asNobody),
      ConformanceSection(
        name: "read-only", referenceOptions: ["-R"], probeOptions: ["--read-only"], requests: readOnly),
      ConformanceSection(name: "client of version 2", clientVersion: 2, requests: oldClient),
      ConformanceSection(name: "client of version 9", clientVersion: 9, requests: oldClient),
    ] + unanswered + faults

  static func ask(_ name: String, _ type: UInt8, _ fields: Field...) -> ConformanceRequest {
    ConformanceRequest(name: name, bytes: SFTPWire.packet(type, [.u32(number(name))] + fields))
  }

  static func extended(_ name: String, _ request: String, _ fields: Field...) -> ConformanceRequest {
    ConformanceRequest(
      name: name, bytes: SFTPWire.packet(200, [.u32(number(name)), .text(request)] + fields))
  }

  /// Any number will do; this one is told apart from others.
  private static func number(_ name: String) -> UInt32 {
    name.utf8.reduce(5381) { ($0 &* 33) ^ UInt32($1) }
  }

  /// Types that get no answer.
  static let unanswered: [ConformanceSection] = [
    unanswered("unknown type", SFTPWire.packet(99, .u32(1))),
    unanswered("a reply", SFTPWire.packet(101, .u32(1), .u32(0))),
    unanswered("VERSION", SFTPWire.packet(2, .u32(3))),
  ]

  private static func unanswered(_ name: String, _ bytes: ByteBuffer) -> ConformanceSection {
    ConformanceSection(
      name: name,
      requests: [ask("before", 17, .text("a")), ConformanceRequest(name: name, bytes: bytes, isAnswered: false)])
  }

  /// INIT and one packet that ends the server.
  static let faults: [ConformanceSection] = [
    fault("path longer than its packet", [0, 0, 0, 9, 17, 0, 0, 0, 1, 0, 0, 0, 9]),
    fault("no number", [0, 0, 0, 3, 17, 0, 0]),
    fault("NUL in a path", Array(SFTPWire.packet(17, .u32(1), .text("a\0b")).readableBytesView)),
    fault("length over 256 KiB", [0, 4, 0, 1, 17]),
    fault("length of 4 GiB", [0xff, 0xff, 0xff, 0xff, 17]),
    fault("length of nothing", [0, 0, 0, 0, 17, 0, 0, 0, 1]),
    fault("READ cut short", Array(SFTPWire.packet(5, .u32(1), .handle(0), .u32(0)).readableBytesView)),
    fault(
      "attributes cut short", Array(SFTPWire.packet(9, .u32(1), .text("a"), .u32(0xf), .u32(0)).readableBytesView)),
    fault(
      "extended attributes that lie",
      Array(SFTPWire.packet(9, .u32(1), .text("a"), .u32(0x8000_0000), .u32(0xffff_ffff)).readableBytesView)),
    fault(
      "numbers of users cut short",
      Array(SFTPWire.extended(1, "users-groups-by-id@openssh.com", .bytes([0, 0]), .bytes([])).readableBytesView)),
    fault("unknown type without number", [0, 0, 0, 2, 99, 1]),
  ]

  private static func fault(_ name: String, _ bytes: [UInt8]) -> ConformanceSection {
    ConformanceSection(
      name: name,
      requests: [
        ask("before", 17, .text("a")), ConformanceRequest(name: name, bytes: ByteBuffer(bytes: bytes), isFatal: true),
      ])
  }
}
