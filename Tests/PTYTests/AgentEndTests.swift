import Foundation
import Glibc
import Testing

/// However the agent ends, nothing it started is left.
@Suite(.serialized) struct AgentEndTests {
  /// Starts a helper that has every kind of process running; its mark and the guardian's pid.
  private func live() throws -> (helper: Helper.Running, mark: String, guardian: Int32) {
    let helper = try Helper.start("live")
    var text = ""
    while !text.hasSuffix("\n") {
      let more = helper.output.availableData
      if more.isEmpty { break }
      text += String(decoding: more, as: UTF8.self)
    }
    let words = text.split(whereSeparator: \.isWhitespace)
    try #require(words.count == 3 && words[0] == "ready", "the helper said: \(text)")
    let guardian = try #require(Int32(words[2]))
    let mark = String(words[1])
    #expect(Outside.marked(mark).count >= 6)
    return (helper, mark, guardian)
  }

  private func expectNothingLeft(_ mark: String, _ guardian: Int32, _ how: Comment) {
    #expect(Outside.wait { Outside.marked(mark).isEmpty }, how)
    #expect(Outside.wait { !Outside.isAlive(guardian, "fixline-guard") }, "the guardian goes, too")
  }

  @Test("SIGKILL to the agent leaves no process behind")
  func killed() throws {
    let (helper, mark, guardian) = try live()
    kill(helper.process.processIdentifier, SIGKILL)
    helper.process.waitUntilExit()
    expectNothingLeft(mark, guardian, "kill -9")
  }

  @Test("The agent's exit leaves no process behind")
  func exits() throws {
    let (helper, mark, guardian) = try live()
    try helper.input.close()
    helper.process.waitUntilExit()
    #expect(helper.process.terminationStatus == 0)
    expectNothingLeft(mark, guardian, "exit")
  }

  @Test("SIGKILL to agent and keepers together leaves no process behind")
  func agentAndKeepers() throws {
    let (helper, mark, guardian) = try live()
    for pid in Outside.entries() where Outside.parent(pid) == guardian && Outside.name(pid) == "fixline-keep" {
      kill(pid, SIGKILL)
    }
    kill(helper.process.processIdentifier, SIGKILL)
    helper.process.waitUntilExit()
    expectNothingLeft(mark, guardian, "the guardian does what keepers cannot")
  }

  @Test("SIGKILL to agent and guardian together leaves no process behind")
  func agentAndGuardian() throws {
    let (helper, mark, guardian) = try live()
    kill(guardian, SIGKILL)
    kill(helper.process.processIdentifier, SIGKILL)
    helper.process.waitUntilExit()
    expectNothingLeft(mark, guardian, "keepers do it alone")
  }
}
