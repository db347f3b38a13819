import SessionModel
import Testing

@Suite struct CountTextTests {
  @Test(
    arguments: [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (11, "11 entries"), (-1, "-1 entries")]
      as [(Int64, String)])
  func aNumberHasItsNoun(count: Int64, text: String) {
    #expect(CountText.of(count, "entry", "entries") == text)
  }

  @Test func anOrdinaryNounTakesAnS() {
    #expect(CountText.of(1, "checkpoint") == "1 checkpoint" && CountText.of(3, "checkpoint") == "3 checkpoints")
    #expect(CountText.of(UInt64.max, "file") == "18446744073709551615 files")
  }
}
