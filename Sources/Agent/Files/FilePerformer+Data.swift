import FileSystem
import NIOCore
import SFTPProtocol

extension FilePerformer {
  /// Answers that fill less than this part of their storage are copied into storage of their own, so that the end of a file
  /// does not keep 256 KiB alive while it waits to be sent: 1/4.
  private static let excessFactor = 4
  /// What sftp-server copies at a time, in bytes. It decides how a copy beyond the file's end is answered.
  private static let copyChunkBytes: UInt64 = 64 * 1024

  /// One read, straight into the answer behind its head.
  func read(_ job: FileJob, _ file: OpenFile, offset: UInt64, bytes: Int) throws(FileError) -> FileOutcome {
    var reply = job.replies.beginData(of: job.request, bytes: bytes)
    let count = try file.read(at: offset, into: &reply, bytes: bytes)
    if count == 0, bytes > 0 {
      return FileOutcome(reply: job.replies.status(.endOfFile, of: job.request))
    }
    job.replies.finishData(&reply)
    if reply.readableBytes * Self.excessFactor < reply.storageCapacity {
      var copy = ByteBuffer()
      copy.reserveCapacity(reply.readableBytes)
      copy.writeImmutableBuffer(reply)
      reply = copy
    }
    return FileOutcome(reply: reply, effect: .read(bytes: count))
  }

  /// All at once; where that falls short, one by one from the first that is not whole, so that each gets the answer it
  /// would have got alone.
  func write(_ job: FileJob, _ file: OpenFile, _ parts: [WritePart]) -> FileOutcome {
    var replies = ByteBuffer()
    replies.reserveCapacity(32 * parts.count)
    var written = 0
    var rest = parts[...]
    if parts.count > 1, let offset = parts.first?.offset {
      var done = (try? file.write(parts.flatMap(\.data), at: offset)) ?? 0
      while let part = rest.first, part.bytes <= done, done > 0 {
        done -= part.bytes
        written += part.bytes
        job.replies.append(.ok, of: part.request, to: &replies)
        rest.removeFirst()
      }
      // What is appended cannot be written again.
      if done > 0, file.flags.contains(.append), let part = rest.popFirst() {
        job.replies.append(.failure, of: part.request, to: &replies)
      }
    }
    for part in rest {
      do throws(FileError) {
        let count = try file.write(part.data, at: part.offset)
        let isWhole = count == part.bytes
        if isWhole { written += count }
        job.replies.append(isWhole ? .ok : .failure, of: part.request, to: &replies)
      } catch {
        job.replies.append(StatusCode(error), of: part.request, to: &replies)
      }
    }
    return FileOutcome(reply: replies, effect: .wrote(bytes: written))
  }

  /// copy-data. A length of 0 is all there is. Answers as sftp-server does but in one case: that server calls a write that
  /// failed within the last 64 KiB a success.
  func copy(
    _ job: FileJob, from source: OpenFile, offset: UInt64, bytes: UInt64, to target: OpenFile, targetOffset: UInt64
  ) -> FileOutcome {
    let isLimited = bytes > 0
    let wanted = isLimited ? bytes : UInt64.max - offset
    var copied: UInt64 = 0
    var code = StatusCode.ok
    do throws(FileError) {
      while copied < wanted {
        guard mayGoOn else {
          code = .failure
          break
        }
        let (from, fromOverflow) = offset.addingReportingOverflow(copied)
        let (to, toOverflow) = targetOffset.addingReportingOverflow(copied)
        if fromOverflow || toOverflow { throw FileError.invalid }
        let count = try source.copy(from: from, to: target, at: to, bytes: wanted - copied)
        if count == 0 {
          // sftp-server notices the end when it reads nothing, and has taken that chunk off what it still has to copy.
          let chunks = (copied + Self.copyChunkBytes - 1) / Self.copyChunkBytes + 1
          let (taken, overflow) = chunks.multipliedReportingOverflow(by: Self.copyChunkBytes)
          if isLimited, !overflow, taken < wanted { code = .endOfFile }
          break
        }
        copied += UInt64(count)
      }
    } catch {
      code = StatusCode(error)
    }
    return FileOutcome(
      reply: job.replies.status(code, of: job.request), effect: .copied(bytes: Int64(clamping: copied)))
  }
}
