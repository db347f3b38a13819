import Testing

@testable import TLSChannel

/// Where the system's authorities are looked for.
@Suite struct AuthoritiesTests {
  private func places(_ variables: [String: String], _ files: Set<String>) -> [TrustedAuthorities.Place] {
    TrustedAuthorities.system.places(environment: { variables[$0] }, isReadable: { files.contains($0) })
  }

  private let debian = "/etc/ssl/certs/ca-certificates.crt"

  @Test func theFirstUsualFileIsTaken() {
    #expect(places([:], [debian, "/etc/ssl/cert.pem"]) == [.file(debian, setting: "the system's file")])
    #expect(
      places([:], ["/etc/ssl/ca-bundle.pem"]) == [.file("/etc/ssl/ca-bundle.pem", setting: "the system's file")])
  }

  @Test func withoutAFileTheUsualDirectoriesAreTaken() {
    #expect(places([:], ["/etc/ssl/certs"]) == [.directory("/etc/ssl/certs", setting: "the system's directory")])
    #expect(places([:], []).isEmpty)
  }

  @Test func theVariablesReplaceTheUsualPlaces() {
    #expect(places(["SSL_CERT_FILE": "/my.pem"], [debian]) == [.file("/my.pem", setting: "SSL_CERT_FILE")])
    #expect(
      places(["SSL_CERT_DIR": "/a:/b"], [debian]) == [
        .directory("/a", setting: "SSL_CERT_DIR"), .directory("/b", setting: "SSL_CERT_DIR"),
      ])
    #expect(
      places(["SSL_CERT_FILE": "/my.pem", "SSL_CERT_DIR": "/a"], []) == [
        .file("/my.pem", setting: "SSL_CERT_FILE"), .directory("/a", setting: "SSL_CERT_DIR"),
      ])
    #expect(
      places(["SSL_CERT_FILE": "", "SSL_CERT_DIR": ""], [debian]) == [.file(debian, setting: "the system's file")])
  }

  @Test func aFileOfOnesOwnReplacesEverything() {
    let own = TrustedAuthorities.file("/own.pem")
    #expect(
      own.places(environment: { _ in "/other" }, isReadable: { _ in true }) == [
        .file("/own.pem", setting: "the file of authorities")
      ])
  }
}
