// swift-tools-version: 6.2
// Rooms and what each is for: see "Contributors" in README.md. Tests/LayeringTests fails when an import points upward.
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// The C of the guardian: warnings are errors there too.
let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-std=c11", "-D_GNU_SOURCE"])]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: strict)
}

func testSupport(_ name: String) -> Target {
  .target(name: name, path: "Tests/" + name, swiftSettings: strict)
}

let package = Package(
  name: "fixline",
  products: [
    .executable(name: "fixline-relay", targets: ["fixline-relay"]),
    .executable(name: "fixline-agent", targets: ["fixline-agent"]),
    .executable(name: "fixline-bench", targets: ["fixline-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Programs: parse, assemble, run.
    program(
      "fixline-relay",
      ["Relay", "SessionModel", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    program("fixline-agent", ["Agent"]),
    program(
      "fixline-bench",
      [
        "Billing", "SessionModel", nioCore, nioPosix,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    // Services.
    room(
      "Relay",
      [
        "LedgerSQLite", "SSHFrontDoor", "TunnelTransport", "TLSChannel", "Signing", "Mailbox", "TunnelProtocol",
        "Metering", "Billing", "Receipts", "Ledger", "SessionModel", nioCore, nioPosix,
        .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
      ]),
    room(
      "Agent",
      [
        "SFTPProtocol", "FileSystem", "NameLookup", "PTY", "TunnelTransport", "TLSChannel", "Signing", "Mailbox",
        "TunnelProtocol", "Metering", "Receipts", "SessionModel", nioCore, nioPosix,
      ]),

    // Adapters: NIO, OpenSSL, libssh, SQLite, processes.
    room(
      "LedgerSQLite", ["Ledger", "SessionModel", "Signing", .product(name: "GRDB", package: "GRDB.swift")]),
    room("TunnelTransport", ["CMemory", "TunnelProtocol", "TLSChannel", "Mailbox", "SessionModel", nioCore, nioPosix]),
    room("TLSChannel", ["COpenSSL", "Signing", "SessionModel", nioCore]),
    room("Signing", ["COpenSSL", "SessionModel"]),
    room("SSHFrontDoor", ["CLibSSH", "Mailbox", "SessionModel", nioCore]),
    room("PTY", ["CGuardian", "SessionModel"]),
    room("FileSystem", ["CFileSystem", nioCore]),
    room("NameLookup", [nioCore]),
    room("Mailbox"),

    // Pure: values without clock or I/O.
    room("TunnelProtocol", ["SessionModel", nioCore]),
    room("SFTPProtocol", ["SessionModel", nioCore]),
    room("Metering", ["SessionModel"]),
    room("Billing", ["SessionModel"]),
    room("Receipts", ["SessionModel"]),
    room("Ledger", ["SessionModel"]),
    room("SessionModel"),

    // C boundary.
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibSSH", pkgConfig: "libssh", providers: [.apt(["libssh-dev"])]),
    .systemLibrary(name: "CMemory"),
    .target(name: "CFileSystem", cSettings: strictC),
    .target(name: "CGuardian", cSettings: strictC),

    // Seeds, and waiting for what happens: for all tests.
    testSupport("TestSupport"),
    tests("SessionModel", ["SessionModel"]),
    tests("Billing", ["Billing", "SessionModel"], resources: [.copy("Cases")]),
    tests("Receipts", ["Receipts", "SessionModel", "Signing"]),
    tests("Metering", ["Metering", "SessionModel"]),
    tests("Ledger", ["Ledger", "SessionModel", "Signing"]),
    tests(
      "LedgerSQLite",
      [
        "LedgerSQLite", "Ledger", "SessionModel", "Signing", "ledger-probe",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    // The ledger in a process that can be killed, and that a failing disk can be put below.
    .executableTarget(
      name: "ledger-probe", dependencies: ["LedgerSQLite", "Ledger", "SessionModel"], path: "Tests/LedgerProbe",
      swiftSettings: strict),
    tests("Mailbox", ["Mailbox"]),
    tests("SFTPProtocol", ["SFTPProtocol", "SessionModel", nioCore]),
    tests("TunnelProtocol", ["TunnelProtocol", "SessionModel", nioCore]),
    tests(
      "TunnelTransport",
      ["TunnelTransport", "TunnelProtocol", "TLSChannel", "Signing", "SessionModel", nioCore, nioPosix, nioEmbedded]),
    tests("TLSChannel", ["TLSChannel", "Signing", "SessionModel", nioCore, nioPosix, nioEmbedded]),
    tests("Signing", ["Signing", "SessionModel"]),
    tests("SSHFrontDoor", ["SSHFrontDoor", "SessionModel", nioCore]),
    tests("PTY", ["PTY", "SessionModel", "guardian-probe"]),
    // The guardian forks before any thread exists, which no test runner can promise: its tests drive this program.
    .executableTarget(
      name: "guardian-probe", dependencies: ["PTY", "SessionModel"], path: "Tests/GuardianProbe", swiftSettings: strict),
    tests(
      "Relay",
      [
        "Relay", "LedgerSQLite", "SSHFrontDoor", "TunnelTransport", "TLSChannel", "Signing", "TunnelProtocol",
        "Metering", "Billing", "Receipts", "Ledger", "SessionModel", nioCore, nioPosix,
        .product(name: "Logging", package: "swift-log"),
      ]),
    tests(
      "Agent",
      [
        "Agent", "FileSystem", "SFTPProtocol", "Metering", "NameLookup", "PTY", "Receipts", "Signing", "TunnelProtocol",
        "TunnelTransport", "SessionModel", "sftp-probe", nioCore, nioPosix,
      ]),
    // The sftp server on standard input and output, for stock clients and for comparing it with OpenSSH's.
    .executableTarget(
      name: "sftp-probe",
      dependencies: ["Agent", "FileSystem", "SFTPProtocol", "TunnelProtocol", nioCore, nioPosix],
      path: "Tests/SFTPProbe",
      swiftSettings: strict),
    tests("FileSystem", ["FileSystem", "CFileSystem", nioCore]),
    tests("NameLookup", ["NameLookup", nioCore]),
    tests("FixlineBench", ["fixline-bench", nioCore, nioPosix]),
    // Agent, relay, network, disk and clock from one seed.
    tests(
      "Simulation",
      [
        "Agent", "Relay", "TunnelProtocol", "Metering", "Ledger", "Signing", "SessionModel", nioCore,
        .product(name: "Logging", package: "swift-log"),
      ]),
    tests("Layering"),
    tests(
      "EndToEnd",
      [
        "Billing", "Receipts", "TunnelTransport", "TunnelProtocol", "TLSChannel", "Signing", "SessionModel", nioCore,
        nioPosix,
      ],
      resources: [.copy("Scripts")]),
  ],
  swiftLanguageModes: [.v6]
)
