import Foundation
import SessionModel
import Testing

@testable import Relay

@Suite("The archive of a bundle")
struct ArchiveTests {
  @Test("the checksum of gzip is that of RFC 1952")
  func checksum() {
    // The check value every table of CRCs gives for these nine digits.
    #expect(StoredGzip.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(StoredGzip.crc32([]) == 0)
  }

  @Test("nothing, a little and more than a block are whole gzip streams", arguments: [0, 1, 65_535, 65_536, 200_000])
  func blocks(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let wrapped = StoredGzip.wrap(bytes)
    let blocks = max(1, (count + 65_534) / 65_535)
    #expect(wrapped.count == 10 + 5 * blocks + count + 8)
    #expect(wrapped.prefix(3) == [0x1f, 0x8b, 8])
    var rest = wrapped.dropFirst(10)
    var read: [UInt8] = []
    for index in 1...blocks {
      #expect(rest.first == (index == blocks ? 1 : 0))
      let head = Array(rest.prefix(5))
      let length = Int(head[1]) | Int(head[2]) << 8
      #expect(Int(head[3]) | Int(head[4]) << 8 == ~length & 0xffff)
      read += rest.dropFirst(5).prefix(length)
      rest = rest.dropFirst(5 + length)
    }
    #expect(read == bytes && rest.count == 8)
  }

  @Test("a header is that of POSIX ustar, and the same files are the same bytes")
  func header() {
    var archive = Archive(date: WallTime(milliseconds: 1_763_757_000_000))
    archive.add("folder/a.txt", "hello\n")
    archive.add("folder/run.sh", String(repeating: "x", count: 512), isProgram: true)
    let tar = archive.tar
    #expect(tar.count == 512 + 512 + 512 + 512 + 1024)
    #expect(String(decoding: tar[0..<12], as: UTF8.self) == "folder/a.txt" && tar[12] == 0)
    #expect(String(decoding: tar[100..<107], as: UTF8.self) == "0000644")
    #expect(String(decoding: tar[124..<135], as: UTF8.self) == "00000000006")
    #expect(String(decoding: tar[257..<265], as: UTF8.self) == "ustar\u{0}00")
    #expect(String(decoding: tar[1124..<1131], as: UTF8.self) == "0000755")
    let stated = Int64(String(decoding: tar[148..<154], as: UTF8.self), radix: 8)
    let sum = tar[0..<512].enumerated().reduce(Int64(0)) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int64($1.element))
    }
    #expect(stated == sum)
    #expect(archive.bytes == archive.bytes && tar[512..<518] == Array("hello\n".utf8)[...])
  }

  @Test("the layman's page exists in every language and names every paper", arguments: Language.allCases)
  func readme(language: Language) throws {
    let contents = BundleWords.Contents(
      session: try #require(SessionID("k3x9q7mt")), date: CivilDate(daysSince1970: 20_000), shop: "Shop",
      phone: "+358 9 123 456", answer: .yes, hasAgreements: true, hasReceipt: true, hasFiles: true, hasProof: true)
    let text = BundleWords.readme(language, contents)
    for name in [
      "consent.txt", "agreements.txt", "receipt.json", "events.txt", "files.txt", "chain/", "k3x9q7mt",
      "+358 9 123 456",
    ] {
      #expect(text.contains(name), "\(language): \(name)")
    }
    #expect(text != BundleWords.readme(language == .english ? .finnish : .english, contents))
    // Nobody is told that he said yes who did not.
    let pages = BundleWords.Answer.allCases.map { answer in
      var contents = contents
      contents.answer = answer
      return BundleWords.readme(language, contents)
    }
    #expect(Set(pages).count == 3, "\(language)")
  }

  @Test("no sentence of the page is there in vain, and none is borrowed", arguments: Language.allCases)
  func sentences(language: Language) throws {
    func page(_ has: Bool, _ answer: BundleWords.Answer, _ erased: BundleWords.Erased?) throws -> String {
      BundleWords.readme(
        language,
        BundleWords.Contents(
          session: try #require(SessionID("k3x9q7mt")), date: CivilDate(daysSince1970: 20_000), shop: "Shop", phone: "",
          answer: answer, hasAgreements: has, hasReceipt: has, hasFiles: has, hasProof: true, erased: erased))
    }
    let date = CivilDate(daysSince1970: 20_010)
    let erased = try page(false, .yes, .init(date: date, areWords: true, isReceipt: true, areFiles: true))
    let pages = try BundleWords.Answer.allCases.map { try page(true, $0, nil) } + [page(false, .yes, nil), erased]
    let others = Language.allCases.filter { $0 != language }
      .map { Set(Mirror(reflecting: BundleWords.words($0)).children.compactMap { $0.value as? String }) }
    for (name, value) in Mirror(reflecting: BundleWords.words(language)).children {
      let sentence = try #require(value as? String)
      #expect(!sentence.isEmpty && pages.contains { $0.contains(sentence) }, "\(name ?? "") is never said")
      #expect(!others.contains { $0.contains(sentence) }, "\(name ?? "") is another language's")
    }
    // What was erased is not said to be there, nor never to have been.
    let words = BundleWords.words(language)
    #expect(erased.contains("\(words.erased) (\(language.date(date))). \(words.notErased)"), "\(erased)")
    for sentence in [words.consent, words.noReceipt, words.chain, words.receipt] {
      #expect(!erased.contains(sentence), "\(sentence)")
    }
    let undated = try page(false, .yes, .init(date: nil, areWords: false, isReceipt: false, areFiles: false))
    #expect(undated.contains("\(words.erased). ") && undated.contains(words.consent), "\(undated)")
    #expect(undated.contains(words.noReceipt) && !undated.contains(words.filesErased), "\(undated)")
  }
}
