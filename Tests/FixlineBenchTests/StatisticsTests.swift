import Testing

@testable import fixline_bench

@Suite("Statistics") struct StatisticsTests {
  @Test func `the median of an even number is the mean of the middle two`() {
    #expect(Statistics.median(of: [4, 1, 3, 2]) == 2.5)
    #expect(Statistics.median(of: [9, 1, 5]) == 5)
    #expect(Statistics.median(of: [7]) == 7)
  }

  @Test func `no samples give no figure`() {
    #expect(Statistics.median(of: []) == nil)
    #expect(Statistics.quantile(0.99, of: []) == nil)
  }

  @Test func `quantiles lie between neighbours and never outside the samples`() {
    let samples = (0...100).map { Double($0) }.reversed() as [Double]
    #expect(Statistics.quantile(0.99, of: samples) == 99)
    #expect(Statistics.quantile(0.005, of: samples) == 0.5)
    #expect(Statistics.quantile(2, of: samples) == 100)
    #expect(Statistics.quantile(-1, of: samples) == 0)
  }

  @Test func `a ratio needs both figures and something to divide by`() {
    #expect(Statistics.ratio(3, 2) == 1.5)
    #expect(Statistics.ratio(nil, 2) == nil)
    #expect(Statistics.ratio(3, nil) == nil)
    #expect(Statistics.ratio(3, 0) == nil)
  }
}
