public import SessionModel

internal import CGuardian

/// A process that runs, and this side's ends of its streams.
///
/// The descriptors are non-blocking, close-on-exec, fit for epoll, and **owned by the caller**, who closes each once.
/// Reading a terminal: after the exit was reported, read until `EAGAIN` or `EIO`; then every byte it wrote has been
/// seen (the kernel flushes its buffers before it answers "nothing there"). `EIO` alone means that no process has the
/// terminal open any more. Closing a terminal's master hangs its processes up.
public struct SpawnedProcess: Hashable, Sendable {
  /// How the process is connected.
  public enum Streams: Hashable, Sendable {
    /// The terminal's master: read its output, write its input.
    case terminal(CInt)
    /// Write to `input`; read from `output` and `error`.
    case pipes(input: CInt, output: CInt, error: CInt)
  }

  /// The process's id, and that of its group and session.
  public let pid: Int32
  /// Descriptors to talk to it.
  public let streams: Streams

  /// The terminal's master, nil when it runs on pipes.
  public var terminal: CInt? {
    switch streams {
    case .terminal(let master): master
    case .pipes: nil
    }
  }

  /// Where its standard input is written: the terminal's master, or a pipe.
  public var input: CInt {
    switch streams {
    case .terminal(let master): master
    case .pipes(let input, _, _): input
    }
  }

  /// Where its standard output is read: the terminal's master, or a pipe.
  public var output: CInt {
    switch streams {
    case .terminal(let master): master
    case .pipes(_, let output, _): output
    }
  }

  /// Where its standard error is read; nil on a terminal.
  public var error: CInt? {
    switch streams {
    case .terminal: nil
    case .pipes(_, _, let error): error
    }
  }

  /// Tells the terminal its new size (its foreground processes get SIGWINCH); false when there is no terminal or it is
  /// gone. To be called only while the master is open.
  @discardableResult
  public func resize(to size: TerminalSize) -> Bool {
    guard let terminal else { return false }
    return fixline_terminal_resize(terminal, size.columns, size.rows, size.widthPixels, size.heightPixels) == 0
  }
}
