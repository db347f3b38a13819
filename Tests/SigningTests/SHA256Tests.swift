import SessionModel
import Signing
import Testing

@Suite struct SHA256Tests {
  @Test func hashesTheVectorsOfFIPS180() {
    #expect(
      SHA256.hash([]).description == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hash(Array("abc".utf8)).description
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(SHA256.hash("abc".utf8) == SHA256.hash(Array("abc".utf8)))
  }

  @Test func aStreamHashesTheSameHoweverItIsCut() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for piece in [1, 7, 63, 64, 65, 9_999] {
      var stream = SHA256.Stream()
      var rest = bytes[...]
      while !rest.isEmpty {
        stream.update(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
      }
      #expect(stream.finish() == SHA256.hash(bytes))
    }
  }

  @Test func aCopyOfAStreamGoesOnSeparately() {
    var first = SHA256.Stream()
    first.update([1])
    var second = first
    second.update([2])
    #expect(first.finish() == SHA256.hash([1]))
    #expect(second.finish() == SHA256.hash([1, 2]))
    first.update([3])
    #expect(first.finish() == SHA256.hash([1, 3]))
  }

  @Test func randomBytesDiffer() {
    #expect(SecureRandom.bytes(count: 0).isEmpty)
    #expect(SecureRandom.bytes(count: 32) != SecureRandom.bytes(count: 32))
    var generator = SecureRandomGenerator()
    #expect(Set((0..<1_000).map { _ in generator.next() }).count == 1_000)
  }
}
