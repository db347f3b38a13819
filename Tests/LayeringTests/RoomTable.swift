/// A module under Sources and what it may import. Everything else is refused, so a new edge is a decision made here.
struct Room {
  /// What a room is, which decides what of the language it may use.
  enum Layer {
    /// Values: no clock, no descriptor, no lock.
    case pure
    /// Wraps a library or the kernel; the only rooms where `unsafe` is at home.
    case adapter
    /// NIO and SQLite, reached through safe interfaces.
    case safeAdapter
    /// Agent and Relay.
    case service
    /// Parses, assembles, runs.
    case program
  }

  let name: String
  let layer: Layer
  /// Modules by name; `Module.Symbol` allows only the scoped import of that symbol.
  let imports: Set<String>

  init(_ name: String, _ layer: Layer, _ imports: Set<String> = []) {
    self.name = name
    self.layer = layer
    self.imports = imports
  }

  /// What every room of a layer may import besides its own list: the parts of the toolchain that carry no I/O of their
  /// own, and libc for those who talk to the kernel.
  var alwaysAllowed: Set<String> {
    switch layer {
    case .pure: []
    case .adapter, .safeAdapter, .service: ["Synchronization", "Glibc"]
    case .program: ["Glibc"]
    }
  }
}

/// The house: who may import whom. Imports point downward only.
enum RoomTable {
  private static let nio: Set<String> = ["NIOCore", "NIOPosix"]
  private static let pure: Set<String> = [
    "SessionModel", "Billing", "Metering", "Receipts", "Ledger", "TunnelProtocol",
  ]

  /// Every Swift room.
  static let rooms: [Room] = [
    Room("SessionModel", .pure),
    // Time zones are values of Foundation: rules that come with the program, no clock and no I/O. Only the relay links it.
    Room("Billing", .pure, ["SessionModel", "Foundation.TimeZone", "Foundation.Date"]),
    Room("Metering", .pure, ["SessionModel"]),
    Room("Receipts", .pure, ["SessionModel"]),
    Room("Ledger", .pure, ["SessionModel"]),
    // ByteBuffer is a container of bytes, a value without I/O; nothing else of NIO.
    Room("TunnelProtocol", .pure, ["SessionModel", "NIOCore.ByteBuffer"]),
    Room("SFTPProtocol", .pure, ["SessionModel", "NIOCore.ByteBuffer"]),

    Room("Mailbox", .safeAdapter),
    Room("Signing", .adapter, ["COpenSSL", "SessionModel"]),
    Room("TLSChannel", .adapter, ["COpenSSL", "Signing", "SessionModel", "NIOCore"]),
    Room("FileSystem", .adapter, ["CFileSystem", "SessionModel", "NIOCore"]),
    Room("NameLookup", .adapter, ["NIOCore"]),
    Room("PTY", .adapter, ["CGuardian", "SessionModel"]),
    Room("SSHFrontDoor", .adapter, ["CLibSSH", "Mailbox", "SessionModel", "NIOCore"]),
    Room(
      "TunnelTransport", .safeAdapter,
      nio.union(["CMemory", "TunnelProtocol", "TLSChannel", "Mailbox", "SessionModel"])),
    Room("LedgerSQLite", .safeAdapter, ["Ledger", "Signing", "SessionModel", "GRDB", "Foundation"]),

    Room(
      "Agent", .service,
      nio.union([
        "FileSystem", "Mailbox", "NameLookup", "PTY", "SFTPProtocol", "TunnelTransport", "TLSChannel", "Signing",
        "TunnelProtocol", "Metering", "Receipts", "SessionModel",
      ])),
    Room(
      "Relay", .service,
      nio.union(pure).union([
        "LedgerSQLite", "SSHFrontDoor", "TunnelTransport", "TLSChannel", "Signing", "Mailbox", "Foundation", "Dispatch",
        "Logging", "Yams",
      ])),

    // SessionModel is the vocabulary arguments are parsed into.
    Room("fixline-agent", .program, ["Agent", "SessionModel"]),
    Room("fixline-relay", .program, ["Relay", "SessionModel", "ArgumentParser"]),
    // For developers: runs the others and OpenSSH as processes, and links none of them. Rating alone is measured in
    // process: it is arithmetic, and a program around it would measure JSON.
    Room(
      "fixline-bench", .program,
      nio.union(["SessionModel", "Billing", "ArgumentParser", "Foundation", "Dispatch", "Synchronization"])),
  ]

  /// Folders that hold C and a module map: the boundary itself.
  static let cBoundary: Set<String> = ["COpenSSL", "CLibSSH", "CGuardian", "CFileSystem", "CMemory"]

  /// The program whose whole closure must stay without `heavyModules`, because it is one static file a customer downloads.
  static let smallProgram = "fixline-agent"
  /// 50 MB in a static file, against 10 MB for everything else together.
  static let heavyModules: Set<String> = [
    "Foundation", "FoundationEssentials", "FoundationNetworking", "FoundationInternationalization", "FoundationXML",
    "Dispatch", "ArgumentParser",
  ]

  /// Places outside the adapters where `unsafe` may stand, each with its reason. A folder ends with a slash.
  static let unsafeAllowed: [(place: String, reason: String)] = [
    ("Sources/TunnelTransport/Clock/BootClock.swift", "clock_gettime is the one call NIO has no safe face for"),
    ("Sources/fixline-agent/main.swift", "libc is told not to load the host's NSS modules before anything resolves"),
    ("Sources/Relay/System/", "locks the state directory and acts as its owner; flock, setuid, getpwuid"),
  ]

  /// Files that may stop the program by a precondition, each with the reason why nobody outside can bring it about.
  static let mayStop: [(place: String, reason: String)] = [
    (
      "Sources/Signing/OpenSSLLibrary.swift",
      "libcrypto has no memory or no entropy: no hash, no key, nothing to go on with"
    ),
    ("Sources/Signing/SHA256.swift", "the same"),
  ]

  /// What may stand at the repository's top, hidden files aside.
  static let topLevel: Set<String> = ["Package.swift", "README.md", "LICENSE", "certs", "systemd", "Sources", "Tests"]

  /// The room called `name`.
  static func room(_ name: String) -> Room? { rooms.first { $0.name == name } }
}
