import Testing

@testable import TunnelProtocol

/// Every state with every input: what is not in these tables is refused.
@Suite struct StreamLifeTests {
  struct Row {
    var from: StreamLife
    var input: StreamLife.Input
    var to: StreamLife
    var verdict: StreamLife.Verdict
  }

  static let proceeds: [Row] = [
    Row(from: .opening, input: .accept, to: .open, verdict: .proceed),
    Row(from: .openingFinished, input: .accept, to: .localFinished, verdict: .proceed),
    Row(from: .open, input: .data, to: .open, verdict: .proceed),
    Row(from: .open, input: .message, to: .open, verdict: .proceed),
    Row(from: .open, input: .credit, to: .open, verdict: .proceed),
    Row(from: .open, input: .endOfFile, to: .remoteFinished, verdict: .proceed),
    Row(from: .localFinished, input: .data, to: .localFinished, verdict: .proceed),
    Row(from: .localFinished, input: .message, to: .localFinished, verdict: .proceed),
    Row(from: .localFinished, input: .credit, to: .localFinished, verdict: .proceed),
    Row(from: .localFinished, input: .endOfFile, to: .bothFinished, verdict: .proceed),
    Row(from: .remoteFinished, input: .message, to: .remoteFinished, verdict: .proceed),
    Row(from: .remoteFinished, input: .credit, to: .remoteFinished, verdict: .proceed),
    Row(from: .bothFinished, input: .message, to: .bothFinished, verdict: .proceed),
    Row(from: .bothFinished, input: .credit, to: .bothFinished, verdict: .proceed),
    Row(from: .closing, input: .credit, to: .closing, verdict: .proceed),
    Row(from: .closing, input: .accept, to: .closing, verdict: .drop),
    Row(from: .closing, input: .data, to: .closing, verdict: .drop),
    Row(from: .closing, input: .endOfFile, to: .closing, verdict: .drop),
    Row(from: .closing, input: .message, to: .closing, verdict: .drop),
  ]

  @Test func `the peer's frames in every state`() {
    for state in StreamLife.allCases {
      for input in StreamLife.Input.allCases {
        var life = state
        let verdict = life.receive(input)
        if let row = Self.proceeds.first(where: { $0.from == state && $0.input == input }) {
          #expect(verdict == row.verdict && life == row.to, "\(state) \(input)")
        } else {
          let expected: StreamFault =
            switch (state, input) {
            case (.opening, _), (.openingFinished, _): .beforeAccept
            case (_, .accept): .unexpectedAccept
            case (.offered, _): .beforeAccept
            default: .afterEndOfFile
            }
          #expect(verdict == .fault(expected), "\(state) \(input)")
          #expect(life == state)
        }
      }
    }
  }

  @Test func `our owner's steps in every state`() {
    let finishes: [StreamLife: StreamLife] = [
      .opening: .openingFinished, .open: .localFinished, .remoteFinished: .bothFinished,
    ]
    let closes: [StreamLife: StreamLife.Ending] = [
      .opening: .immediate, .openingFinished: .immediate, .offered: .immediate, .closing: .underWay,
    ]
    for state in StreamLife.allCases {
      var life = state
      let finished = life.finish()
      #expect(finished == (finishes[state] != nil))
      #expect(life == finishes[state] ?? state)
      #expect(state.canWrite == (finishes[state] != nil))
      life = state
      let accepted = life.accept()
      #expect(accepted == (state == .offered))
      #expect(life == (accepted ? .open : state))
      life = state
      let ending = life.close()
      #expect(ending == closes[state] ?? .queued)
      #expect(life == (ending == .queued ? .closing : state))
    }
  }
}
