import NIOCore
import NameLookup
import Testing

@Suite struct NameLookupTests {
  @Test func `an address as text is its own answer, once`() throws {
    #expect(try NameLookup.addresses(of: "127.0.0.1", port: 80, limit: 8).map(\.ipAddress) == ["127.0.0.1"])
    #expect(try NameLookup.addresses(of: "::1", port: 80, limit: 8).map(\.ipAddress) == ["::1"])
    #expect(try NameLookup.addresses(of: "127.0.0.1", port: 8080, limit: 8).map(\.port) == [8080])
  }

  @Test func `localhost is this computer, and no more addresses are given than wanted`() throws {
    let all = try NameLookup.addresses(of: "localhost", port: 22, limit: 8)
    #expect(!all.isEmpty && all.allSatisfy { $0.ipAddress == "127.0.0.1" || $0.ipAddress == "::1" })
    #expect(try NameLookup.addresses(of: "localhost", port: 22, limit: 1) == Array(all.prefix(1)))
    #expect(try NameLookup.addresses(of: "localhost", port: 22, limit: 0).isEmpty)
  }

  @Test(arguments: ["", String(repeating: "a", count: 64) + ".example", "no..name"])
  func `what is no name has no addresses`(host: String) {
    #expect(throws: NameLookup.Failure.self) { try NameLookup.addresses(of: host, port: 1, limit: 8) }
  }
}
