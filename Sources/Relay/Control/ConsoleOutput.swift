import Foundation

/// What the programs write for people and scripts: whole lines, unbuffered, on the two standard outputs.
public enum ConsoleOutput {
  /// Writes `text` and a line end (unless it ends in one) on standard output. A reader that went away is no error here:
  /// the work is done, only nobody looks.
  public static func print(_ text: String) { write(text, to: FileHandle.standardOutput) }

  /// Writes one line on standard error.
  public static func complain(_ line: String) { write(line, to: FileHandle.standardError) }

  private static func write(_ text: String, to handle: FileHandle) {
    // By byte: CR and LF together are one character.
    let whole = text.utf8.last == UInt8(ascii: "\n") || text.isEmpty ? text : text + "\n"
    try? handle.write(contentsOf: Data(whole.utf8))
  }
}
