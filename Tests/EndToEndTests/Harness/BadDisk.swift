import Foundation
import Glibc

/// A disk under the relay's ledger that can be made to fail, and mended.
enum BadDisk: String, CaseIterable {
  /// A small file system in memory that runs full.
  case full
  /// fsync fails; see Tests/FaultLibrary.
  case notConfirming
  /// The file system was remounted read-only by force, as ext4 does after an error. mount(8) itself refuses as long as a
  /// file is open for writing, so the errors come from Tests/FaultLibrary.
  case readOnly

  /// Those that can be had here.
  static var possible: [BadDisk] {
    allCases.filter { $0 == .full ? Mount.memoryIsPossible : FaultLibrary.disk != nil }
  }

  /// Puts the disk under the state directory of a relay that is to be started; returns the relay's environment.
  func put(under scratch: Scratch) throws -> [String: String] {
    guard self == .full else {
      return [
        "LD_PRELOAD": try unwrap(FaultLibrary.disk, "the fault library"), "FIXLINE_FAULT_FILES": "/ledger.sqlite",
        "FIXLINE_FAULT_COMMAND": scratch.path("fault"),
      ]
    }
    let state = try scratch.directory("state")
    let done = try Finished.run(
      ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "fixline-test", state],
      environment: Programs.variables(home: "/"), directory: "/")
    guard done.succeeded else { throw Failure("\(done)") }
    return [:]
  }

  /// Makes it fail.
  func fail(_ shop: Shop) throws {
    switch self {
    case .full:
      // Until nothing more goes in.
      _ = try shop.tool(["dd", "if=/dev/zero", "of=\(shop.relay.state)/filler", "bs=4k", "status=none"])
    case .notConfirming: try shop.scratch.file("fault", "sync ledger.sqlite-wal")
    case .readOnly: try shop.scratch.file("fault", "readonly ledger.sqlite-wal")
    }
  }

  /// Makes it work again.
  func mend(_ shop: Shop) throws {
    switch self {
    case .full: try FileManager.default.removeItem(atPath: "\(shop.relay.state)/filler")
    case .notConfirming, .readOnly: try shop.scratch.file("fault", "none")
    }
  }

  /// Takes it away when the shop is closed.
  func remove(_ shop: Shop) {
    guard self == .full else { return }
    _ = try? Finished.run(
      ["umount", "-l", shop.scratch.path("state")], environment: Programs.variables(home: "/"), directory: "/")
    shop.scratch.remove()
  }

  /// Opens a shop above this disk for `body`, and closes it whatever happens.
  func withShop(_ body: (Shop) throws -> Void) throws {
    let shop = try Shop(preparing: put)
    defer {
      shop.close()
      remove(shop)
    }
    do { try body(shop) } catch { throw Failure("\(error)\n\(shop.story)") }
  }
}
