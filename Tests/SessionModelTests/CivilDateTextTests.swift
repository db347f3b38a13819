import SessionModel
import Testing

@Suite("Dates as text")
struct CivilDateTextTests {
  @Test("a date is read and written as 2026-12-25")
  func roundTrip() throws {
    for text in ["2026-12-25", "0000-01-01", "9999-12-31", "2024-02-29"] {
      #expect(try #require(CivilDate(text)).description == text)
    }
    #expect(CivilDate("2026-03-02") == CivilDate(year: 2026, month: 3, day: 2))
  }

  @Test(
    "nothing else is a date",
    arguments: [
      "", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01", "2026-01-01 ", "2026/01/01", "-026-01-01",
      "2026-01-0１", "2026-01-01T00:00:00Z", "2026-01-01-01",
    ])
  func refused(text: String) { #expect(CivilDate(text) == nil) }
}
