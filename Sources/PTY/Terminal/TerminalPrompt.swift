internal import CGuardian
internal import Glibc

/// A question on the agent's own controlling terminal, asked past whatever standard input and output are.
///
/// ```
///   init ── cooked mode, echo ──▶ asking ──readLine──▶ .line / .nothingYet / .ended
///                                   │
///                                 deinit ──▶ modes as found, descriptor closed
/// ```
/// The descriptor is this object's own opening of /dev/tty, so that making it non-blocking does not touch the
/// descriptors the shell shares with the agent.
public struct TerminalPrompt: ~Copyable {
  /// What reading brought.
  public enum Answer: Hashable, Sendable {
    /// A line, without its end. Bytes that are not UTF-8 are replaced; what exceeds
    /// ``TerminalPrompt/maximumLineBytes`` is dropped.
    case line(String)
    /// No complete line yet: wait for ``TerminalPrompt/descriptor`` to become readable.
    case nothingYet
    /// The terminal was hung up, or end of file was typed.
    case ended
  }

  /// A longer answer is cut, in bytes.
  public static let maximumLineBytes = 1_024
  /// How long writing waits for a terminal whose output was stopped (Ctrl-S), in milliseconds.
  public static let writeLimitMilliseconds: Int32 = 2_000
  /// Assumed when the terminal does not tell its width.
  public static let defaultColumns = 80

  /// Becomes readable when a line was typed. Not to be closed by the caller.
  public let descriptor: CInt
  private let modesFound: termios
  private var partial: [UInt8] = []

  /// Opens the controlling terminal (or `path`) and puts it into line mode with echo.
  public init(path: String = "/dev/tty") throws(ProcessError) {
    let opened = unsafe open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { throw .noTerminal(errno: errno) }
    var modes = termios()
    guard unsafe tcgetattr(opened, &modes) == 0 else {
      let error = errno
      close(opened)
      throw .noTerminal(errno: error)
    }
    descriptor = opened
    modesFound = modes
    modes.c_iflag |= tcflag_t(ICRNL)
    modes.c_lflag |= tcflag_t(ICANON | ECHO | ECHOE | ISIG)
    modes.c_oflag |= tcflag_t(OPOST | ONLCR)
    _ = Self.setModes(opened, modes)
  }

  deinit {
    _ = Self.setModes(descriptor, modesFound)
    close(descriptor)
  }

  /// False when the agent runs in the background of its terminal: it could not read an answer.
  public var isForeground: Bool {
    tcgetpgrp(descriptor) == getpgrp()
  }

  /// The terminal's width in characters.
  public var columns: Int {
    let told = Int(fixline_terminal_columns(descriptor))
    return told > 0 ? told : Self.defaultColumns
  }

  /// Writes text as it is. False when the terminal is gone or takes nothing for ``writeLimitMilliseconds``.
  @discardableResult
  public func write(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&wait, 1, Self.writeLimitMilliseconds) > 0 || errno == EINTR else { return false }
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Forgets what was typed before now.
  public mutating func discardTypedAhead() {
    tcflush(descriptor, TCIFLUSH)
    partial = []
  }

  /// Shows `text`, forgets what was typed until then, and shows `question`: only what is typed after the question
  /// stands there can be its answer.
  @discardableResult
  public mutating func ask(_ text: String, question: String) -> Bool {
    guard write(text) else { return false }
    discardTypedAhead()
    return write(question)
  }

  /// Reads what is there, without waiting.
  public mutating func readLine() -> Answer {
    while true {
      if let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: partial[..<end].prefix(Self.maximumLineBytes), as: UTF8.self)
        partial.removeSubrange(...end)
        return .line(line)
      }
      var buffer = [UInt8](repeating: 0, count: 4_096)
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        // Without an end of line yet, only the part that can be shown is kept, and room for the end.
        partial = Array(partial.prefix(Self.maximumLineBytes)) + buffer[..<count]
      } else if count == 0 {
        return .ended
      } else if errno == EAGAIN {
        return .nothingYet
      } else if errno != EINTR {
        return .ended
      }
    }
  }

  /// Sets modes at once. A background process would be stopped for it (SIGTTOU); it is left alone instead.
  private static func setModes(_ descriptor: CInt, _ modes: termios) -> Bool {
    guard tcgetpgrp(descriptor) == getpgrp() else { return false }
    var modes = modes
    return unsafe tcsetattr(descriptor, TCSANOW, &modes) == 0
  }
}
