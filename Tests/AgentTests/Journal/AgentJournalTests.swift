import Foundation
import Glibc
import NIOCore
import NIOPosix
import SessionModel
import Signing
import Synchronization
import Testing
import TunnelProtocol

@testable import Agent

/// The journal as the agent uses it: real files, and a disk that fails on command.
@Suite("The agent's journal")
final class AgentJournalTests {
  private let directory: String
  private let key: Ed25519PrivateKey
  private let relay = SHA256.hash([9])
  private let session: SessionID
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let told = Told()

  private final class Told: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    key = try Ed25519PrivateKey.generate()
    session = try JournalSamples.session(1)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private var path: String { "\(directory)/journal" }
  private var damagedPath: String { "\(directory)/journal.damaged" }

  private func start() -> JournalStart {
    JournalStart(directory: directory, key: key.publicKey, now: JournalSamples.time)
  }

  /// The next run's start, once the last run has let go of the file.
  private func startAgain() throws -> JournalStart {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while clock.now < end {
      let start = start()
      if start.problem?.contains("another program") != true { return start }
      sched_yield()
    }
    throw Stuck()
  }

  private struct Stuck: Error {}

  /// Notes events as a run of the agent would, and waits until they are on the disk.
  private func run(_ start: JournalStart, _ events: [(SessionID, JournalRecord.Event)]) throws -> JournalBook {
    let (key, loop, told) = (key, loop, told)
    let journal = try loop.submit {
      NIOLoopBound(AgentJournal(start, key: key, loop: loop) { told.add(Wording.journal($0)) }, eventLoop: loop)
    }.wait()
    for (session, event) in events {
      try loop.submit { journal.value.note(event, of: session, at: JournalSamples.time) }.wait()
    }
    try loop.flatSubmit { journal.value.flushed(on: loop) }.wait()
    // What the writer tells crosses to the loop.
    return try loop.submit { journal.value.book }.wait()
  }

  private var visit: [(SessionID, JournalRecord.Event)] {
    [
      (session, JournalSamples.consent(session)), (session, JournalSamples.signed(session, sequence: 1, active: 5_000)),
      (session, JournalSamples.signed(session, sequence: 2, active: 10_000, measured: 10_100)),
    ]
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test("the next run knows what the last one left unsettled")
  func nextRun() throws {
    let book = try run(start(), visit)
    var found = try startAgain()
    #expect(found.problem == nil)
    #expect(found.book.held(relay: relay) == book.held(relay: relay))
    #expect(
      found.book.held(relay: relay).first?.newest == JournalSamples.checkpoint(session, sequence: 2, active: 10_000))
    #expect(try mode(path) == 0o600)
    _ = try run(found, [(session, .closed(activeMilliseconds: 10_000))])
    found.store = nil
    #expect(try startAgain().book == JournalBook())
    #expect(told.all.isEmpty)
  }

  @Test("without a state directory it lives in memory")
  func memory() throws {
    let book = try run(JournalStart(directory: nil, key: key.publicKey, now: JournalSamples.time), visit)
    #expect(book.held(relay: relay).count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
  }

  @Test("two agents do not write one journal: the second keeps its own in memory and says so")
  func locked() throws {
    let first = start()
    let second = start()
    #expect(second.store == nil && second.book == JournalBook())
    #expect(second.problem?.contains("another program is using it") == true, "\(second.problem ?? "")")
    _ = try run(second, visit)
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = first
  }

  @Test("edited by hand: said, set aside, told of each session, and a new one begun")
  func edited() throws {
    _ = try run(start(), visit)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lie = text.replacing("active_ms=10000", with: "active_ms=1")
    #expect(lie != text)
    try lie.write(toFile: path, atomically: false, encoding: .utf8)
    var found = try startAgain()
    #expect(found.problem?.contains("is altered in line 4") == true, "\(found.problem ?? "")")
    #expect(found.book.held(relay: relay).map(\.isJournalDamaged) == [true])
    #expect(try String(contentsOfFile: damagedPath, encoding: .utf8) == lie)
    // The flag outlives a crash before the relay was told.
    _ = try run(found, [])
    found.store = nil
    let again = try startAgain()
    #expect(again.problem == nil)
    #expect(again.book.held(relay: relay).map(\.isJournalDamaged) == [true])
  }

