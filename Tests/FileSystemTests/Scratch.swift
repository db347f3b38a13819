import FileSystem
import Glibc
import Synchronization

/// A directory of its own for one test, removed with all that is in it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/fixline-fs-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw FileError(number: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    _ = unsafe chmod(path, 0o755)
  }

  deinit {
    removeTree(path)
  }

  /// A directory in it, made now.
  func directory(_ name: String, mode: UInt32 = 0o755) throws -> String {
    let made = "\(path)/\(name)"
    guard unsafe mkdir(made, mode) == 0 else { throw FileError(number: errno) }
    _ = unsafe chmod(made, mode)
    return made
  }

  /// A file in it.
  @discardableResult func file(_ name: String, _ contents: String = "", mode: UInt32 = 0o644) throws -> String {
    let made = "\(path)/\(name)"
    try write(contents, to: made)
    _ = unsafe chmod(made, mode)
    return made
  }

  /// A symbolic link in it.
  func link(_ name: String, to target: String) throws {
    guard unsafe symlink(target, "\(path)/\(name)") == 0 else { throw FileError(number: errno) }
  }
}

func write(_ contents: String, to path: String) throws {
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw FileError(number: errno) }
  defer { close(descriptor) }
  let bytes = Array(contents.utf8)
  guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw FileError(number: errno) }
}

func contents(_ path: String) -> String? {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  let count = unsafe read(descriptor, &buffer, buffer.count)
  return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
}

/// The names in a directory in its order, by readdir(3).
func names(in path: String) -> [[UInt8]] {
  guard let stream = unsafe opendir(path) else { return [] }
  defer { unsafe closedir(stream) }
  var found: [[UInt8]] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
    found.append(name)
  }
  return found
}

/// What a tree looks like: a line for each file, in the order of names. Times are left out, but for whole days.
func digest(_ path: String) -> [String] {
  var lines: [String] = []
  for name in names(in: path).sorted(by: { $0.lexicographicallyPrecedes($1) }) where name != [46] && name != [46, 46] {
    let child = Array(path.utf8) + [47] + name + [0]
    let child8 = child.map { CChar(bitPattern: $0) }
    var status = stat()
    guard unsafe lstat(child8, &status) == 0 else { continue }
    var line = "\(String(decoding: name, as: UTF8.self)) \(String(status.st_mode, radix: 8))"
    line += " \(status.st_uid) \(status.st_mtim.tv_sec / 86400)"
    switch status.st_mode & S_IFMT {
    case S_IFLNK:
      var target = [CChar](repeating: 0, count: 4096)
      let length = unsafe readlink(child8, &target, target.count)
      let text = String(decoding: target[..<max(length, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // Absolute links of twin trees differ in the trees' own places.
      line += " -> " + (text.hasPrefix("/tmp/") ? text.split(separator: "/").dropFirst(3).joined(separator: "/") : text)
    case S_IFREG: line += " \(status.st_size) bytes, \(status.st_nlink) names"
    case S_IFDIR:
      lines.append(line)
      lines += digest(String(decoding: child.dropLast(), as: UTF8.self)).map { "  " + $0 }
      continue
    default: break
    }
    lines.append(line)
  }
  return lines
}

/// Removes what stands at `path`. Follows no link, not even one that takes a directory's place meanwhile: works by descriptor.
func removeTree(_ path: String) {
  removeTree(AT_FDCWD, path.utf8.map { CChar(bitPattern: $0) } + [0])
}

private func removeTree(_ parent: CInt, _ name: [CChar]) {
  if unsafe unlinkat(parent, name, 0) == 0 { return }
  let opened = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard opened >= 0 else { return }
  guard let stream = unsafe fdopendir(opened) else {
    close(opened)
    return
  }
  defer { unsafe closedir(stream) }
  var children: [[UInt8]] = []
  while let entry = unsafe readdir(stream) {
    unsafe children.append(withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) })
  }
  for child in children where child != [46] && child != [46, 46] {
    removeTree(opened, child.map { CChar(bitPattern: $0) } + [0])
  }
  _ = unsafe unlinkat(parent, name, AT_REMOVEDIR)
}

/// The errno `body` ends with; 0 when it succeeds.
func outcome(_ body: () throws(FileError) -> Void) -> Int32 {
  do throws(FileError) {
    try body()
    return 0
  } catch {
    return error.number
  }
}

/// The open descriptors of this process below `path`.
func descriptors(below path: String) -> [String] {
  names(in: "/proc/self/fd").compactMap { name in
    let text = String(decoding: linkTarget("/proc/self/fd/" + String(decoding: name, as: UTF8.self)), as: UTF8.self)
    return text.hasPrefix(path) ? text : nil
  }
}

/// What a link says; nothing when it is none.
func linkTarget(_ path: String) -> [UInt8] {
  var target = [CChar](repeating: 0, count: 4096)
  let count = unsafe readlink(path, &target, target.count)
  return count > 0 ? target[..<count].map { UInt8(bitPattern: $0) } : []
}

/// A directory, opened plainly.
func directoryDescriptor(_ path: String) -> CInt {
  unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
}

/// Exchanges two names in one step: renameat2 with RENAME_EXCHANGE, which the Glibc module does not show.
func exchange(_ one: String, _ other: String) {
  typealias Call = @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, UInt32) -> CInt
  guard let symbol = unsafe dlsym(nil, "renameat2") else { return }
  _ = unsafe unsafeBitCast(symbol, to: Call.self)(AT_FDCWD, one, AT_FDCWD, other, 2)
}

/// What two threads of a race tell each other.
final class Signals: Sendable {
  private let done = Atomic<Bool>(false)
  private let counter = Atomic<Int>(0)

  var isDone: Bool { done.load(ordering: .relaxed) }
  var count: Int { counter.load(ordering: .relaxed) }

  func finish() { done.store(true, ordering: .relaxed) }
  func step() { counter.add(1, ordering: .relaxed) }
}

extension String {
  var bytes: [UInt8] { Array(utf8) }
}
