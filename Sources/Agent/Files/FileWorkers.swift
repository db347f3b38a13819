import FileSystem
import Synchronization

/// What all file transfers of an agent share: how many there are, how many files they have open, and the names of users.
package final class FileWorkers: Sendable {
  /// Transfers at once, those that are over and still wait for a disk included.
  package static let maximumTransfers = 256
  /// Threads that one transfer has at most.
  package static let threadsPerTransfer = 4
  /// Descriptors left to the rest of the agent: tunnels, terminals, forwards.
  package static let reservedDescriptors: UInt64 = 256
  /// Files open at once over all transfers, whatever the process may have.
  package static let maximumOpenFiles = 65_280

  private struct State {
    var transfers = 0
    var openFiles = 0
  }

  let accounts = Accounts()
  private let state = Mutex(State())
  private let openFileLimit: Int

  /// Nothing is in use yet.
  package init() {
    let possible = OwnProcess.openFileLimit ?? UInt64(Self.maximumOpenFiles)
    // Under a very low limit half of it is for files.
    let free = possible > 2 * Self.reservedDescriptors ? possible - Self.reservedDescriptors : possible / 2
    openFileLimit = Int(min(free, UInt64(Self.maximumOpenFiles)))
  }

  /// Whether one more transfer may be made.
  package var hasRoom: Bool { state.withLock { $0.transfers < Self.maximumTransfers } }

  /// The threads of one more transfer, which counts until they are gone.
  func makeThreads() -> TransferThreads {
    state.withLock { $0.transfers += 1 }
    return TransferThreads(limit: Self.threadsPerTransfer) { [self] in state.withLock { $0.transfers -= 1 } }
  }

  /// A place for one more open file; false when there is none.
  func takePlace() -> Bool {
    state.withLock { state in
      guard state.openFiles < openFileLimit else { return false }
      state.openFiles += 1
      return true
    }
  }

  func givePlaceBack() { state.withLock { $0.openFiles -= 1 } }
}
