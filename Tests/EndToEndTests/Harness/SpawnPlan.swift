import Foundation
import Glibc

/// Descriptors for one start of a child, and the start itself.
struct SpawnPlan {
  /// Ours: what goes to its input, or -1.
  private(set) var inputEnd: CInt = -1
  /// Ours: what comes from its output.
  private(set) var outputEnd: CInt = -1
  /// Ours: what comes from its error, or -1 with a terminal.
  private(set) var errorEnd: CInt = -1

  private var theirs: [CInt] = []
  private var inputPath: String?
  private let hasTerminal: Bool

  init(input: Child.Input) throws {
    Self.prepare
    switch input {
    case .terminal(let columns, let rows):
      hasTerminal = true
      let terminal = try openTerminal()
      setTerminalSize(terminal.descriptor, columns: columns, rows: rows)
      inputPath = terminal.childPath
      outputEnd = terminal.descriptor
      inputEnd = fcntl(terminal.descriptor, F_DUPFD_CLOEXEC, 0)
    case .nothing, .file, .pipe:
      hasTerminal = false
      var childInput: CInt = -1
      switch input {
      case .file(let path): inputPath = path
      case .pipe: (childInput, inputEnd) = try Self.pipe()
      case .nothing, .terminal: inputPath = "/dev/null"
      }
      let output = try Self.pipe()
      let error = try Self.pipe()
      outputEnd = output.reading
      errorEnd = error.reading
      theirs = [childInput, output.writing, error.writing]
    }
  }

  /// Held while a pipe is made and while a child is started: a pipe is not yet closed to children in its first moment, and
  /// one that leaked into another test's child would never end.
  private static let starting = NSLock()

  /// A child that reads no more must not end the tests.
  private static let prepare: Void = { _ = Glibc.signal(SIGPIPE, SIG_IGN) }()

  /// Beyond what is open, with room for what is opened meanwhile. To close one that is not open is no mistake.
  private static var highestDescriptor: CInt {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return min((names.compactMap { CInt($0) }.max() ?? 3) + 64, 1000)
  }

  private static func pipe() throws -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    starting.lock()
    defer { starting.unlock() }
    guard unsafe Glibc.pipe(&ends) == 0 else { throw Failure("no pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Starts the program; closes the child's ends here.
  func spawn(_ arguments: [String], environment: [String: String], directory: String) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }

    if let inputPath {
      // The first terminal a session leader opens becomes its controlling terminal.
      unsafe posix_spawn_file_actions_addopen(&actions, 0, inputPath, hasTerminal ? O_RDWR : O_RDONLY, 0)
    } else {
      unsafe posix_spawn_file_actions_adddup2(&actions, theirs[0], 0)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, hasTerminal ? 0 : theirs[1], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, hasTerminal ? 0 : theirs[2], 2)
    // Whatever the tests were started with, and whatever others in this process have open by then: the child itself closes it.
    for descriptor in 3...Self.highestDescriptor { unsafe posix_spawn_file_actions_addclose(&actions, descriptor) }

    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    let group = hasTerminal ? 0x80 /* POSIX_SPAWN_SETSID */ : Int32(POSIX_SPAWN_SETPGROUP)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | group))

    var pid: pid_t = 0
    let variables = environment.map { "\($0.key)=\($0.value)" }
    // env(1) changes the directory and becomes the program; the process stays the same.
    Self.starting.lock()
    let result = unsafe withCStrings(["env", "-C", directory] + arguments) { argv in
      unsafe withCStrings(variables) { envp in
        unsafe posix_spawnp(&pid, "env", &actions, &attributes, argv, envp)
      }
    }
    Self.starting.unlock()
    for descriptor in theirs where descriptor >= 0 { close(descriptor) }
    guard result == 0 else {
      for descriptor in [inputEnd, outputEnd, errorEnd] where descriptor >= 0 { close(descriptor) }
      throw Failure("cannot start \(arguments[0]): errno \(result)")
    }
    return pid
  }
}

private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer { unsafe pointers.forEach { unsafe free($0) } }
  return unsafe body(&pointers)
}

/// A new terminal: our end, and the path of the child's.
private func openTerminal() throws -> (descriptor: CInt, childPath: String) {
  // TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>; their macros do not reach Swift.
  let unlock: UInt = 0x4004_5431
  let number: UInt = 0x8004_5430
  let descriptor = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
  var zero: CInt = 0
  var index: CUnsignedInt = 0
  guard descriptor >= 0, unsafe ioctl(descriptor, unlock, &zero) == 0, unsafe ioctl(descriptor, number, &index) == 0
  else { throw Failure("no terminal: errno \(errno)") }
  return (descriptor, "/dev/pts/\(index)")
}

/// Sets a terminal's size; the kernel sends SIGWINCH to its foreground group.
func setTerminalSize(_ descriptor: CInt, columns: Int, rows: Int) {
  var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
  _ = unsafe ioctl(descriptor, UInt(TIOCSWINSZ), &size)
}
