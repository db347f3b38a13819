import Glibc

/// The pipes between the agent and a process: larger than the kernel makes them, so that both sides work longer before one
/// has to wait for the other.
enum PipeSize {
  /// What a pipe holds, in bytes. Any user may have so much (/proc/sys/fs/pipe-max-size is 1 MiB); where he may not, the pipe
  /// stays as it is.
  static let bytes = 256 * 1024
  /// F_SETPIPE_SZ of <fcntl.h>, which shows it to GNU sources only.
  private static let setSize: CInt = 1031

  /// Of no effect on a terminal.
  static func enlarge(_ descriptor: CInt) { _ = fcntl(descriptor, setSize, CInt(bytes)) }
}
