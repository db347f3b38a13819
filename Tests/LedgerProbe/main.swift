import Foundation
import Ledger
import LedgerSQLite
import SessionModel

// The ledger in a process of its own, so that tests can put a failing disk below it and kill it: opens the file named as its
// argument, then answers each line of standard input with one line.
//
//   append TEXT   ok SEQUENCE, or error TEXT
//   read          how many entries a reader is shown, or error TEXT
//   settle        ok, or error TEXT

/// Writes one line, unbuffered.
func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

do throws(StoreError) {
  let ledger = try SQLiteLedger(path: CommandLine.arguments.last ?? "")
  answer("open")
  while let line = readLine() {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    do throws(StoreError) {
      switch words.first {
      case "append":
        let draft = LedgerNote(text: words.last ?? "", by: "relay").draft()
        answer("ok \(try ledger.append(draft, at: WallTime(milliseconds: 0)).sequence)")
      case "read":
        var count = 0
        try ledger.forEachEntry(from: 1) { _ in
          count += 1
          return true
        }
        answer("\(count)")
      case "settle":
        try ledger.settle()
        answer("ok")
      default: answer("what?")
      }
    } catch {
      answer("error \(error)")
    }
  }
} catch {
  answer("error \(error)")
}
