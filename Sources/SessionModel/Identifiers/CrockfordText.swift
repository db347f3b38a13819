/// Identifiers that people read out and type: lower-case Crockford base 32, five bits a character, without i, l, o and u.
enum CrockfordText {
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Draws `length` characters, at most twelve.
  static func draw(length: Int, using generator: inout some RandomNumberGenerator) -> String {
    var bits: UInt64 = generator.next()
    var characters: [UInt8] = []
    for _ in 0..<length {
      characters.append(alphabet[Int(bits & 31)])
      bits >>= 5
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// Whether `text` is `length` characters of the alphabet.
  static func isValid(_ text: String, length: Int) -> Bool {
    text.utf8.count == length && text.utf8.allSatisfy { alphabet.contains($0) }
  }
}
