import SessionModel
import Testing

@testable import Agent

@Suite struct TypedAnswerTests {
  @Test(
    "y and yes are yes, n and no are no, in either case; what only looks alike is neither",
    arguments: [
      ("y", TypedAnswer.yes), ("Y", .yes), (" yes \r", .yes), ("YES", .yes), ("n", .no), ("No", .no), ("\tn", .no),
      ("", .unclear), ("yn", .unclear), ("ye", .unclear), ("ý", .unclear), ("y\u{301}", .unclear), ("j", .unclear),
      ("yes please", .unclear), ("\u{0443}", .unclear), ("1", .number(1)), (" 3\r", .number(3)), ("0", .unclear),
      ("12", .unclear), ("-1", .unclear), ("\u{ff11}", .unclear), ("\u{661}", .unclear),
      // Cyrillic letters that look like t, e, k; a Latin one that looks like nothing offered.
      ("\u{442}", .unclear), ("\u{435}", .unclear), ("\u{43a}", .unclear), ("d", .unclear),
    ])
  func typed(line: String, answer: TypedAnswer) {
    #expect(TypedAnswer(line: line) == answer)
  }

  @Test(
    "each language's own words for yes and no are understood, whatever the agent's language is",
    arguments: [
      (["y", "yes", "YES"], ["n", "no", " N\r"]),
      (["k", "K", " kyllä ", "KYLLÄ", "kylla\u{308}"], ["e", "ei", "EN"]),
      (["д", "Д", "да", "ДА"], ["н", "нет", " Н\r"]),
      (["t", "tak", "T"], ["nie", "N"]),
      (["ㅇ", "예", "네", "ㅛ", "\u{110b}\u{1168}"], ["ㄴ", "아니오", "아니요", "ㅜ"]),
    ] as [([String], [String])])
  func ownWords(yes: [String], no: [String]) {
    for line in yes { #expect(TypedAnswer(line: line) == .yes, "\(line)") }
    for line in no { #expect(TypedAnswer(line: line) == .no, "\(line)") }
  }

  @Test("no word says yes in one language and no in another, and none is a number")
  func noWordMeansBoth() {
    let all = Language.allCases.map(TypedAnswer.Words.of)
    let yes = all.reduce(into: Set<Substring>()) { $0.formUnion($1.yes) }
    let no = all.reduce(into: Set<Substring>()) { $0.formUnion($1.no) }
    #expect(yes.isDisjoint(with: no))
    for words in all { #expect(!words.yes.isEmpty && !words.no.isEmpty) }
    for word in yes.union(no) {
      #expect(word == word.lowercased()[...] && !word.isEmpty && !word.contains(where: \.isNumber), "\(word)")
    }
  }

  @Test(
    "what a language's prompt offers is understood",
    arguments: [
      (.english, "y", "n"), (.korean, "y", "n"), (.finnish, "k", "e"), (.russian, "д", "н"), (.polish, "t", "n"),
    ] as [(Language, String, String)])
  func offered(language: Language, yes: String, no: String) {
    let letters = AgentWords.of(language).yesOrNo.split { !$0.isLetter }.map(String.init)
    #expect(letters.contains(yes) && letters.contains(no))
    #expect(TypedAnswer(line: yes) == .yes && TypedAnswer(line: no) == .no)
  }
}
