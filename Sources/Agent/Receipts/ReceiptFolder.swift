import NIOCore
import NIOPosix
import Receipts
import SessionModel
import Signing

/// Where receipts are put: `DIR/receipts/ID.json` with a state directory, else `fixline-receipt-ID.json` in the current
/// directory, or at home where that cannot be written. Beside each stands its text, `.txt`. Mode 0600; a file that exists
/// is never written over, and none is deleted. On a thread of its own: a disk that stands still delays no keystroke.
final class ReceiptFolder: Sendable {
  /// The folder in a state directory.
  static let name = "receipts"
  /// Behind the session in a provisional one's name.
  private static let provisionalEnding = "-provisional"
  /// Other receipts of one session that are told apart by a number, at most.
  private static let maximumVariants = 9

  /// What became of a receipt.
  struct Stored: Hashable, Sendable {
    /// The file; nil when it could not be written.
    var path: String?
    /// What the customer is shown, with the file's name in it.
    var text: String
    /// Why it could not be written.
    var problem: String?
  }

  /// Paths without the ending, tried in order.
  private let stems: [String]
  private let isPrivate: Bool
  private let thread = NIOThreadPool(numberOfThreads: 1)

  /// - Parameters:
  ///   - stateDirectory: nil for a guest's.
  ///   - home: where a guest's goes when the current directory cannot be written.
  init(stateDirectory: String?, home: String) {
    isPrivate = stateDirectory != nil
    stems = stateDirectory.map { ["\($0)/\(Self.name)/"] } ?? ["fixline-receipt-", "\(home)/fixline-receipt-"]
  }

  deinit { thread.shutdownGracefully { _ in } }

  /// The provisional receipt of an earlier run, for the relay; nil when there is none.
  func provisional(of session: SessionID, on loop: any EventLoop) -> EventLoopFuture<ReceiptFile?> {
    thread.start()
    return thread.runIfActive(eventLoop: loop) {
      guard self.isPrivate, let stem = self.stems.first,
        let bytes = try? PrivateFile.readIfPresent(path: "\(stem)\(session)\(Self.provisionalEnding).json"),
        let file = try? ReceiptFile(bytes: bytes), case .provisional = file.contents
      else { return nil }
      return file
    }
  }

  /// Writes a receipt and its text.
  func store(_ file: ReceiptFile, on loop: any EventLoop) -> EventLoopFuture<Stored> {
    thread.start()
    return thread.runIfActive(eventLoop: loop) { self.write(file) }
  }

  private func write(_ file: ReceiptFile) -> Stored {
    let suffix = if case .provisional = file.contents { Self.provisionalEnding } else { "" }
    var problem: SigningError?
    for stem in stems {
      do throws(SigningError) {
        let path = try create("\(stem)\(file.contents.id)\(suffix)", file)
        return Stored(path: "\(path).json", text: Self.text(of: file, at: "\(path).json"), problem: nil)
      } catch {
        problem = problem ?? error
      }
    }
    return Stored(path: nil, text: Self.text(of: file, at: nil), problem: problem?.description)
  }

  /// - Returns: the path without its ending.
  private func create(_ wanted: String, _ file: ReceiptFile) throws(SigningError) -> String {
    let bytes = Array(file.text.utf8)
    for variant in 1...Self.maximumVariants {
      let path = variant == 1 ? wanted : "\(wanted)-\(variant)"
      if try PrivateFile.create(path: "\(path).json", bytes: bytes, inPrivateDirectory: isPrivate) {
        let text = Array("\(Self.text(of: file, at: "\(path).json"))\n".utf8)
        _ = try PrivateFile.create(path: "\(path).txt", bytes: text, inPrivateDirectory: isPrivate)
        return path
      }
      // The same one came in an earlier run.
      if let earlier = try? PrivateFile.readIfPresent(path: "\(path).json"), earlier == bytes { return path }
    }
    throw .file(path: "\(wanted).json", reason: "there are too many other receipts of this name")
  }

  /// The words, and how to check the file.
  private static func text(of file: ReceiptFile, at path: String?) -> String {
    let words = file.contents.shownText
    guard let path else { return words }
    return "\(words)\n\(Language(tag: file.contents.language).checkReceipt(path: quoted(path)))"
  }

  /// As it can be typed into a shell.
  static func quoted(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      switch byte {
      case 45...57, 65...90, 95, 97...122: true
      default: false
      }
    }
    if isPlain { return path }
    return "'"
      + TextSafety.escaped(path).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
