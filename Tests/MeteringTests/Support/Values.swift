import SessionModel
import TestSupport
import Testing

/// Not a hash anybody should trust, but one that depends on every byte and its place.
@Sendable func digest(_ bytes: [UInt8]) -> Fingerprint {
  var generator = SeededGenerator(seed: bytes.reduce(UInt64(bytes.count)) { ($0 &* 1_099_511_628_211) ^ UInt64($1) })
  let words = (0..<4).map { _ in generator.next() }
  let result = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
  guard let fingerprint = Fingerprint(result) else { preconditionFailure("32 bytes make a fingerprint") }
  return fingerprint
}

func session() throws -> SessionID { try #require(SessionID("0123abcd")) }
