import FileSystem
import NIOCore
import SFTPProtocol
import SessionModel
import Synchronization

/// Does file work, on any thread, and writes its answer.
final class FilePerformer: Sendable {
  let root: RootDirectory
  let workers: FileWorkers
  private let isStopped = Atomic(false)

  init(root: RootDirectory, workers: FileWorkers) {
    self.root = root
    self.workers = workers
  }

  /// What takes long breaks off.
  func stop() { isStopped.store(true, ordering: .relaxed) }
  var mayGoOn: Bool { !isStopped.load(ordering: .relaxed) }

  /// Does it, whatever comes of it.
  func perform(_ task: FileTask) -> FileCompletion {
    let job = task.job
    do throws(FileError) {
      switch job.work {
      case .open(_, let path, let mode, let permissions):
        return try open(task, path, mode, permissions: permissions)
      case .openDirectory(_, let path): return try openDirectory(task, path)
      case .close: return FileCompletion(task, close(task))
      case .read(_, let offset, let bytes):
        return FileCompletion(task, try read(job, try task.openFile, offset: offset, bytes: bytes))
      case .write(_, let parts): return FileCompletion(task, write(job, try task.openFile, parts))
      case .list: return FileCompletion(task, list(job, task.resource?.directory))
      case .handleStatus:
        return FileCompletion(task, attributes(job, try task.openFile.status()))
      case .setHandleStatus(_, let path, let attributes):
        return FileCompletion(task, setAttributes(job, try task.openFile, path: path, attributes))
      case .handleVolume: return FileCompletion(task, volume(job, try task.openFile.volume()))
      case .sync:
        try task.openFile.sync()
        return FileCompletion(task, FileOutcome(reply: job.replies.status(.ok, of: job.request)))
      case .copy(_, let offset, let bytes, _, let targetOffset):
        guard let target = task.target?.file else { throw FileError.badDescriptor }
        return FileCompletion(
          task, copy(job, from: try task.openFile, offset: offset, bytes: bytes, to: target, targetOffset: targetOffset)
        )
      case .status, .setStatus, .remove, .makeDirectory, .removeDirectory, .realPath, .rename, .link, .readLink,
        .symlink,
        .volume, .homeDirectory, .accountNames:
        return FileCompletion(task, try performByPath(job))
      }
    } catch {
      return FileCompletion(task, failure(job, error))
    }
  }

  func failure(_ job: FileJob, _ error: FileError) -> FileOutcome {
    FileOutcome(reply: job.replies.status(StatusCode(error), of: job.request))
  }

  func success(_ job: FileJob, _ effect: FileOutcome.Effect = .none) -> FileOutcome {
    FileOutcome(reply: job.replies.status(.ok, of: job.request), effect: effect)
  }

  func attributes(_ job: FileJob, _ status: FileStatus) -> FileOutcome {
    FileOutcome(reply: job.replies.attributes(FileAttributes(status), of: job.request))
  }

  func volume(_ job: FileJob, _ status: VolumeStatus) -> FileOutcome {
    FileOutcome(reply: job.replies.numbers(status.numbers, of: job.request))
  }

  // MARK: - Open and close

  private func open(
    _ task: FileTask, _ path: [UInt8], _ mode: OpenMode, permissions: UInt32?
  ) throws(FileError) -> FileCompletion {
    let resource = try place { () throws(FileError) in
      .file(try root.open(path, flags: OpenFlags(mode), mode: (permissions ?? 0o666) & 0o7777))
    }
    // A get reads from front to back: the kernel may read twice as far ahead of it.
    if !mode.changesSomething { resource.file?.adviseSequential() }
    return opened(task, resource, reported: resource.file?.machinePath() ?? root.absolute(path))
  }

  private func openDirectory(_ task: FileTask, _ path: [UInt8]) throws(FileError) -> FileCompletion {
    let resource = try place { () throws(FileError) in .directory(try root.openDirectory(path)) }
    return opened(task, resource, reported: resource.directory?.machinePath() ?? root.absolute(path))
  }

  /// Opens within the agent's descriptors. Too many is what it is when the process has no descriptor left: a failure.
  private func place(_ open: () throws(FileError) -> FileResource.Kind) throws(FileError) -> FileResource {
    guard workers.takePlace() else { throw FileError.tooManyFiles }
    do throws(FileError) {
      return FileResource(try open(), workers: workers)
    } catch {
      workers.givePlaceBack()
      throw error
    }
  }

  private func opened(_ task: FileTask, _ resource: FileResource, reported path: [UInt8]) -> FileCompletion {
    FileCompletion(task, FileOutcome(reply: nil, effect: .opened(path: path.reportable)), opened: resource)
  }

  /// The handle is gone even where closing says that a write failed after all.
  private func close(_ task: FileTask) -> FileOutcome {
    var code = StatusCode.ok
    do throws(FileError) {
      try task.resource?.close()
    } catch {
      code = StatusCode(error)
    }
    return FileOutcome(reply: task.job.replies.status(code, of: task.job.request), effect: .closed)
  }
}

extension FileTask {
  /// The open file of the job's slot.
  var openFile: OpenFile {
    get throws(FileError) {
      guard let file = resource?.file else { throw FileError.badDescriptor }
      return file
    }
  }
}
