import Foundation
import TLSChannel
import Testing

/// Certificates made by the operator's own script, and by `openssl ca` where dates matter.
struct TestCertificates {
  let directory: String
  var authority: String { directory + "/ca.crt" }

  func identity() throws -> TLSIdentity {
    try TLSIdentity.load(certificateFile: directory + "/tls.crt", keyFile: directory + "/tls.key")
  }

  static func make(names: [String], start: String? = nil, end: String? = nil) throws -> TestCertificates {
    let made = TestCertificates(directory: try Shared.scratch())
    try run("/bin/sh", [certs + "/make-test-ca.sh", made.directory] + names)
    guard let start, let end else { return made }
    let settings = """
      [ca]
      default_ca = here
      [here]
      database = index.txt
      rand_serial = yes
      new_certs_dir = .
      default_md = sha256
      policy = any
      copy_extensions = copy
      unique_subject = no
      [any]
      commonName = supplied
      """
    try settings.write(toFile: made.directory + "/ca.cnf", atomically: false, encoding: .utf8)
    try "".write(toFile: made.directory + "/index.txt", atomically: false, encoding: .utf8)
    let names = names.map { ($0.contains(":") || $0.allSatisfy { "0123456789.".contains($0) } ? "IP:" : "DNS:") + $0 }
    try run(
      "/usr/bin/openssl",
      [
        "req", "-new", "-key", "tls.key", "-subj", "/CN=relay", "-addext",
        "subjectAltName=" + names.joined(separator: ","), "-out", "tls.csr",
      ], in: made.directory)
    try run(
      "/usr/bin/openssl",
      [
        "ca", "-config", "ca.cnf", "-batch", "-notext", "-cert", "ca.crt", "-keyfile", "ca.key", "-in", "tls.csr",
        "-startdate", start, "-enddate", end, "-out", "tls.crt",
      ], in: made.directory)
    return made
  }

  /// The repository's certs directory.
  static var certs: String {
    URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path + "/certs"
  }

  @discardableResult
  static func run(_ program: String, _ arguments: [String], in directory: String = "/tmp") throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(
      process.terminationStatus == 0, "\(program) \(arguments): \(String(decoding: said, as: UTF8.self))")
    return process.terminationStatus
  }
}
