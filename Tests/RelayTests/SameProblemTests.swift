import SessionModel
import Signing
import TunnelTransport
import Testing

@testable import Relay

@Suite("The question whether it is the same problem") struct SameProblemTests {
  @Test("whoever else is turned away under a code, it stays claimed while its technician is being asked")
  func claim() async throws {
    let rig = try Rig()
    let core = try await rig.start()
    await core.agentComes(rig)
    let code = try #require(await core.machines[rig.spki]?.code)
    #expect(await core.claim(code, key: rig.technicianKey) == .granted(rig.spki))
    await core.ask(under: code, rig)
    await core.releaseClaim(code, of: rig.spki)
    #expect(await core.codes.nextExpiry == nil, "in use")
    // A question under an earlier code holds up nothing.
    await core.ask(under: JoinCode("111111111"), rig)
    await core.releaseClaim(code, of: rig.spki)
    #expect(await core.codes.nextExpiry != nil)
  }
}

extension RelayCore {
  fileprivate func ask(under code: JoinCode?, _ rig: Rig) { askedUnder[rig.spki] = code }
}
