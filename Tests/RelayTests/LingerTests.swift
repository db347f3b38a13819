import Billing
import Metering
import SessionModel
import Testing

@testable import Relay

@Suite("How long a session waits for its technician") struct LingerTests {
  @Test("a session without a channel stays open for its plan's merge gap, unless it is configured otherwise")
  func lingering() async throws {
    let rig = try Rig()
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 100, firstSeconds: 60, thenSeconds: 60, mergeGapSeconds: 90)
    let core = try await rig.start()
    #expect(await core.sessionLimits(plan).mergeGapMilliseconds == 90_000)
    #expect(await core.sessionLimits(plan, isRestored: true).mergeGapMilliseconds == 600_000)
    var configuration = RelayConfiguration()
    configuration.lingerSeconds = 7
    let other = try await rig.start(configuration: configuration)
    #expect(await other.sessionLimits(plan).mergeGapMilliseconds == 7000)
  }
}