  @Test("a torn end is what a crash leaves: nothing is said, and the file is whole again")
  func torn() throws {
    _ = try run(start(), visit)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    let size = try handle.seekToEnd()
    try handle.truncate(atOffset: size - 40)
    try handle.close()
    var found = try startAgain()
    #expect(found.problem == nil)
    #expect(
      found.book.held(relay: relay).first?.newest == JournalSamples.checkpoint(session, sequence: 1, active: 5_000))
    _ = try run(found, [(session, .cut(measuredMilliseconds: 11_000))])
    found.store = nil
    let again = try startAgain()
    #expect(again.problem == nil)
    #expect(again.book.held(relay: relay).map(\.measuredMilliseconds) == [11_000])
  }

  @Test("empty, foreign, huge: set aside with a word about it", arguments: ["empty", "foreign", "huge"])
  func unfit(kind: String) throws {
    switch kind {
    case "empty": try Data().write(to: URL(fileURLWithPath: path))
    case "foreign":
      let stranger = try Ed25519PrivateKey.generate()
      let bytes = try JournalSamples.text([JournalSamples.record(session, JournalSamples.consent(session))], stranger)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    default:
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      // Sparse: nothing of it is read into memory.
      let isCut = unsafe truncate(path, off_t(1) << 40) == 0
      #expect(isCut)
    }
    let found = start()
    #expect(found.problem != nil && found.book == JournalBook() && found.store != nil)
    #expect(found.trouble?.report.condition == .damaged)
    #expect(FileManager.default.fileExists(atPath: damagedPath))
    _ = try run(found, visit)
    #expect(told.all.isEmpty)
  }

  @Test(
    "what cannot be used is left alone, and the agent goes on in memory",
    arguments: ["directory", "fifo", "link", "directory others write to"])
  func unusable(kind: String) throws {
    switch kind {
    case "directory": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    case "fifo":
      let isMade = unsafe mkfifo(path, 0o600) == 0
      #expect(isMade)
    case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
    default:
      let isOpen = unsafe chmod(directory, 0o777) == 0
      #expect(isOpen)
    }
    let found = start()
    #expect(found.problem?.contains("in memory only") == true, "\(found.problem ?? "nothing said")")
    #expect(found.trouble?.report.condition == .unwritable)
    let book = try run(found, visit)
    #expect(book.held(relay: relay).count == 1)
  }

  @Test("an unwritable directory: said once, the work goes on, and once more when it can be written again")
  func unwritable() throws {
    let found = start()
    // Root may write anywhere; but nobody can put a file where a directory stands that is not empty.
    try FileManager.default.createDirectory(atPath: "\(path)/x", withIntermediateDirectories: true)
    let book = try run(found, visit)
    #expect(book.held(relay: relay).count == 1)
    #expect(told.all.count == 1, "\(told.all)")
    #expect(told.all.first?.contains("in memory only") == true)
  }

  @Test("a disk that fails and recovers: said once each, nothing is lost, nothing stands twice")
  func failing() throws {
    let store = MemoryStore()
    var start = JournalStart()
    start.store = store
    let (key, loop, told) = (key, loop, told)
    let (first, session) = (start, session)
    let journal = try loop.submit {
      NIOLoopBound(AgentJournal(first, key: key, loop: loop) { told.add(Wording.journal($0)) }, eventLoop: loop)
    }.wait()
    func note(_ event: JournalRecord.Event) throws {
      try loop.submit { journal.value.note(event, of: session, at: JournalSamples.time) }.wait()
      try loop.flatSubmit { journal.value.flushed(on: loop) }.wait()
      try loop.submit {}.wait()
    }
    func reading() -> JournalReading { JournalReading(store.bytes, key: key.publicKey) }
    try note(JournalSamples.consent(session))
    try note(JournalSamples.signed(session, sequence: 1))
    store.fail(true)
    for sequence in 2..<6 { try note(JournalSamples.signed(session, sequence: UInt64(sequence), active: 9_000)) }
    #expect(told.all.count == 1 && told.all[0].contains("no space left"), "\(told.all)")
    #expect(reading().damage == nil, "half a line is a torn end")
    #expect(reading().records.count == 2)
    store.fail(false)
    try note(JournalSamples.signed(session, sequence: 6, active: 9_500))
    #expect(told.all.count == 2 && told.all[1] == Wording.journalRecovered, "\(told.all)")
    #expect(reading().damage == nil)
    #expect(
      reading().records.map(\.event) == [
        JournalSamples.consent(session), JournalSamples.signed(session, sequence: 6, active: 9_500),
      ])
    try note(.cut(measuredMilliseconds: 9_600))
    #expect(reading().records.count == 3)
  }

  @Test("a disk that fails from the first write on: nothing is appended where nothing was begun")
  func failingFromTheStart() throws {
    let store = MemoryStore()
    store.fail(true)
    var start = JournalStart()
    start.store = store
    _ = try run(start, visit)
    #expect(told.all.count == 1 && told.all[0].contains("no space left"), "\(told.all)")
    #expect(store.bytes.isEmpty)
  }

  @Test("the file stays small however long a session takes")
  func bounded() throws {
    let store = MemoryStore()
    var start = JournalStart()
    start.store = store
    var events: [(SessionID, JournalRecord.Event)] = [(session, JournalSamples.consent(session))]
    for number in 1...2_000 {
      events.append((session, JournalSamples.signed(session, sequence: UInt64(number), active: Int64(number) * 5_000)))
    }
    let book = try run(start, events)
    #expect(store.wholes > 1)
    #expect(store.bytes.count <= AgentJournal.compactionBytes + 1_024)
    let reading = JournalReading(store.bytes, key: key.publicKey)
    #expect(reading.damage == nil)
    var again = JournalBook()
    for record in reading.records { again.apply(record) }
    #expect(again.held(relay: relay) == book.held(relay: relay))
    #expect(book.held(relay: relay).first?.newest?.statement.sequence == 2_000)
  }

  @Test("the fullest journal there can be is still read")
  func fullest() throws {
    var book = JournalBook()
    for number in 0..<JournalBook.maximumSessions {
      let session = try JournalSamples.session(number)
      book.apply(JournalSamples.record(session, JournalSamples.consent(session)))
      for epoch in 1...UInt32(JournalBook.maximumEpochs) {
        book.apply(
          JournalSamples.record(
            session, JournalSamples.signed(session, epoch: .max - epoch, sequence: .max, active: .max, measured: .max)))
      }
      book.apply(
        JournalSamples.record(
          session, .refused(epoch: .max, sequence: .max, relayMilliseconds: .max, measuredMilliseconds: .max)))
      book.apply(JournalSamples.record(session, .ended(measuredMilliseconds: .max)))
      book.apply(JournalSamples.record(session, .cut(measuredMilliseconds: .max)))
      book.apply(JournalSamples.record(session, .damaged))
    }
    let bytes = try JournalSamples.text(book.records, key)
    #expect(bytes.count * AgentJournal.compactionFactor < JournalStart.maximumBytes, "\(bytes.count)")
  }
}
