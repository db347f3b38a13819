/// The open files and directories of one stream, and the numbers clients know them by.
///
/// A number is a place in the table. A free place is taken before the table grows, and of several the one freed last: so
/// the numbers are those sftp-server gives.
struct HandleTable: Hashable, Sendable {
  /// An open file.
  struct File: Hashable, Sendable {
    /// What it was opened by, as given.
    let path: [UInt8]
    let mode: OpenMode
    /// The number of the event that reported it.
    let opening: UInt64
    var bytesToMachine: Int64 = 0
    var bytesFromMachine: Int64 = 0
  }

  private enum Place: Hashable {
    case free(next: HandleSlot?)
    /// An OPEN or OPENDIR is being done.
    case reserved
    case file(File)
    case directory
  }

  private var places: [Place] = []
  private var firstFree: HandleSlot?
  /// Reserved or open.
  private(set) var count = 0

  /// A place for something that is about to be opened.
  mutating func reserve() -> HandleSlot {
    count += 1
    guard let slot = firstFree, case .free(let next) = places[slot] else {
      places.append(.reserved)
      return places.count - 1
    }
    firstFree = next
    places[slot] = .reserved
    return slot
  }

  mutating func fill(_ slot: HandleSlot, with file: File) { places[slot] = .file(file) }
  mutating func fillWithDirectory(_ slot: HandleSlot) { places[slot] = .directory }

  /// The place is free again.
  mutating func free(_ slot: HandleSlot) {
    if case .free = places[slot] { return }
    places[slot] = .free(next: firstFree)
    firstFree = slot
    count -= 1
  }

  /// The open file a client's handle names.
  func file(_ handle: UInt32?) -> (slot: HandleSlot, file: File)? {
    guard let slot = slot(of: handle), case .file(let file) = places[slot] else { return nil }
    return (slot, file)
  }

  /// The open directory a client's handle names.
  func directory(_ handle: UInt32?) -> HandleSlot? {
    guard let slot = slot(of: handle), case .directory = places[slot] else { return nil }
    return slot
  }

  /// Changes what is known of an open file.
  mutating func update(_ slot: HandleSlot, _ change: (inout File) -> Void) {
    guard places.indices.contains(slot), case .file(var file) = places[slot] else { return }
    change(&file)
    places[slot] = .file(file)
  }

  /// What is open at a place.
  func file(at slot: HandleSlot) -> File? {
    guard places.indices.contains(slot), case .file(let file) = places[slot] else { return nil }
    return file
  }

  private func slot(of handle: UInt32?) -> HandleSlot? {
    guard let handle, handle < UInt32(clamping: places.count) else { return nil }
    return HandleSlot(handle)
  }
}
