import Foundation
import Testing

/// OpenSSH's client with the agent's server in place of sshd's.
@Suite(.serialized)
struct RealClientTests {
  /// Runs a batch over a fresh tree; what the client printed, and the events.
  private func sftp(_ batch: String, fixture: String, options: String = "", check: String) throws -> (String, String) {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let tree = "\(base)/fixline-client-\(UInt64.random(in: 0...UInt64.max))"
    defer { _ = try? Shell.run("rm -rf '\(tree)' '\(tree).events' '\(tree).batch'") }
    try Shell.run("mkdir -p '\(tree)/far' '\(tree)/near'; cd '\(tree)/far'; \(fixture)")
    try batch.write(toFile: tree + ".batch", atomically: true, encoding: .utf8)
    let server =
      "\(ServerProcess.probe) --home \(tree)/far --events \(tree).events \(options.replacingOccurrences(of: "{far}", with: tree + "/far"))"
    let output = try Shell.run("timeout 60 sftp -b '\(tree).batch' -D '\(server)'", directory: tree + "/near")
    try Shell.run(check, directory: tree)
    return (
      output, try String(contentsOfFile: tree + ".events", encoding: .utf8).replacingOccurrences(of: tree, with: "")
    )
  }

  @Test func `get, put and the rest do what they do with sshd`() throws {
    let (output, events) = try sftp(
      """
      get big copy
      put copy new
      rename new renamed
      chmod 640 renamed
      symlink renamed link
      ln renamed hard
      mkdir d
      put copy d/in
      rename d/in hard
      rmdir d
      copy big copied
      df -h
      ls -la
      rm copied
      """, fixture: "head -c 3000000 /dev/urandom > big; printf x > $'new\\nline'; printf u > $'\\xff\\xfe'",
      check: """
        cmp far/big near/copy; cmp far/big far/renamed; cmp far/big far/hard; test "$(stat -c %a far/renamed)" = 640
        test "$(readlink far/link)" = renamed; test ! -e far/d; test ! -e far/copied
        """)
    #expect(output.contains("new\nline"))
    #expect(output.contains("lrwxrwxrwx"))
    for line in [
      "1 opened from-machine /far/big", "2 closed 1 to=0 from=3000000", "3 opened to-machine /far/new",
      "renamed /far/new /far/renamed", "changed /far/renamed", "symlinked /far/link renamed",
      "linked /far/renamed /far/hard",
      "made /far/d", "removed-directory /far/d", "removed /far/copied", "listed /far",
    ] { #expect(events.contains(line), "\(line) in \(events)") }
    #expect(events.contains(/copied \d+ \d+ 3000000/))
  }

  @Test func `get and put go on beyond 4 GiB in a sparse file`() throws {
    _ = try sftp(
      "reget large there\nreput here large-put\n",
      fixture: """
        truncate -s 4400M large; printf end >> large; truncate -s 4399M ../near/there
        cp --sparse=always large ../near/here; truncate -s 4399M large-put
        """,
      check: """
        for pair in "far/large near/there" "near/here far/large-put"; do
          set -- $pair; test "$(stat -c %s $1)" = "$(stat -c %s $2)"; cmp --ignore-initial=4600000000 $1 $2
        done
        """)
  }

  @Test func `read-only takes nothing`() throws {
    #expect(throws: Shell.Failure.self) {
      try sftp("put f g", fixture: "echo x > ../near/f", options: "--read-only", check: "true")
    }
    let (_, events) = try sftp("get f f", fixture: "echo x > f", options: "--read-only", check: "cmp far/f near/f")
    #expect(events.contains("opened from-machine /far/f"))
  }

  @Test func `a confined root shows nothing above it`() throws {
    let (output, _) = try sftp(
      "cd /\nls -a\nget ../../f out\ncd ../..\npwd\n",
      fixture: "echo x > f; echo s > ../secret; ln -s ../secret escape",
      options: "--root {far} --home /", check: "cmp far/f near/out")
    #expect(!output.contains("secret\n"))
  }

  @Test func `a directory of 10,000 entries is shown whole`() throws {
    let (output, _) = try sftp(
      "ls -1 many", fixture: "mkdir many; cd many; seq -f 'n%.0f' 10000 | xargs touch", check: "true")
    #expect(output.split(separator: "\n").count { $0.hasPrefix("many/n") } == 10_000)
  }
}
