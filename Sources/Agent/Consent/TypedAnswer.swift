import SessionModel

/// What a person typed.
enum TypedAnswer: Hashable, Sendable {
  case yes, no
  /// One digit, from 1.
  case number(UInt8)
  /// None of these: the question is put again.
  case unclear

  /// `y`, `yes`, `n`, `no`, the same in any of the languages, or a digit; in either case, spaces around them left out.
  ///
  /// The words of all languages count, whatever the agent's own is: the relay asks in the customer's language and may offer
  /// other letters than the agent's prompt.
  init(line: String) {
    let word = line.drop(while: { $0 == " " || $0 == "\t" }).lowercased().trimmingEnd
    let all = Language.allCases.map(Words.of)
    if all.contains(where: { $0.yes.contains(word) }) {
      self = .yes
    } else if all.contains(where: { $0.no.contains(word) }) {
      self = .no
    } else {
      let bytes = word.utf8
      guard bytes.count == 1, let digit = bytes.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(digit) else {
        self = .unclear
        return
      }
      self = .number(digit - UInt8(ascii: "0"))
    }
  }

  /// A language's words for yes and no with their first letters, in small letters. None says yes in one language and no in
  /// another.
  struct Words: Sendable {
    var yes: Set<Substring>
    var no: Set<Substring>

    /// The one table of a language.
    static func of(_ language: Language) -> Words {
      switch language {
      case .english: Words(yes: ["y", "yes"], no: ["n", "no"])
      // ㅛ and ㅜ are what the keys y and n write while the keyboard writes Korean.
      case .korean: Words(yes: ["ㅇ", "예", "네", "ㅛ"], no: ["ㄴ", "아니오", "아니요", "ㅜ"])
      case .finnish: Words(yes: ["k", "kyllä"], no: ["e", "ei", "en"])
      case .russian: Words(yes: ["д", "да"], no: ["н", "нет"])
      case .polish: Words(yes: ["t", "tak"], no: ["n", "nie"])
      }
    }
  }
}

extension String {
  fileprivate var trimmingEnd: Substring {
    var rest = self[...]
    while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest.removeLast() }
    return rest
  }
}
