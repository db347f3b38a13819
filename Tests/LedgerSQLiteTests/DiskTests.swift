import Foundation
import GRDB
import Ledger
import SessionModel
import Testing

@testable import LedgerSQLite

/// A small file system in memory, mounted for one test.
final class SmallDisk {
  static let bytes = 3 << 20
  let directory: String
  var ledger: String { directory + "/" + SQLiteLedger.fileName }
  private var filler: String { directory + "/filler" }

  /// Whether this process may mount: tried once.
  static let isPermitted: Bool = (try? SmallDisk()) != nil

  init() throws {
    directory = NSTemporaryDirectory() + "fixline-disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(Self.bytes),mode=0700", "tmpfs", directory])
  }

  deinit {
    try? Self.run("umount", [directory])
    try? FileManager.default.removeItem(atPath: directory)
  }

  func remount(readOnly: Bool) throws {
    try Self.run("mount", ["-o", readOnly ? "remount,ro" : "remount,rw", directory])
  }

  /// Takes everything but `rest` bytes.
  func fill(leaving rest: Int) throws {
    var free = try FileManager.default.attributesOfFileSystem(forPath: directory)[.systemFreeSize] as? Int ?? 0
    free -= rest
    if free > 0 { try Data(count: free).write(to: URL(fileURLWithPath: filler)) }
  }

  func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }

  private static func run(_ command: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }
}

@Suite(.enabled(if: SmallDisk.isPermitted, "mounting a small tmpfs is not permitted here"))
struct DiskTests {
  @Test func aFullDiskIsSaidSoAndNothingRecordedIsLost() throws {
    let disk = try SmallDisk()
    let ledger = try SQLiteLedger(path: disk.ledger)
    try ledger.append(note(0), at: Play.time)
    try disk.fill(leaving: 400_000)
    var acknowledged: UInt64 = 1
    var failure: StoreError?
    while failure == nil, acknowledged < 5000 {
      do throws(StoreError) {
        acknowledged = try ledger.append(note(Int(acknowledged)), at: Play.time).sequence
      } catch {
        failure = error
      }
    }
    #expect(failure == .full(path: disk.ledger))
    #expect(failure?.stopsTheClock == true)
    #expect(try ledger.head().sequence == acknowledged)
    #expect(throws: StoreError.full(path: disk.ledger)) { try ledger.append(note(1), at: Play.time) }
    #expect(try ledger.verify().isSound)
    try disk.makeRoom()
    #expect(try ledger.append(note(2), at: Play.time).sequence == acknowledged + 1)
    let report = try SQLiteLedger(path: disk.ledger).verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == acknowledged + 1)
  }

  @Test func aDiskFullFromTheStartIsSaidSo() throws {
    let disk = try SmallDisk()
    try disk.fill(leaving: 0)
    #expect(throws: StoreError.full(path: disk.ledger)) { try SQLiteLedger(path: disk.ledger) }
    try disk.makeRoom()
    #expect(try SQLiteLedger(path: disk.ledger).append(note(1), at: Play.time).sequence == 1)
  }

  @Test func aLedgerOnAReadOnlyFileSystemCanBeRead() throws {
    let disk = try SmallDisk()
    try SQLiteLedger(path: disk.ledger).append([note(1), note(2)], at: Play.time)
    try disk.remount(readOnly: true)
    #expect(throws: StoreError.readOnly(path: disk.ledger)) {
      try SQLiteLedger(path: disk.ledger).append(note(3), at: Play.time)
    }
    let report = try SQLiteLedger(path: disk.ledger, readOnly: true).verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == 2)
    try disk.remount(readOnly: false)
    #expect(try SQLiteLedger(path: disk.ledger).append(note(3), at: Play.time).sequence == 3)
  }
}

@Suite struct StoreErrorTests {
  @Test func eachFailureOfTheDiskIsToldApart() {
    func error(_ code: ResultCode) -> StoreError {
      StoreError(DatabaseError(resultCode: code, message: "m"), path: "p")
    }
    #expect(error(.SQLITE_FULL) == .full(path: "p"))
    #expect(error(.SQLITE_IOERR_SHMSIZE) == .full(path: "p"))
    #expect(error(.SQLITE_IOERR_FSYNC) == .notDurable(path: "p"))
    #expect(error(.SQLITE_IOERR_DIR_FSYNC) == .notDurable(path: "p"))
    #expect(error(.SQLITE_READONLY) == .readOnly(path: "p"))
    #expect(error(.SQLITE_BUSY) == .busy(path: "p"))
    #expect(error(.SQLITE_BUSY_SNAPSHOT) == .busy(path: "p"))
    #expect(error(.SQLITE_CORRUPT_INDEX) == .corrupt(path: "p", detail: "m"))
    #expect(error(.SQLITE_NOTADB) == .notALedger(path: "p"))
    #expect(error(.SQLITE_IOERR_READ) == .inputOutput(path: "p", detail: "m, SQLite error 266"))
    for code: ResultCode in [.SQLITE_FULL, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_WRITE, .SQLITE_READONLY] {
      #expect(error(code).stopsTheClock)
      #expect(!error(code).description.contains("\n"))
    }
  }

  @Test func aWriterHeldUpTooLongIsToldSo() throws {
    let scratch = try Scratch()
    let ledger = SQLiteLedger(file: try SQLiteFile(path: scratch.ledger, readOnly: false, busySeconds: 0.1))
    let other = try Tamper(scratch.ledger)
    try other.run("BEGIN IMMEDIATE")
    #expect(throws: StoreError.busy(path: scratch.ledger)) { try ledger.append(note(1), at: Play.time) }
    #expect(try ledger.head().sequence == 0)
    try other.run("COMMIT")
    #expect(try ledger.append(note(1), at: Play.time).sequence == 1)
  }
}
