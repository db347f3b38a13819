import Foundation

/// The checkout this test was compiled from.
struct Repository {
  /// The top, links resolved.
  let root: String

  init(file: String = #filePath) {
    root =
      URL(filePath: file).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }

  /// The files of `folder` with one of the `extensions`, by path from the top.
  func files(under folder: String, extensions: Set<String>) throws -> [SourceFile] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)").sorted()
    return try names.filter { extensions.contains(URL(filePath: $0).pathExtension) }.map {
      let path = "\(folder)/\($0)"
      return SourceFile(path: path, text: try text(path))
    }
  }

  /// A file's text.
  func text(_ path: String) throws -> String { try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

  /// Whether there is a file or folder at `path`.
  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

  /// The folders directly under `folder`.
  func folders(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(folder)/\($0)")
      return attributes[.type] as? FileAttributeType == .typeDirectory
    }.sorted()
  }

  /// What git tracks, and what it would track if added: paths from the top. Nil where there is no git.
  func trackedFiles() throws -> [String]? {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"]
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    try git.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The checkout itself, and the folder around it unless that is a name any machine has.
  var machinePlaces: [String] {
    let parent = URL(filePath: root).deletingLastPathComponent().path
    let common: Set = ["/", "/tmp", "/var/tmp", "/home", "/root", "/src", "/usr/src", "/opt", "/srv", "/mnt"]
    return common.contains(parent) ? ["\(root)/"] : ["\(root)/", "\(parent)/"]
  }
}
