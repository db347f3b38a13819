import SessionModel
import Signing

/// The journal as text. Every line ends with a tab and its mark: the agent's Ed25519 signature, in hexadecimal, over what
/// stands before the tab and over the mark of the line before. So no line can be changed, added, moved, taken out between
/// others, or taken from an older journal without its being noticed. What is not noticed here, but by the relay, is lines
/// cut off at the end, or an older journal put back as a whole.
///
/// ```
/// fixline-agent journal 1 sha256:KEY RANDOM ⇥ MARK
/// 2026-11-21T20:28:50Z 7k2m9xqa consent relay=… key=… words=… allowances=15 signature=… technician=anna ⇥ MARK
/// 2026-11-21T20:28:55Z 7k2m9xqa signed epoch=1 sequence=1 active_ms=5000 … measured_ms=5012 ⇥ MARK
/// ```
struct JournalText: Sendable {
  /// Keeps a mark from being taken for any other signature.
  static let context = "fixline journal 1"

  private let key: Ed25519PrivateKey
  private var lastMark: [UInt8] = []

  init(key: Ed25519PrivateKey) { self.key = key }

  /// The whole text of a journal that has these records; later lines go on behind it.
  mutating func begin(_ records: [JournalRecord]) throws(SigningError) -> [UInt8] {
    lastMark = []
    // Drawn anew each time: no line of one journal fits into another.
    var bytes = try line("\(Self.header(key.publicKey)) \(Hex.encode(SecureRandom.bytes(count: 8)))")
    for record in records { bytes += try line(record.text) }
    return bytes
  }

  /// The next line.
  mutating func next(_ record: JournalRecord) throws(SigningError) -> [UInt8] { try line(record.text) }

  private mutating func line(_ text: String) throws(SigningError) -> [UInt8] {
    let mark = try key.sign(Self.markedBytes(Array(text.utf8), behind: lastMark))
    lastMark = mark
    return Array("\(text)\t\(Hex.encode(mark))\n".utf8)
  }

  /// What the first line begins with.
  static func header(_ key: Ed25519PublicKey) -> String { "fixline-agent journal 1 \(key.fingerprint)" }

  /// What a mark signs: context, NUL, the mark before it (none for the first line), the line's text.
  static func markedBytes(_ text: [UInt8], behind mark: [UInt8]) -> [UInt8] {
    Array(context.utf8) + [0] + mark + text
  }
}

/// What a journal's bytes say.
struct JournalReading: Hashable, Sendable {
  /// In their order. Of a damaged journal also those that read by themselves though nothing vouches for them.
  var records: [JournalRecord] = []
  /// What is wrong, in words that fit behind "the journal"; nil when it is sound. A last line that was cut off in the
  /// middle is what a crash leaves behind: it is left out and nothing is wrong.
  var damage: String?

  /// Reads a journal this `key` wrote.
  init(_ bytes: [UInt8], key: Ed25519PublicKey) {
    // What stands behind the last line's end was being written when the program or the machine stopped.
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.removeLast()
    guard let header = lines.first.map({ Line($0) }) else {
      damage = "has no beginning"
      return
    }
    guard header?.text.hasPrefix(JournalText.header(key) + " ") == true else {
      // Another agent's sessions are nothing this one could speak for.
      // A mark of one's own key under another beginning: only a later version writes that.
      let isOwn = header?.isMarked(by: key, behind: []) == true
      damage =
        isOwn
        ? "was written by a later version of this program" : "is altered in line 1, or was written by another agent"
      return
    }
    var mark: [UInt8] = []
    for (index, bytes) in lines.enumerated() {
      let line = Line(bytes)
      if damage == nil, let line, line.isMarked(by: key, behind: mark) {
        mark = line.mark
      } else {
        damage = damage ?? "is altered in line \(index + 1)"
      }
      if index > 0, let record = line.flatMap({ JournalRecord(text: $0.text) }) { records.append(record) }
    }
  }

  private struct Line {
    let text: String
    let mark: [UInt8]

    init?(_ bytes: ArraySlice<UInt8>) {
      guard let tab = bytes.lastIndex(of: UInt8(ascii: "\t")),
        let text = String(validating: bytes[..<tab], as: UTF8.self),
        let end = String(validating: bytes[(tab + 1)...], as: UTF8.self), let mark = Hex.decode(end),
        Hex.encode(mark) == end
      else { return nil }
      self.text = text
      self.mark = mark
    }

    func isMarked(by key: Ed25519PublicKey, behind last: [UInt8]) -> Bool {
      key.isValid(signature: mark, for: JournalText.markedBytes(Array(text.utf8), behind: last))
    }
  }
}
