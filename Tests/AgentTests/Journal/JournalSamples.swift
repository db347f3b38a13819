import NIOCore
import SessionModel
import Signing
import Synchronization
import Testing
import TunnelProtocol

@testable import Agent

/// Records and journals for the tests of this folder.
enum JournalSamples {
  static let time = WallTime(milliseconds: 1_763_756_930_120)

  static func session(_ number: Int) throws -> SessionID {
    let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    let text = [number / 1024 % 32, number / 32 % 32, number % 32].map { digits[$0] }
    return try #require(SessionID("7k2m9" + String(decoding: text, as: UTF8.self)))
  }

  static func consent(_ session: SessionID, relay: Fingerprint = SHA256.hash([9])) -> JournalRecord.Event {
    .consent(
      ConsentBook.Entry(
        statement: ConsentStatement(
          relaySigningKey: relay, session: session, technicianKey: SHA256.hash([1]), wordsHash: SHA256.hash([2]),
          allowances: [.shell, .readFiles]),
        technician: "Anna of  Shop=1", signature: [UInt8](repeating: 0xA1, count: 64)))
  }

  static func checkpoint(
    _ session: SessionID, epoch: UInt32 = 1, sequence: UInt64 = 1, active: Int64 = 5_000
  ) -> CountersignedCheckpoint {
    CountersignedCheckpoint(
      statement: CheckpointStatement(
        session: session, epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: SHA256.hash([3])),
      relaySignature: [UInt8](repeating: 0xB2, count: 64), agentSignature: [UInt8](repeating: 0xC3, count: 64))
  }

  static func signed(
    _ session: SessionID, epoch: UInt32 = 1, sequence: UInt64 = 1, active: Int64 = 5_000, measured: Int64? = nil
  ) -> JournalRecord.Event {
    .signed(
      checkpoint(session, epoch: epoch, sequence: sequence, active: active),
      measuredMilliseconds: measured ?? active + 12)
  }

  static func record(_ session: SessionID, _ event: JournalRecord.Event) -> JournalRecord {
    JournalRecord(time: time, session: session, event: event)
  }

  /// One of every kind.
  static func everyKind(_ session: SessionID) -> [JournalRecord] {
    [
      consent(session), signed(session),
      .refused(
        epoch: 1, sequence: 2, relayMilliseconds: 3_600_000, measuredMilliseconds: 9_000),
      .cut(measuredMilliseconds: 9_100), .restored(measuredMilliseconds: 9_100),
      signed(session, epoch: 2, sequence: 7, active: 9_000),
      .answered(
        AnswerStatement(
          relaySigningKey: SHA256.hash([9]), session: session, number: 3, wordsHash: SHA256.hash([4]), choice: 2),
        signature: [UInt8](repeating: 0xD4, count: 64)),
      .damaged, .ended(measuredMilliseconds: 9_500), .owed(activeMilliseconds: 9_000),
      .closed(activeMilliseconds: 9_000),
    ].map { record(session, $0) }
  }

  static func text(_ records: [JournalRecord], _ key: Ed25519PrivateKey) throws -> [UInt8] {
    var text = JournalText(key: key)
    return try text.begin(records)
  }
}

/// A journal in memory that fails when it is told to.
final class MemoryStore: JournalStore {
  struct State {
    var bytes: [UInt8] = []
    var wholes = 0
    var isFailing = false
    var mayAppend = false
  }
  let state = Mutex(State())

  var bytes: [UInt8] { state.withLock { $0.bytes } }
  var wholes: Int { state.withLock { $0.wholes } }

  func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

  func append(_ bytes: [UInt8]) throws(SigningError) {
    let problem = state.withLock { state -> String? in
      guard state.mayAppend else { return "appended behind a failure" }
      guard !state.isFailing else {
        // A part of it stays behind, as on a full disk.
        state.bytes += bytes.prefix(bytes.count / 2)
        state.mayAppend = false
        return "no space left"
      }
      state.bytes += bytes
      return nil
    }
    if let problem { throw .file(path: "memory", reason: problem) }
  }

  func replace(with bytes: [UInt8]) throws(SigningError) {
    let isFailing = state.withLock { state in
      if !state.isFailing {
        state.bytes = bytes
        state.wholes += 1
        state.mayAppend = true
      }
      return state.isFailing
    }
    if isFailing { throw .file(path: "memory", reason: "no space left") }
  }
}
