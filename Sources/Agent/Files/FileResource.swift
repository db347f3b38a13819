import FileSystem

/// Something open on the machine, which closes with its last reference at the latest. It holds one of the places that
/// ``FileWorkers`` has.
final class FileResource: Sendable {
  enum Kind: Sendable {
    case file(OpenFile)
    case directory(OpenDirectory)
  }

  let kind: Kind
  private let workers: FileWorkers

  /// A place was taken for it.
  init(_ kind: Kind, workers: FileWorkers) {
    self.kind = kind
    self.workers = workers
  }

  deinit { workers.givePlaceBack() }

  var file: OpenFile? {
    switch kind {
    case .file(let file): file
    case .directory: nil
    }
  }

  var directory: OpenDirectory? {
    switch kind {
    case .file: nil
    case .directory(let directory): directory
    }
  }

  func close() throws(FileError) {
    switch kind {
    case .file(let file): try file.close()
    case .directory(let directory): try directory.close()
    }
  }
}
