internal import CGuardian
internal import Glibc
internal import SessionModel

/// A question on the agent's own controlling terminal, asked past whatever standard input and output are.
///
/// ```
///   init ── cooked mode, echo ──▶ asking ──readLine──▶ .line / .nothingYet / .ended
///                                   │  ▲
///                                   │  └── say: the text in the question's place, the question below it
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

  /// What became of something to be said while a question stands there.
  public enum Saying: Hashable, Sendable {
    /// It stands there, and the question below it, unanswered.
    case said
    /// It stands there; the question was answered before: ``readLine()`` has the answer.
    case answered
    /// The terminal takes nothing now (Ctrl-S), or is gone: nothing was written.
    case stopped
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
  private var isEnded = false

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
    isEnded = false
  }

  /// Shows `text`, forgets what was typed until then, and shows `question`: only what is typed after the question
  /// stands there can be its answer.
  @discardableResult
  public mutating func ask(_ text: String, question: String) -> Bool {
    guard write(text) else { return false }
    discardTypedAhead()
    return write(question)
  }

  /// Puts `text`, lines without a last line feed, in the place of the question that stands there, and the question below
  /// it, without waiting. Half a line that was typed stands behind the question again, and is part of the answer: what he sees
  /// there is what counts. A whole line is the answer.
  public mutating func say(_ text: String, question: String) -> Saying {
    guard takesOutput else { return .stopped }
    let isAnswered = holdsAnswer()
    guard write("\(lineErasure)\(text)\n") else { return .stopped }
    if isAnswered || takeHalfLine() { return .answered }
    let half = String(decoding: partial, as: UTF8.self)
    let fits = TextWidth.columns(of: question + half) < columns && TextSafety.problem(inField: half) == nil
    // No answer is so long: it is forgotten whole rather than kept unseen.
    if !fits { partial = [] }
    return write(fits ? question + half : question) ? .said : .stopped
  }

  /// Takes half a line from the terminal, which shows it nowhere any more and has no other way to hand it out; there is nothing
  /// left for it to erase then, neither here nor on the screen.
  /// - Returns: whether the line was completed meanwhile.
  private mutating func takeHalfLine() -> Bool {
    var modes = termios()
    guard unsafe tcgetattr(descriptor, &modes) == 0 else { return false }
    let lineModes = modes
    modes.c_lflag &= ~tcflag_t(ICANON)
    unsafe withUnsafeMutableBytes(of: &modes.c_cc) { bytes in
      // With less than one byte to wait for, nothing typed would look like the end of file.
      unsafe bytes[Int(VMIN)] = 1
      unsafe bytes[Int(VTIME)] = 0
    }
    guard Self.setModes(descriptor, modes) else { return false }
    defer { _ = Self.setModes(descriptor, lineModes) }
    return holdsAnswer()
  }

  /// Takes the line away that the cursor stands in, by carriage returns and spaces: any terminal can do that. The last column is
  /// left out, for some terminals go on to the next line behind it.
  public var lineErasure: String { "\r\(String(repeating: " ", count: max(0, columns - 1)))\r" }

  private var takesOutput: Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&wait, 1, 0) == 1 && wait.revents & Int16(POLLOUT) != 0
  }

  /// Reads what is there, without waiting.
  public mutating func readLine() -> Answer {
    guard holdsAnswer() else { return .nothingYet }
    guard let end = partial.firstIndex(of: UInt8(ascii: "\n")) else { return .ended }
    let line = String(decoding: partial[..<end].prefix(Self.maximumLineBytes), as: UTF8.self)
    partial.removeSubrange(...end)
    return .line(line)
  }

  /// Whether a line, or the end, was typed and not read yet.
  private mutating func holdsAnswer() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !isEnded, !partial.contains(UInt8(ascii: "\n")) {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        // Without an end of line yet, only the part that can be shown is kept, and room for the end.
        partial = Array(partial.prefix(Self.maximumLineBytes)) + buffer[..<count]
      } else if count < 0, errno == EAGAIN {
        return false
      } else if count == 0 || errno != EINTR {
        isEnded = true
      }
    }
    return true
  }

  /// Sets modes at once. A background process would be stopped for it (SIGTTOU); it is left alone instead.
  private static func setModes(_ descriptor: CInt, _ modes: termios) -> Bool {
    guard tcgetpgrp(descriptor) == getpgrp() else { return false }
    var modes = modes
    return unsafe tcsetattr(descriptor, TCSANOW, &modes) == 0
  }
}
