import NIOCore
import Testing

@testable import TunnelTransport

@Suite struct PeerAddressTests {
  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
    ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8::1", "2001:db8::1", "2001:db8:0:0::/64"),
    ("::1", "::1", "0:0:0:0::/64"),
    ("fe80::1", "fe80::1", "fe80:0:0:0::/64"),
  ]) func anAddressIsShownWholeAndCountedByItsNetwork(ip: String, text: String, network: String) throws {
    let address = PeerAddress(try SocketAddress(ipAddress: ip, port: 1))
    #expect(address.text == text)
    #expect(address.network == network)
  }

  @Test func placesComeBack() {
    let count = ConnectionCount(ListenerLimits(maximumConnections: 3, perAddress: 2))
    let one = PeerAddress(nil)
    #expect([count.admit(one), count.admit(one), count.admit(one)] == [nil, nil, .address(limit: 2)])
    count.release(one)
    #expect(count.admit(one) == nil)
  }

  @Test func aFloodIsToldOfOnceInAWhile() {
    let count = ConnectionCount(ListenerLimits(maximumConnections: 0, perAddress: 2))
    #expect(count.admit(PeerAddress(nil)) == .full(limit: 0))
    let start = NIODeadline.now()
    let next = start + .seconds(TransportLimits.refusalNewsSeconds)
    #expect([start, start, next - .nanoseconds(1), next, next].map(count.isNews) == [true, false, false, true, false])
  }
}
