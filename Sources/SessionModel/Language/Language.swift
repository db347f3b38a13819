/// A language customers are spoken to in. Every text a customer reads exists in each of them.
public enum Language: String, Hashable, Sendable, CaseIterable {
  /// English: what is used when nothing else is known.
  case english = "en"
  /// Korean.
  case korean = "ko"
  /// Finnish.
  case finnish = "fi"
  /// Russian.
  case russian = "ru"
  /// Polish.
  case polish = "pl"

  /// The language of a tag (RFC 5646) or of a locale's name (POSIX): `pl`, `pl-PL`, `ko_KR.UTF-8`. What is none of ours is
  /// English.
  public init(tag: String) { self = Language(knownTag: tag) ?? .english }

  /// The same, but nil for a language that is none of ours.
  public init?(knownTag tag: String) {
    let primary = tag.prefix { $0 != "-" && $0 != "_" && $0 != "." && $0 != "@" }
    self.init(rawValue: primary.lowercased())
  }

  /// The tag: two lower-case letters.
  public var tag: String { rawValue }
}
