import Foundation
import SessionModel

/// Events as lines of text, for tests to read.
final class EventFile: Sendable {
  private let file: FileHandle

  init(path: String) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func write(_ event: FileEvent) {
    try? file.write(contentsOf: Data("\(event.number) \(Self.text(event.action))\n".utf8))
  }

  private static func text(_ action: FileEvent.Action) -> String {
    func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
    return switch action {
    case .opened(let path, let direction): "opened \(direction.rawValue) \(text(path))"
    case .closed(let opening, let to, let from): "closed \(opening) to=\(to) from=\(from)"
    case .listed(let path): "listed \(text(path))"
    case .removed(let path): "removed \(text(path))"
    case .madeDirectory(let path): "made \(text(path))"
    case .removedDirectory(let path): "removed-directory \(text(path))"
    case .renamed(let path, let other): "renamed \(text(path)) \(text(other))"
    case .linked(let path, let other): "linked \(text(path)) \(text(other))"
    case .symlinked(let path, let target): "symlinked \(text(path)) \(text(target))"
    case .changed(let path): "changed \(text(path))"
    case .copied(let from, let to, let bytes): "copied \(from) \(to) \(bytes)"
    }
  }
}
