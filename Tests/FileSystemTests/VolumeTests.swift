import FileSystem
import Glibc
import NIOCore
import Testing

/// File systems of their own: full, read-only. Mounting needs root, and a container may still refuse it.
@Suite("Volumes", .serialized) struct VolumeTests {
  /// A mount that goes with the value.
  final class Mount {
    let path: String

    init(_ source: String, at path: String, type: String?, flags: UInt, options: String?) throws {
      self.path = path
      guard unsafe mount(source, path, type, flags, options) == 0 else { throw FileError(number: errno) }
    }

    deinit {
      _ = unsafe umount2(path, CInt(MNT_DETACH))
    }
  }

  /// Why nothing can be mounted here; nil when it can.
  static let refusal: String? = {
    do {
      let scratch = try Scratch()
      _ = try Mount("none", at: scratch.path, type: "tmpfs", flags: 0, options: "size=64k")
      return nil
    } catch {
      return "mounting a tmpfs is not permitted here (\((error as? FileError)?.text ?? "\(error)"))"
    }
  }()

  @Test(
    "a file system that runs full says ENOSPC, keeps what fitted, and goes on when there is room",
    .enabled(if: refusal == nil, "mounting is not permitted here"))
  func full() throws {
    let scratch = try Scratch()
    let mounted = try Mount("none", at: scratch.path, type: "tmpfs", flags: 0, options: "size=256k,nr_inodes=16")
    defer { withExtendedLifetime(mounted) {} }
    do {
      let root = try RootDirectory(path: scratch.path)
      let file = try root.open("f".bytes, flags: [.read, .write, .create])
      let block = ByteBuffer(repeating: 0x78, count: 100_000)
      var offset: UInt64 = 0
      var failure: Int32 = 0
      while failure == 0, offset < 1 << 20 {
        failure = outcome { () throws(FileError) in offset += UInt64(try file.write(block, at: offset)) }
      }
      #expect(failure == ENOSPC)
      #expect(offset == 256 << 10)
      #expect(try file.status().sizeBytes == offset)
      let volume = try root.volume("/".bytes)
      #expect(volume.blocksAvailable == 0)
      #expect(volume.blocks * volume.fragmentBytes == 256 << 10)
      #expect(volume.maximumNameBytes == 255 && !volume.isReadOnly)
      #expect(try file.volume() == volume)
      let other = try root.open("other".bytes, flags: [.write, .create])
      #expect(outcome { () throws(FileError) in _ = try file.copy(from: 0, to: other, at: 0, bytes: 10) } == ENOSPC)
      try file.setSize(bytes: 100_000)
      #expect(try file.write(ByteBuffer(string: "again"), at: 100_000) == 5)
      // No more inodes.
      var made = 0
      while outcome({ () throws(FileError) in try root.makeDirectory("d\(made)".bytes) }) == 0, made < 100 { made += 1 }
      #expect(outcome { () throws(FileError) in try root.makeDirectory("more".bytes) } == ENOSPC)
      #expect(outcome { () throws(FileError) in try root.symlink(target: "x".bytes, at: "more".bytes) } == ENOSPC)
    }
  }

  @Test(
    "a read-only bind mount is EROFS for all that changes something, and for nothing else",
    .enabled(if: refusal == nil, "mounting is not permitted here"))
  func readOnly() throws {
    let scratch = try Scratch()
    let original = try scratch.directory("original")
    let view = try scratch.directory("view")
    try scratch.file("original/f", "text")
    _ = try scratch.directory("original/d")
    try scratch.link("original/l", to: "f")
    let bound = try Mount(original, at: view, type: nil, flags: UInt(MS_BIND), options: nil)
    let flags = UInt(MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID)
    try #require(unsafe mount("none", view, nil, flags, nil) == 0)
    defer { withExtendedLifetime(bound) {} }
    do {
      let root = try RootDirectory(path: "/", workingDirectory: view.bytes)
      let volume = try root.volume("f".bytes)
      #expect(volume.isReadOnly && volume.isNoSetUserID && volume.flags == 3)
      #expect(try root.volume(original.bytes).flags & 1 == 0)
      let before = digest(original)
      for pick in [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16] {
        _ = ConfinementTests.tryEverything(try RootDirectory(path: view), "/f".bytes, pick)
      }
      #expect(digest(original) == before)
      let changes: [(String, (RootDirectory) throws(FileError) -> Void)] = [
        ("write", { root throws(FileError) in _ = try root.open("f".bytes, flags: .write) }),
        ("create", { root throws(FileError) in _ = try root.open("new".bytes, flags: [.write, .create]) }),
        ("truncate", { root throws(FileError) in try root.setSize("f".bytes, bytes: 1) }),
        ("mode", { root throws(FileError) in try root.setMode("f".bytes, 0o600, followLinks: true) }),
        (
          "owner", { root throws(FileError) in try root.setOwner("l".bytes, userID: 1, groupID: 1, followLinks: false) }
        ),
        (
          "times",
          { root throws(FileError) in
            try root.setTimes("f".bytes, accessedSeconds: 1, modifiedSeconds: 1, followLinks: true)
          }
        ),
        ("remove", { root throws(FileError) in try root.remove("f".bytes) }),
        ("rmdir", { root throws(FileError) in try root.removeDirectory("d".bytes) }),
        ("mkdir", { root throws(FileError) in try root.makeDirectory("e".bytes) }),
        ("rename", { root throws(FileError) in try root.rename("f".bytes, to: "g".bytes) }),
        ("rename v3", { root throws(FileError) in try root.renameWithoutReplacing("f".bytes, to: "g".bytes) }),
        ("link", { root throws(FileError) in try root.link("f".bytes, to: "g".bytes) }),
        ("symlink", { root throws(FileError) in try root.symlink(target: "f".bytes, at: "g".bytes) }),
      ]
      for (name, change) in changes {
        #expect(outcome { () throws(FileError) in try change(root) } == EROFS, "\(name)")
      }
      #expect(try root.open("f".bytes, flags: .read).status().sizeBytes == 4)
      #expect(try root.readLink("l".bytes) == "f".bytes)
      // The mount is another device to link(2) and rename(2), though it is the same to stat(2).
      let across = original.bytes + "/g".bytes
      #expect(outcome { () throws(FileError) in try root.link("f".bytes, to: across) } == EXDEV)
    }
  }
}
